import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import binomialLogPmf from '@stdlib/stats-base-dists-binomial-logpmf';
import { ProbityError } from '../errors.ts';
import { clopperPearsonLower, clopperPearsonUpper } from './binomial.ts';
import type { ThresholdCounts } from './privacy.ts';
import { firstAtLeast, type ScoreSample } from './roc.ts';

/*
 * The true-positive rate at a low false-positive rate, with the threshold's own uncertainty. The threshold is estimated
 * from non-members, so "at a false-positive rate of alpha" is itself only an estimate, and a bound that takes it as
 * given errs far more often than it says.
 */

/** Which end of the scores speaks for membership: the high one, or the low one where an attacker turns them round. */
export type Tail = 'high' | 'low';

/** A true-positive rate at a false-positive rate, with the bounds that may decide about it. */
export interface LowRate {
  /** Share of members recognised at the rate; a block of tied scores is drawn by lot. */
  estimate: number;
  /** Proves that more than a limit is recognised, at the given confidence; in [0, 1]. */
  lower: number;
  /** Proves that no more is recognised, at the given confidence; 1 when the sample cannot show it. */
  upper: number;
  truePositives: number;
  falsePositives: number;
  /** What further thresholds do, at ranks that follow from the sizes alone; see {@link rateAt}. */
  beyond: { truePositives: number; falsePositives: number }[];
}

/** Whether scores can say anything at a rate. */
export interface RateResolution {
  /** All members, or all non-members, have one score. */
  constant: boolean;
  /** Share of non-members tied where the threshold falls. */
  tied: number;
  /** Whether some threshold accuses between a third and three times the share asked for. */
  near: boolean;
}

/** A threshold is near a rate within this factor. */
const NEAR = 3;

/**
 * @param sample sorted scores, see `sortedScores`
 * @param alpha false-positive rate in (0, 1)
 * @param confidence of each bound by itself, one-sided
 * @param failing confidence of `lower`, where several tails or tests share an error; default `confidence`
 * @throws ProbityError STATISTIC_UNDEFINED for a rate outside (0, 1)
 */
export function lowRate(
  sample: ScoreSample,
  alpha: number,
  tail: Tail = 'high',
  confidence = 0.95,
  failing = confidence,
): LowRate {
  checkRate(alpha);
  const n1 = sample.members.length;
  const n0 = sample.nonMembers.length;
  const at = readerOf(sample, tail);
  const allowed = Math.min(n0 - 1, Math.floor(alpha * n0 * (1 + 1e-12)));
  // Everything strictly beyond the first non-member that must not be accused may be.
  const countsAtRank = (rank: number): ThresholdCounts => {
    const { above, membersAbove } = at(rank + 1);
    return { truePositives: membersAbove, members: n1, falsePositives: above, nonMembers: n0 };
  };
  // Thresholds at ranks that follow from the size alone: the rate itself, a quarter of it, and nobody accused.
  const ranks = [...new Set([allowed, Math.floor(allowed / 4), 0])];
  const each = 1 - (1 - failing) / ranks.length;
  const { truePositives, falsePositives } = countsAtRank(allowed);
  return {
    estimate: recognisedAt(at, alpha * n0, n0) / n1,
    lower: Math.max(...ranks.map((rank) => failingBound(countsAtRank(rank), alpha, each))),
    upper: passingBound(at, alpha, n1, n0, confidence),
    truePositives,
    falsePositives,
    beyond: BEYOND.flatMap((times) => {
      const rank = Math.ceil(Math.max(1, alpha * n0) * times);
      if (rank >= n0) return [];
      const { truePositives: caught, falsePositives: accused } = countsAtRank(rank);
      return [{ truePositives: caught, falsePositives: accused }];
    }),
  };
}

/** How many times the non-members that the rate allows are accused at the further thresholds. */
const BEYOND = [1.25, 1.5, 2, 3, 4, 6, 9, 14, 20] as const;

/**
 * Upper bound on the true-positive rate at `alpha`. Accusing from the j-th most suspicious non-member on has a true
 * false-positive rate of at least alpha unless Binomial(n0, alpha) reaches j, whose chance is one part of the error; the
 * rate of members there, bounded by Clopper-Pearson at the rest of it, is then at least the one at alpha. 1 when even all
 * non-members are too few.
 */
