import { clopperPearsonLower, clopperPearsonUpper, type Interval, zScore } from './binomial.ts';
import { type Difference, type Proportion, unpairedDifference } from './difference.ts';
import { failingBound } from './lowRate.ts';
import type { ThresholdCounts } from './privacy.ts';
import { aucInterval } from './roc.ts';

/*
 * How much a number moved between two independent samples of one system. A change is claimed only where the interval of
 * the difference, new minus old, excludes zero.
 */

/** An estimate with its interval, at whatever confidence the interval was made. */
export interface Bounded extends Interval {
  estimate: number;
}

/**
 * Interval of a difference of two independent estimates from an interval for each (Zou & Donner 2008, Statistics in
 * Medicine 27:1693, the method behind Newcombe's hybrid score interval). Both intervals have the confidence of the result.
 * @returns new minus old
 */
export function boundedDifference(before: Bounded, after: Bounded): Difference {
  const estimate = after.estimate - before.estimate;
  const gap = (one: number): number => Math.max(0, one);
  return {
    estimate,
    lower: estimate - Math.hypot(gap(after.estimate - after.lower), gap(before.upper - before.estimate)),
    upper: estimate + Math.hypot(gap(after.upper - after.estimate), gap(before.estimate - before.lower)),
  };
}

/** Successes and trials, and how many more have no verdict: any of those may be a success. */
export interface Counted extends Proportion {
  missing: number;
}

/**
 * Difference of two rates, new minus old (Newcombe 1998, method 10), whatever the attempts without a verdict would have
 * shown: its ends are those of the least and the most favourable reading.
 */
export function rateDifference(before: Counted, after: Counted, confidence: number): Difference {
  const whole = ({ n, missing }: Counted): number => n + missing;
  const least = ({ k, ...one }: Counted): Proportion => ({ k, n: whole({ k, ...one }) });
  const most = ({ k, missing, n }: Counted): Proportion => ({ k: k + missing, n: n + missing });
  return {
    estimate: after.k / after.n - before.k / before.n,
    lower: unpairedDifference(least(after), most(before), confidence).lower,
    upper: unpairedDifference(most(after), least(before), confidence).upper,
  };
}

/** What is kept of an area: DeLong's variance where there is one, and the size of the smaller class. */
export interface AreaFacts {
  estimate: number;
  variance: number | undefined;
  smaller: number;
}

/**
 * How far an area tells members apart, whichever way an attacker reads the scores: the larger of the area and one minus
 * it, with DeLong's interval on the logit scale.
 */
export function areaEitherWay({ estimate, variance, smaller }: AreaFacts, confidence: number): Bounded {
  const { lower, upper } = aucInterval(estimate, variance, smaller, confidence);
  return {
    estimate: Math.max(estimate, 1 - estimate),
    lower: Math.max(lower, 1 - upper, 0.5),
    upper: Math.max(upper, 1 - lower),
  };
}

/** What one threshold does, and what further ones do that accuse more. */
export interface RateFacts extends ThresholdCounts {
  beyond?: readonly Pick<ThresholdCounts, 'truePositives' | 'falsePositives'>[] | undefined;
}

/**
 * The true-positive rate at a false-positive rate of `alpha`, from counts at thresholds near it, with the thresholds' own
 * uncertainty: both ends hold together with Clopper-Pearson's bounds on the rate of members and on the one of non-members,
 * half of each side's error to each. Below, an attacker may draw lots between the threshold and nobody. Above, the rate at
 * the first further threshold that accuses more than alpha, by its lower bound, is at least the one at alpha; which one that
 * is follows from the non-members alone. Without such a threshold, the hull of a curve rises no faster than the line from the
 * origin, so the rate at alpha is at most the one here times alpha over the false-positive rate here.
 */
export function rateAt({ beyond = [], ...counts }: RateFacts, alpha: number, confidence: number): Interval {
  const side = 1 - (1 - confidence) / 2;
  const each = 1 - (1 - side) / 2;
  const { members, nonMembers } = counts;
  const reached = beyond.find((one) => clopperPearsonLower(one.falsePositives, nonMembers, each) >= alpha);
  const lower = failingBound(counts, alpha, side);
  if (reached) return { lower, upper: clopperPearsonUpper(reached.truePositives, members, each) };
  const accused = clopperPearsonLower(counts.falsePositives, nonMembers, each);
  const recognised = clopperPearsonUpper(counts.truePositives, members, each);
  return { lower, upper: accused <= 0 ? 1 : Math.min(1, recognised * Math.max(1, alpha / accused)) };
}

/**
 * The difference that samples like these would have shown in 80% of cases: the mean half-width of its interval, and as
 * much beyond as that power takes. In the unit of the difference.
 */
export function differenceShown({ lower, upper }: Interval, confidence: number): number {
  const half = (upper - lower) / 2;
  return half * (1 + zScore(POWER) / zScore(1 - (1 - confidence) / 2));
}

/**
 * As {@link differenceShown} for rates, whose spread grows with them: the least rise from what both samples show together
 * that is seen in 80% of cases. 1 where no rise is.
 */
export function rateDifferenceShown(before: Counted, after: Counted, confidence: number): number {
  const from = (before.k + after.k + 1) / (before.n + after.n + 2);
  const z = zScore(POWER);
  const shown = (rise: number): boolean => {
    const to = from + rise;
    const spread = Math.sqrt((from * (1 - from)) / before.n + (to * (1 - to)) / after.n);
    // What is observed falls below the true rise by more than this in one case of five.
    const k = Math.floor(after.n * Math.max(0, to - z * spread));
    const old = { ...before, k: Math.round(before.n * from) };
    return rateDifference(old, { ...after, k }, confidence).lower > 0;
  };
  if (!shown(1 - from)) return 1;
  let low = 0;
  let high = 1 - from;
  while (high - low > 1e-4) {
    const middle = (low + high) / 2;
    if (shown(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** How often a change has to be seen before it is said that it would have been. */
const POWER = 0.8;
