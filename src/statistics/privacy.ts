import betaCdf from '@stdlib/stats-base-dists-beta-cdf';
import binomialLogPmf from '@stdlib/stats-base-dists-binomial-logpmf';
import { ProbityError } from '../errors.ts';
import { checkCounts, clopperPearson, smallest } from './binomial.ts';

/** A declared differential-privacy guarantee: epsilon > 0 in nats, delta in [0, 1). */
export interface PrivacyBudget {
  epsilon: number;
  delta: number;
}

/**
 * The highest true-positive rate any membership attack can have at a false-positive rate when training was
 * (epsilon, delta)-private: min(1, e^eps FPR + delta, 1 - e^-eps (1 - delta - FPR)) (Kairouz, Oh & Viswanath 2015).
 * @param falsePositiveRate in [0, 1]
 */
export function tprCap(falsePositiveRate: number, { epsilon, delta }: PrivacyBudget): number {
  const accusing = Math.exp(epsilon) * falsePositiveRate + delta;
  const clearing = 1 - Math.exp(-epsilon) * (1 - delta - falsePositiveRate);
  return Math.max(0, Math.min(1, accusing, clearing));
}

/** {@link tprCap} at false-positive rates spaced evenly on a log axis from `from` to 1, ready to be drawn. */
export function capCurve(
  budget: PrivacyBudget,
  from = 1e-7,
  count = 85,
): { falsePositiveRate: number; truePositiveRate: number }[] {
  return Array.from({ length: count }, (_, i) => {
    const falsePositiveRate = from ** (1 - i / (count - 1));
    return { falsePositiveRate, truePositiveRate: tprCap(falsePositiveRate, budget) };
  });
}

/** What one threshold does: counts of records. */
export interface ThresholdCounts {
  truePositives: number;
  members: number;
  falsePositives: number;
  nonMembers: number;
}

/**
 * Lower bound on epsilon from one threshold that was chosen without looking at these records: the larger of
 * ln((TPRlow - delta) / FPRup) and ln((TNRlow - delta) / FNRup), with one-sided Clopper-Pearson bounds at half the
 * error each, so that both hold together (Jagielski, Ullman & Oprea 2020; Nasr et al. 2021).
 * @param delta in [0, 1)
 * @returns nats, >= 0; 0 says nothing
 * @throws ProbityError STATISTIC_UNDEFINED for counts that are not counts
 */
export function epsilonAtThreshold(counts: ThresholdCounts, delta = 0, confidence = 0.95): number {
  const { truePositives, members, falsePositives, nonMembers } = counts;
  // A two-sided interval at this confidence spends half of the error on each end, which is the bound wanted here.
  const caught = clopperPearson(truePositives, members, confidence);
  const accused = clopperPearson(falsePositives, nonMembers, confidence);
  const missed = clopperPearson(members - truePositives, members, confidence);
  const cleared = clopperPearson(nonMembers - falsePositives, nonMembers, confidence);
  return Math.max(0, logRatio(caught.lower - delta, accused.upper), logRatio(cleared.lower - delta, missed.upper));
}

function logRatio(above: number, below: number): number {
  return above > 0 && below > 0 ? Math.log(above / below) : 0;
}

/** Records with a score of at least `threshold` are accused. Arrays in any order. */
export function countsAt(
  threshold: number,
  members: ArrayLike<number>,
  nonMembers: ArrayLike<number>,
): ThresholdCounts {
  return {
    truePositives: atLeast(members, threshold),
    members: members.length,
    falsePositives: atLeast(nonMembers, threshold),
    nonMembers: nonMembers.length,
  };
}

function atLeast(values: ArrayLike<number>, threshold: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if ((values[i] as number) >= threshold) count++;
  return count;
}

/**
 * Lower bound on epsilon from a grid of thresholds fixed before the scores were seen: the largest of
 * {@link epsilonAtThreshold} over the grid, each at an error shared evenly (Bonferroni).
 * @param thresholds at least one; must not have been chosen by looking at these scores
 */