function passingBound(at: Reader, alpha: number, n1: number, n0: number, confidence: number): number {
  const plan = rankFor(alpha, n1, n0, confidence);
  if (!plan) return 1;
  const { above, tied, membersAbove, membersTied } = at(plan.rank);
  // Of a tied block as many members as non-members, by lot.
  return upperOf(membersAbove + (membersTied * (plan.rank - above)) / tied, n1, plan.error);
}

/** Clopper-Pearson's upper bound for a count that need not be whole. */
function upperOf(count: number, n: number, error: number): number {
  return count >= n ? 1 : betaQuantile(1 - error, count + 1, n - count);
}

/** Which non-member the threshold is put at, and how much of the error is left for the members. */
interface RankPlan {
  rank: number;
  error: number;
}

/**
 * The rank that gives the smallest bound for a system that leaks nothing. It follows from the sizes of the sample alone,
 * so it is fixed before any score is seen. Undefined when the non-members are too few for any.
 */
function rankFor(alpha: number, n1: number, n0: number, confidence: number): RankPlan | undefined {
  const key = `${alpha} ${n1} ${n0} ${confidence}`;
  const known = plans.get(key);
  if (known !== undefined) return known ?? undefined;
  const whole = 1 - confidence;
  let best: (RankPlan & { bound: number }) | undefined;
  let below = 0;
  for (let rank = 1; rank <= n0; rank++) {
    below += Math.exp(binomialLogPmf(rank - 1, n0, alpha));
    const spent = 1 - below;
    if (spent >= whole) continue;
    const error = whole - spent;
    const bound = upperOf((rank * n1) / (n0 + 1), n1, error);
    if (!best || bound < best.bound) best = { rank, error, bound };
    if (spent < whole / 1000) break;
  }
  if (plans.size > MOST_PLANS) plans.clear();
  plans.set(key, best ?? null);
  return best;
}

const plans = new Map<string, RankPlan | null>();
const MOST_PLANS = 1000;

/**
 * Lower bound on the true-positive rate at `alpha` from one threshold that was not chosen for what it shows of members:
 * an attacker may draw lots between accusing as here and nobody, so the line from the origin is reached:
 * TPRlow * min(1, alpha / FPRup), each Clopper-Pearson at half the error.
 * @param confidence of the bound
 */
export function failingBound(
  { truePositives, members, falsePositives, nonMembers }: ThresholdCounts,
  alpha: number,
  confidence = 0.95,
): number {
  checkRate(alpha);
  const each = 1 - (1 - confidence) / 2;
  const caught = clopperPearsonLower(truePositives, members, each);
  const accused = clopperPearsonUpper(falsePositives, nonMembers, each);
  return caught * Math.min(1, alpha / accused);
}

/** What one threshold, given by counts alone, shows of a limit at `alpha`. */
export interface OperatingPointBounds {
  lower: number;
  upper: number;
  /** Whether the threshold accuses at least a share of alpha of all non-members, which a pass needs. */
  reachesRate: boolean;
}

/**
 * Bounds of an operating point at `alpha`. Only a threshold whose false-positive rate is at least alpha, by its lower
 * bound, says how many members are recognised there at most; both bounds of a side share its error.
 */
export function operatingPointBounds(counts: ThresholdCounts, alpha: number, confidence = 0.95): OperatingPointBounds {
  checkRate(alpha);
  const each = 1 - (1 - confidence) / 2;
  return {
    lower: failingBound(counts, alpha, confidence),
    upper: clopperPearsonUpper(counts.truePositives, counts.members, each),
    reachesRate: clopperPearsonLower(counts.falsePositives, counts.nonMembers, each) >= alpha,
  };
}

/** Whether the scores can say anything at `alpha`: not all alike, and some threshold comes near it. */
export function rateResolution(sample: ScoreSample, alpha: number, tail: Tail = 'high'): RateResolution {
  checkRate(alpha);
  const { members, nonMembers } = sample;
  const n0 = nonMembers.length;
  const constant = members[0] === members.at(-1) || nonMembers[0] === nonMembers.at(-1);
  const wanted = alpha * n0;
  const { above, tied } = readerOf(sample, tail)(Math.min(n0, Math.floor(wanted * (1 + 1e-12)) + 1));
  const near = (count: number): boolean => count > 0 && count >= wanted / NEAR && count <= wanted * NEAR;
  return { constant, tied: tied / n0, near: near(above) || near(above + tied) || wanted < 1 };
}

