import { ProbityError } from '../errors.ts';
import { clopperPearson, type Interval } from './binomial.ts';
import type { Proportion } from './difference.ts';

/**
 * How well a detector tells success from failure. Sensitivity: of true successes, the share it flags; specificity: of
 * true failures, the share it does not flag. Each as counts of a validation, or as a number in [0, 1] that is taken as exact.
 */
export interface DetectorAccuracy {
  sensitivity: Proportion | number;
  specificity: Proportion | number;
}

/** A rate with its interval; all in [0, 1]. */
export interface CorrectedRate extends Interval {
  estimate: number;
}

/**
 * The rate behind a detector's verdicts: (flagged rate + Sp - 1) / (Se + Sp - 1), kept within [0, 1] (Rogan & Gladen
 * 1978). The interval takes each of flagged rate, sensitivity and specificity at the ends of Clopper-Pearson intervals
 * that share the error evenly, so that it covers at least as often as it says; what is stated as a number adds no width.
 * @param flagged verdicts of success out of verdicts
 * @throws ProbityError STATISTIC_UNDEFINED when the detector is no better than chance (Se + Sp <= 1)
 */
export function roganGladen(flagged: Proportion, accuracy: DetectorAccuracy, confidence = 0.95): CorrectedRate {
  const estimated = [accuracy.sensitivity, accuracy.specificity].filter((value) => typeof value !== 'number').length;
  const shared = 1 - (1 - confidence) / (1 + estimated);
  const rate = clopperPearson(flagged.k, flagged.n, shared);
  const sensitivity = around(accuracy.sensitivity, shared);
  const specificity = around(accuracy.specificity, shared);
  if (sensitivity.estimate + specificity.estimate <= 1)
    throw new ProbityError(
      'STATISTIC_UNDEFINED',
      'a detector whose sensitivity and specificity sum to 1 or less is no better than chance',
    );
  return {
    estimate: behind(flagged.k / flagged.n, sensitivity.estimate, specificity.estimate),
    lower: behind(rate.lower, sensitivity.upper, specificity.lower),
    upper: sensitivity.lower + specificity.upper <= 1 ? 1 : behind(rate.upper, sensitivity.lower, specificity.upper),
  };
}

function around(value: Proportion | number, confidence: number): CorrectedRate {
  if (typeof value !== 'number')
    return { estimate: value.k / value.n, ...clopperPearson(value.k, value.n, confidence) };
  if (!(value >= 0 && value <= 1))
    throw new ProbityError('STATISTIC_UNDEFINED', `a sensitivity or specificity lies in [0, 1], not ${value}`);
  return { estimate: value, lower: value, upper: value };
}

function behind(rate: number, sensitivity: number, specificity: number): number {
  const falseAlarms = 1 - specificity;
  if (rate <= falseAlarms) return 0;
  return Math.min(1, (rate - falseAlarms) / (sensitivity - falseAlarms));
}
