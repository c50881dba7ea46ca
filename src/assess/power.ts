import type { MeasureCriterion } from '../catalog/schemas.ts';
import type { Measurement } from '../measure/measurement.ts';
import { trialsNeeded } from '../statistics/binomial.ts';
import { aucSampleFactor, targetsNeeded } from '../statistics/power.ts';
import { type EvaluationContext, numberOf } from './context.ts';
import type { Need } from './outcome.ts';

/* What a sample must hold before a criterion will listen to it, and what it would have to hold to satisfy it. */

const COUNTED: Partial<Record<Measurement['measure'], string>> = {
  rate: 'trials',
  reconstruction: 'targets',
  extraction: 'targets',
  advantage: 'targets',
  disclosure: 'items',
  exposure: 'canaries',
};

/** The least the criterion, its profile and arithmetic ask of a sample, met or not. */
export function demands(criterion: MeasureCriterion, m: Measurement, context: EvaluationContext): Need[] {
  const least = (value: MeasureCriterion['sample']['minMembers']): number =>
    value === undefined ? 0 : numberOf(value, context);
  const { minMembers, minNonMembers, minTrials } = criterion.sample;
  // A false-positive rate of 1 in a thousand cannot be seen among fewer than a thousand non-members.
  const resolving = criterion.at ? Math.ceil(1 / criterion.at.fpr - 1e-9) : 0;
  const { members = 0, nonMembers = 0, n = 0, calibrationNonMembers, queries = 0 } = m.counts;
  const asked: Need[] = [
    { of: 'members', atLeast: least(minMembers), has: members },
    { of: 'non-members', atLeast: Math.max(least(minNonMembers), resolving), has: nonMembers },
    {
      of: 'calibration non-members',
      atLeast: calibrationNonMembers === undefined ? 0 : resolving,
      has: calibrationNonMembers ?? 0,
    },
    { of: COUNTED[m.measure] ?? 'trials', atLeast: least(minTrials), has: n },
    { of: 'queries', atLeast: m.budget && !m.budget.reached ? m.budget.queries : 0, has: queries },
  ];
  return asked.filter(({ atLeast }) => atLeast > 0);
}

/**
 * The sample with which the criterion would be satisfied if what was observed went on: what it lacks of its demands, and
 * what the bound needs. Empty when it is satisfied, or when no sample would help.
 */
export function needed(
  criterion: MeasureCriterion,
  m: Measurement,
  threshold: number,
  context: EvaluationContext,
): Need[] {
  const asked = demands(criterion, m, context);
  const bound = forBound(criterion, m, threshold);
  const merged = asked.map((need) => ({
    ...need,
    atLeast: Math.max(need.atLeast, bound.find(({ of }) => of === need.of)?.atLeast ?? 0),
  }));
  const further = bound.filter(({ of }) => !asked.some((need) => need.of === of));
  return [...merged, ...further].filter(({ atLeast, has }) => has < atLeast);
}

function forBound(criterion: MeasureCriterion, m: Measurement, threshold: number): Need[] {
  const {
    n = 0,
    members = 0,
    nonMembers = 0,
    both,
    attackOnly,
    baselineOnly,
    neither,
    attackK,
    attackN,
    baselineK,
    baselineN,
  } = m.counts;
  const of = COUNTED[m.measure] ?? 'trials';
  const at = (count: number | undefined, name: string, has: number): Need[] =>
    count === undefined ? [] : [{ of: name, atLeast: count, has }];
  const proportion = (): number | undefined =>
    trialsNeeded(m.estimate, threshold, { oneSided: criterion.bound === 'upper95-one-sided' });
  if (m.method === 'clopper-pearson')
    return m.measure === 'roc.tpr' ? at(proportion(), 'members', members) : at(proportion(), of, n);
  if (m.measure === 'roc.auc' && m.variance !== undefined) {
    const factor = aucSampleFactor({ estimate: m.estimate, variance: m.variance }, threshold);
    return factor === undefined
      ? []
      : [
          ...at(Math.ceil(factor * members), 'members', members),
          ...at(Math.ceil(factor * nonMembers), 'non-members', nonMembers),
        ];
  }
  if (m.measure !== 'advantage') return [];
  if (both !== undefined && attackOnly !== undefined && baselineOnly !== undefined && neither !== undefined)
    return at(targetsNeeded({ paired: { both, attackOnly, baselineOnly, neither } }, threshold), of, n);
  if (attackK === undefined || attackN === undefined || baselineK === undefined || baselineN === undefined) return [];
  return at(
    targetsNeeded({ attack: { k: attackK, n: attackN }, baseline: { k: baselineK, n: baselineN } }, threshold),
    of,
    n,
  );
}
