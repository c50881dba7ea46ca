import { clopperPearsonUpper, smallest, zScore } from './binomial.ts';
import { type PairedOutcomes, type Proportion, pairedDifference, unpairedDifference } from './difference.ts';

/*
 * How large a sample must be before a claim could be shown, if what was observed went on. Answers are rounded so that
 * they never flatter. For a proportion see trialsNeeded.
 */

/**
 * The fewest non-members at which no false positive at all shows, with one-sided confidence, that the false-positive
 * rate is kept to `limit`: 2 995 for 0.1%.
 * @param limit in (0, 1)
 */
export function nonMembersToShow(limit: number, confidence = 0.95): number | undefined {
  return smallest((n) => clopperPearsonUpper(0, n, confidence) <= limit, 1e9);
}

/**
 * How many times the sample must be repeated, at the same area and the same spread of scores, before the upper DeLong
 * bound on the logit scale falls to `max`: the variance of the area falls as one over the sample.
 * @returns a factor above 1, or undefined when the area itself is not below `max` or the variance is unknown
 */
export function aucSampleFactor(
  area: { estimate: number; variance: number },
  max: number,
  confidence = 0.95,
): number | undefined {
  const { estimate, variance } = area;
  if (!(estimate > 0 && estimate < max && max < 1) || !(variance > 0)) return undefined;
  const z = zScore(1 - (1 - confidence) / 2);
  const room = Math.log(max / (1 - max)) - Math.log(estimate / (1 - estimate));
  return Math.max(1, ((z * Math.sqrt(variance)) / (estimate * (1 - estimate)) / room) ** 2);
}

/**
 * The fewest targets at which the upper bound of attack minus baseline falls to `max`, outcomes in the proportions
 * observed.
 * @returns undefined when the observed difference is not below `max`
 */
export function targetsNeeded(
  observed: { paired: PairedOutcomes } | { attack: Proportion; baseline: Proportion },
  max: number,
  confidence = 0.95,
): number | undefined {
  const ceiling = 1e8;
  if ('paired' in observed) {
    const { both, attackOnly, baselineOnly, neither } = observed.paired;
    const n = both + attackOnly + baselineOnly + neither;
    if ((attackOnly - baselineOnly) / n >= max) return undefined;
    return smallest((size) => {
      const scale = (count: number): number => Math.round((count / n) * size);
      const scaled = {
        both: scale(both),
        attackOnly: Math.ceil((attackOnly / n) * size),
        baselineOnly: Math.floor((baselineOnly / n) * size),
        neither: scale(neither),
      };
      const { both: b, attackOnly: a, baselineOnly: l, neither: o } = scaled;
      return b + a + l + o > 0 && pairedDifference(scaled, confidence).upper <= max;
    }, ceiling);
  }
  const { attack, baseline } = observed;
  if (attack.k / attack.n - baseline.k / baseline.n >= max) return undefined;
  return smallest((size) => {
    const more = { k: Math.min(size, Math.ceil((attack.k / attack.n) * size - 1e-9)), n: size };
    const less = { k: Math.floor((baseline.k / baseline.n) * size + 1e-9), n: size };
    return unpairedDifference(more, less, confidence).upper <= max;
  }, ceiling);
}
