import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import { clopperPearsonUpper, zScore } from './binomial.ts';
import type { PrivacyBudget, ThresholdCounts } from './privacy.ts';
import { firstAtLeast, type ScoreSample } from './roc.ts';

/*
 * Gaussian differential privacy (Dong, Roth & Su 2022), by which audits of DP-SGD show several times the loss that an
 * assumption-free bound can (Nasr et al. 2023).
 */

/** The least delta for which a mu-Gaussian mechanism is (epsilon, delta)-private (Balle & Wang 2018). */
export function gaussianDelta(mu: number, epsilon: number): number {
  if (mu <= 0) return 0;
  return normalCdf(-epsilon / mu + mu / 2, 0, 1) - Math.exp(epsilon) * normalCdf(-epsilon / mu - mu / 2, 0, 1);
}

/** The least epsilon for which a mu-Gaussian mechanism is (epsilon, delta)-private; found to 1e-10. @param delta in (0, 1) */
export function gaussianEpsilon(mu: number, delta: number): number {
  if (mu <= 0 || gaussianDelta(mu, 0) <= delta) return 0;
  let high = 1;
  while (gaussianDelta(mu, high) > delta && high < 1e6) high *= 2;
  let low = high === 1 ? 0 : high / 2;
  while (high - low > 1e-10 * Math.max(1, high)) {
    const middle = (low + high) / 2;
    if (gaussianDelta(mu, middle) > delta) low = middle;
    else high = middle;
  }
  return low;
}

/** The mu of the Gaussian mechanism that is just (epsilon, delta)-private. @param delta in (0, 1) */
export function gaussianMu({ epsilon, delta }: PrivacyBudget): number {
  let low = 0;
  let high = 1;
  while (gaussianDelta(high, epsilon) < delta && high < 1e6) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (gaussianDelta(middle, epsilon) < delta) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Lower bound on mu from one threshold: the errors of an attack on a mu-Gaussian mechanism satisfy
 * probit(1 - FPR) - probit(FNR) <= mu; both at one-sided Clopper-Pearson bounds that share the error.
 */
export function muAtThreshold(
  { truePositives, members, falsePositives, nonMembers }: ThresholdCounts,
  confidence = 0.95,
): number {
  const each = 1 - (1 - confidence) / 2;
  const accused = clopperPearsonUpper(falsePositives, nonMembers, each);
  const missed = clopperPearsonUpper(members - truePositives, members, each);
  if (accused >= 1 || missed >= 1) return 0;
  return Math.max(0, zScore(1 - accused) - zScore(missed));
}

/** False-positive rates of the thresholds that an audit tries, fixed before any score is seen. */
export const PRESET_RATES = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001] as const;

/**
 * Counts at thresholds that are preset ranks among the non-members: nothing of them is chosen by what members score, nor
 * by the order of rows. Both directions of the scores are tried.
 */
export function presetCounts({ members, nonMembers }: ScoreSample): ThresholdCounts[] {
  const n1 = members.length;
  const n0 = nonMembers.length;
  return PRESET_RATES.flatMap((rate): ThresholdCounts[] => {
    const rank = Math.floor(rate * n0);
    if (rank >= n0) return [];
    const high = nonMembers[n0 - 1 - rank] as number;
    const low = nonMembers[rank] as number;
    const fromHigh = (values: Float64Array, n: number): number => n - firstAtLeast(values, high, true);
    const fromLow = (values: Float64Array): number => firstAtLeast(values, low);
    return [
      {
        truePositives: fromHigh(members, n1),
        members: n1,
        falsePositives: fromHigh(nonMembers, n0),
        nonMembers: n0,
      },
      { truePositives: fromLow(members), members: n1, falsePositives: fromLow(nonMembers), nonMembers: n0 },
    ];
  });
}