export function epsilonOverGrid(
  members: ArrayLike<number>,
  nonMembers: ArrayLike<number>,
  thresholds: readonly number[],
  delta = 0,
  confidence = 0.95,
): number {
  if (thresholds.length === 0) throw new ProbityError('STATISTIC_UNDEFINED', 'a grid needs at least one threshold');
  const shared = 1 - (1 - confidence) / thresholds.length;
  return Math.max(
    ...thresholds.map((threshold) => epsilonAtThreshold(countsAt(threshold, members, nonMembers), delta, shared)),
  );
}

/**
 * The fewest members and as many non-members with which a perfect attack would show more than `epsilon` by
 * {@link epsilonAtThreshold}; a smaller test could not contradict the claim whatever the model did.
 * @returns undefined when no sample of up to 10^12 records could
 */
export function recordsToContradict({ epsilon, delta }: PrivacyBudget, confidence = 0.95): number | undefined {
  const tail = (1 - confidence) / 2;
  return smallest((n) => {
    const missed = -Math.expm1(Math.log(tail) / n);
    return logRatio(1 - missed - delta, missed) > epsilon;
  }, 1e12);
}

/** A one-run audit: canaries put into one training run by independent fair coins, and guesses about some of them. */
export interface OneRunAudit {
  /** Canaries that a coin was thrown for. */
  canaries: number;
  /** Canaries guessed about; the auditor abstained on the rest. */
  guesses: number;
  /** Guesses that were right. */
  correct: number;
}

/**
 * The chance of at least so many right guesses if training were (epsilon, delta)-private
 * (Steinke, Nasr & Jagielski 2023, theorem 5.2).
 */
export function oneRunPValue({ canaries, guesses, correct }: OneRunAudit, { epsilon, delta }: PrivacyBudget): number {
  checkAudit({ canaries, guesses, correct });
  if (correct === 0) return 1;
  const accuracy = 1 / (1 + Math.exp(-epsilon));
  const tail = betaCdf(accuracy, correct, guesses - correct + 1);
  if (delta === 0) return Math.min(1, tail);
  // The largest mean, over the i counts just below, of their binomial chances.
  let steepest = 0;
  let sum = 0;
  for (let i = 1; i <= correct; i++) {
    sum += Math.exp(binomialLogPmf(correct - i, guesses, accuracy));
    steepest = Math.max(steepest, sum / i);
    // Chances sum to 1, so no mean further down can be larger than this.
    if (1 / (i + 1) < steepest) break;
  }
  return Math.min(1, tail + 2 * canaries * delta * steepest);
}

function checkAudit({ canaries, guesses, correct }: OneRunAudit): void {
  checkCounts(correct, Math.max(1, guesses));
  checkCounts(guesses, canaries);
}

/**
 * Lower bound on epsilon from a one-run audit: the largest epsilon that so many right guesses refute.
 * @returns nats, >= 0, found to 1e-12; 0 says nothing
 */
export function oneRunEpsilon(audit: OneRunAudit, delta = 0, confidence = 0.95): number {
  checkAudit(audit);
  const refuted = (epsilon: number): boolean => oneRunPValue(audit, { epsilon, delta }) < 1 - confidence;
  if (audit.guesses === 0 || !refuted(0)) return 0;
  let low = 0;
  let high = 1;
  while (refuted(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-12 * Math.max(1, high)) {
    const middle = (low + high) / 2;
    if (refuted(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The fewest guesses, all of them right, that would refute `epsilon`; undefined when a million would not. */
export function guessesToContradict({ epsilon, delta }: PrivacyBudget, confidence = 0.95): number | undefined {
  return smallest(
    (n) => oneRunPValue({ canaries: n, guesses: n, correct: n }, { epsilon, delta }) < 1 - confidence,
    1e6,
  );
}