/** Counts around the non-member of a rank, 1 being the most suspicious: strictly beyond it, and tied with it. */
interface Around {
  above: number;
  tied: number;
  membersAbove: number;
  membersTied: number;
}
type Reader = (rank: number) => Around;

function readerOf({ members, nonMembers }: ScoreSample, tail: Tail): Reader {
  const n1 = members.length;
  const n0 = nonMembers.length;
  return (rank) => {
    const value = nonMembers[tail === 'high' ? n0 - rank : rank - 1] as number;
    const count = (values: Float64Array, n: number): [above: number, tied: number] => {
      const from = firstAtLeast(values, value);
      const to = firstAtLeast(values, value, true);
      return tail === 'high' ? [n - to, to - from] : [from, to - from];
    };
    const [above, tied] = count(nonMembers, n0);
    const [membersAbove, membersTied] = count(members, n1);
    return { above, tied, membersAbove, membersTied };
  };
}

/** How many members are recognised when `wanted` non-members may be accused; a tied block is entered by lot. */
function recognisedAt(at: Reader, wanted: number, n0: number): number {
  const { above, tied, membersAbove, membersTied } = at(Math.min(n0, Math.floor(wanted * (1 + 1e-12)) + 1));
  // Where single records differ, the step itself belongs to the next one; only a block is entered.
  if (tied === 1) return membersAbove;
  return membersAbove + (membersTied * Math.max(0, wanted - above)) / tied;
}

function checkRate(alpha: number): void {
  if (!(alpha > 0 && alpha < 1))
    throw new ProbityError('STATISTIC_UNDEFINED', `a false-positive rate lies between 0 and 1, and this is ${alpha}`);
}

/**
 * The chance that a system passes a limit at `alpha`, by the bound of {@link lowRate}, when it recognises a share `leak` of
 * its members beyond all non-members and treats the rest alike: ROC = leak + (1 - leak) FPR. Exact but for rounding the number of members that do not leak.
 * @param limit of the true-positive rate, in (0, 1)
 * @param leak in [0, 1)
 */
export function passingPower(
  alpha: number,
  limit: number,
  leak: number,
  sizes: { members: number; nonMembers: number },
  confidence = 0.95,
): number {
  const { members: n1, nonMembers: n0 } = sizes;
  const plan = rankFor(alpha, n1, n0, confidence);
  if (!plan || upperOf(0, n1, plan.error) > limit) return 0;
  let most = 0;
  while (most < n1 && upperOf(most + 1, n1, plan.error) <= limit) most++;
  // Members recognised: those that leak, and of the others as many as lie beyond the non-member of that rank.
  const others = Math.round(n1 * (1 - leak));
  const [a, b] = [plan.rank, n0 - plan.rank + 1];
  let chance = 1;
  for (let i = 0; i < a; i++) chance *= (b + i) / (b + others + i);
  const beyond: number[] = [chance];
  for (let k = 0; k < Math.min(most, others); k++) {
    chance *= ((others - k) * (a + k)) / ((k + 1) * (b + others - k - 1));
    beyond.push(chance);
  }
  let below = 0;
  const within = beyond.map((one) => {
    below += one;
    return below;
  });
  if (leak <= 0) return Math.min(1, within[Math.min(most, within.length - 1)] ?? 0);
  let power = 0;
  for (let k = 0; k <= most; k++)
    power += Math.exp(binomialLogPmf(k, n1, leak)) * (within[Math.min(most - k, within.length - 1)] ?? 0);
  return Math.min(1, power);
}

/** How often a sample has to let a system pass that deserves it. */
const POWER = 0.8;

/**
 * The fewest members, with as many non-members, with which a system passes in at least 80% of cases: one at half the limit,
 * or one that leaks nothing where `leaks` is false. To three digits, upward.
 * @returns undefined when ten million would not do
 */
export function recordsToPass(alpha: number, limit: number, leaks: boolean, confidence = 0.95): number | undefined {
  const leak = leaks ? Math.max(0, (limit / 2 - alpha) / (1 - alpha)) : 0;
  const enough = (n: number): boolean =>
    passingPower(alpha, limit, leak, { members: n, nonMembers: n }, confidence) >= POWER;
  let high = 64;
  while (!enough(high)) {
    high *= 2;
    if (high > 1e7) return undefined;
  }
  let low = high / 2;
  while (high - low > Math.max(1, low / 200)) {
    const middle = Math.round((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  const step = 10 ** Math.max(0, Math.floor(Math.log10(high)) - 2);
  return Math.ceil(high / step) * step;
}
