import binomialLogPmf from '@stdlib/stats-base-dists-binomial-logpmf';
import { ProbityError } from '../errors.ts';
import { clopperPearson, clopperPearsonLower, clopperPearsonUpper, type Interval } from './binomial.ts';

/**
 * A target is (n, p)-discoverable when n independent samples bring it out at least once with probability at least p:
 * 1 - (1 - q)^n >= p, where q is the chance that one sample does (Hayes et al. 2024).
 */
export interface Discoverability {
  /** Samples an attacker may draw, >= 1. */
  n: number;
  /** Probability in (0, 1). */
  p: number;
}

/** The share of targets that are (n, p)-discoverable, in [0, 1], with how many targets stand behind the estimate. */
export interface DiscoverableShare extends Interval {
  estimate: number;
  discoverable: number;
  targets: number;
}

function check(targets: number, { n, p }: Discoverability): void {
  if (targets === 0) throw new ProbityError('STATISTIC_UNDEFINED', 'there are no targets');
  if (!Number.isSafeInteger(n) || n < 1 || !(p > 0 && p < 1))
    throw new ProbityError(
      'STATISTIC_UNDEFINED',
      `discoverability needs a whole n >= 1 and 0 < p < 1, not n=${n}, p=${p}`,
    );
}

/** The least chance q of one sample at which a target is (n, p)-discoverable: 1 - (1 - p)^(1/n). */
export function discoverableFrom({ n, p }: Discoverability): number {
  return -Math.expm1(Math.log1p(-p) / n);
}

/**
 * The share when q of every target is known exactly, as from a language model's own token probabilities.
 * Clopper-Pearson over targets.
 * @param chances q of each target, in [0, 1]
 */
export function discoverableFromChances(
  chances: ArrayLike<number>,
  wanted: Discoverability,
  confidence = 0.95,
): DiscoverableShare {
  check(chances.length, wanted);
  const least = discoverableFrom(wanted);
  let discoverable = 0;
  for (let i = 0; i < chances.length; i++) {
    const q = chances[i] as number;
    if (!(q >= 0 && q <= 1))
      throw new ProbityError('STATISTIC_UNDEFINED', `chance ${i + 1} is ${q}, not within [0, 1]`);
    if (q >= least) discoverable++;
  }
  return {
    estimate: discoverable / chances.length,
    ...clopperPearson(discoverable, chances.length, confidence),
    discoverable,
    targets: chances.length,
  };
}

/**
 * The share when q is only sampled. The estimate counts targets whose observed rate reaches the least q. The bounds do
 * not trust that count: a discoverable target shows up at all in m samples with probability d >= 1 - (1 - p)^(m/n), so
 * the share is at most the bound on "seen at least once" divided by d; and one that is not discoverable is seen c times
 * or more with a probability b of at most 5%, so the share is at least (bound on "seen c times" - b) / (1 - b).
 * Each bound holds at half the error, for every distribution of q.
 * @param successes of each target, out of `samples`
 * @param samples drawn of each target, the same number for all, >= 1
 */
export function discoverableFromSamples(
  successes: ArrayLike<number>,
  samples: number,
  wanted: Discoverability,
  confidence = 0.95,
): DiscoverableShare {
  const targets = successes.length;
  check(targets, wanted);
  if (!Number.isSafeInteger(samples) || samples < 1)
    throw new ProbityError('STATISTIC_UNDEFINED', `samples are a whole number >= 1, not ${samples}`);
  const least = discoverableFrom(wanted);
  const often = unlikelyCount(samples, least);
  let seen = 0;
  let seenOften = 0;
  let discoverable = 0;
  for (let i = 0; i < targets; i++) {
    const k = successes[i] as number;
    if (!Number.isSafeInteger(k) || k < 0 || k > samples)
      throw new ProbityError('STATISTIC_UNDEFINED', `target ${i + 1} has ${k} successes of ${samples}`);
    if (k >= 1) seen++;
    if (k >= often.count) seenOften++;
    if (k / samples >= least) discoverable++;
  }
  const side = 1 - (1 - confidence) / 2;
  const shown = -Math.expm1((samples / wanted.n) * Math.log1p(-wanted.p));
  const estimate = discoverable / targets;
  const lower = (clopperPearsonLower(seenOften, targets, side) - often.chance) / (1 - often.chance);
  return {
    estimate,
    lower: Math.min(estimate, Math.max(0, lower)),
    upper: Math.max(estimate, Math.min(1, clopperPearsonUpper(seen, targets, side) / shown)),
    discoverable,
    targets,
  };
}

/** The least count that Binomial(samples, q) reaches with a probability of at most 5%, and that probability. */
function unlikelyCount(samples: number, q: number): { count: number; chance: number } {
  let below = 0;
  for (let count = 0; count <= samples; count++) {
    if (1 - below <= 0.05) return { count, chance: Math.max(0, 1 - below) };
    below += Math.exp(binomialLogPmf(count, samples, q));
  }
  return { count: samples + 1, chance: 0 };
}
