import { checkCounts, type Interval, wilson } from './binomial.ts';

/** A difference of two proportions, attack minus baseline, in [-1, 1]. */
export interface Difference extends Interval {
  estimate: number;
}

/** Successes `k` out of `n` trials. */
export interface Proportion {
  k: number;
  n: number;
}

/** Outcomes of attack and baseline on the same targets: counts of targets, all >= 0. */
export interface PairedOutcomes {
  both: number;
  attackOnly: number;
  baselineOnly: number;
  neither: number;
}

/**
 * Difference of two independent proportions with the hybrid score interval
 * (Newcombe 1998, Statistics in Medicine 17:873, method 10).
 */
export function unpairedDifference(attack: Proportion, baseline: Proportion, confidence = 0.95): Difference {
  const a = wilson(attack.k, attack.n, confidence);
  const b = wilson(baseline.k, baseline.n, confidence);
  const p = attack.k / attack.n;
  const q = baseline.k / baseline.n;
  return {
    estimate: p - q,
    lower: Math.max(-1, p - q - Math.hypot(p - a.lower, b.upper - q)),
    upper: Math.min(1, p - q + Math.hypot(a.upper - p, q - b.lower)),
  };
}

/**
 * Difference of two proportions measured on the same targets, with the paired score interval
 * (Newcombe 1998, Statistics in Medicine 17:2635, method 10: correlation with a continuity correction).
 * @throws ProbityError STATISTIC_UNDEFINED when there is no target
 */
export function pairedDifference(outcomes: PairedOutcomes, confidence = 0.95): Difference {
  const { both, attackOnly, baselineOnly, neither } = outcomes;
  const n = both + attackOnly + baselineOnly + neither;
  for (const count of [both, attackOnly, baselineOnly, neither]) checkCounts(count, n);
  const attack = both + attackOnly;
  const baseline = both + baselineOnly;
  const p = attack / n;
  const q = baseline / n;
  const a = wilson(attack, n, confidence);
  const b = wilson(baseline, n, confidence);
  const phi = correlation(both, attackOnly, baselineOnly, neither);
  const down = leg(p - a.lower, b.upper - q, phi);
  const up = leg(a.upper - p, q - b.lower, phi);
  return { estimate: p - q, lower: Math.max(-1, p - q - down), upper: Math.min(1, p - q + up) };
}

function leg(x: number, y: number, phi: number): number {
  return Math.sqrt(Math.max(0, x * x - 2 * phi * x * y + y * y));
}

function correlation(a: number, b: number, c: number, d: number): number {
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  if (margins === 0) return 0;
  const cross = a * d - b * c;
  const half = (a + b + c + d) / 2;
  const corrected = cross > half ? cross - half : Math.min(cross, 0);
  return corrected / Math.sqrt(margins);
}
