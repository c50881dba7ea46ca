import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { ProbityError } from '../errors.ts';

/** A closed interval. For proportions both ends lie in [0, 1]; for differences in [-1, 1]. */
export interface Interval {
  lower: number;
  upper: number;
}

/**
 * Refuses counts that are not counts.
 * @throws ProbityError STATISTIC_UNDEFINED unless `n` is a positive integer and `k` an integer in [0, n]
 */
export function checkCounts(k: number, n: number): void {
  if (!Number.isSafeInteger(n) || n < 1 || !Number.isSafeInteger(k) || k < 0 || k > n)
    throw new ProbityError(
      'STATISTIC_UNDEFINED',
      `a proportion needs whole counts 0 <= k <= n with n >= 1, not k=${k}, n=${n}`,
    );
}

/** The quantile of the standard normal distribution; `p` in (0, 1). */
export function zScore(p: number): number {
  return normalQuantile(p, 0, 1);
}

/**
 * Exact two-sided binomial interval (Clopper & Pearson 1934), by quantiles of the beta distribution.
 * Coverage is at least `confidence` for every true proportion.
 * @param k successes, 0..n
 * @param n trials, >= 1
 * @param confidence in (0, 1), default 0.95
 */
export function clopperPearson(k: number, n: number, confidence = 0.95): Interval {
  checkCounts(k, n);
  const tail = (1 - confidence) / 2;
  return { lower: lowerTail(k, n, tail), upper: upperTail(k, n, tail) };
}

/**
 * Exact one-sided upper bound of a proportion. With k = 0 it is 1 - (1 - confidence)^(1/n).
 * @param k successes, 0..n
 * @param n trials, >= 1
 */
export function clopperPearsonUpper(k: number, n: number, confidence = 0.95): number {
  checkCounts(k, n);
  return upperTail(k, n, 1 - confidence);
}

/** Exact one-sided lower bound of a proportion, the mirror of {@link clopperPearsonUpper}. */
export function clopperPearsonLower(k: number, n: number, confidence = 0.95): number {
  checkCounts(k, n);
  return lowerTail(k, n, 1 - confidence);
}

// The closed forms at the ends are exact where a quantile routine would only be close.
function lowerTail(k: number, n: number, tail: number): number {
  if (k === 0) return 0;
  if (k === n) return tail ** (1 / n);
  return betaQuantile(tail, k, n - k + 1);
}

function upperTail(k: number, n: number, tail: number): number {
  if (k === n) return 1;
  if (k === 0) return -Math.expm1(Math.log(tail) / n);
  return betaQuantile(1 - tail, k + 1, n - k);
}

/**
 * Score interval of a proportion (Wilson 1927), the building block of Newcombe's intervals for differences.
 * @param k successes, 0..n
 * @param n trials, >= 1
 */
export function wilson(k: number, n: number, confidence = 0.95): Interval {
  checkCounts(k, n);
  const z = zScore(1 - (1 - confidence) / 2);
  const p = k / n;
  const centre = 2 * k + z * z;
  const spread = z * Math.sqrt(z * z + 4 * k * (1 - p));
  const scale = 2 * (n + z * z);
  return { lower: k === 0 ? 0 : (centre - spread) / scale, upper: k === n ? 1 : (centre + spread) / scale };
}

/**
 * The smallest number of trials at which the exact upper bound of a proportion falls to `max`, when successes
 * go on at the observed rate (rounded up, so the answer never flatters).
 * @returns undefined when no sample size can do it, because the observed rate itself is not below `max`
 */
export function trialsNeeded(
  observedRate: number,
  max: number,
  options: { oneSided?: boolean; confidence?: number } = {},
): number | undefined {
  const confidence = options.confidence ?? 0.95;
  if (!(max > 0) || observedRate >= max) return undefined;
  const bound = (n: number): number => {
    const k = Math.min(n, Math.ceil(observedRate * n - 1e-9));
    return options.oneSided ? clopperPearsonUpper(k, n, confidence) : clopperPearson(k, n, confidence).upper;
  };
  return smallest((n) => bound(n) <= max, 1e9);
}

/** The least whole number from 1 to `ceiling` for which a condition holds that never fails again once it holds. */
export function smallest(holds: (n: number) => boolean, ceiling: number): number | undefined {
  let high = 1;
  while (!holds(high)) {
    high *= 2;
    if (high > ceiling) return undefined;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
