import type { MeasureCriterion } from '../catalog/schemas.ts';
import { sampleSize } from '../measure/counts.ts';
import type { Measurement } from '../measure/measurement.ts';
import { MEASURES } from '../measure/measures.ts';
import { trialsNeeded } from '../statistics/binomial.ts';
import { passingPower, recordsToPass } from '../statistics/lowRate.ts';
import { aucSampleFactor, targetsNeeded } from '../statistics/power.ts';
import { type EvaluationContext, numberOf } from './context.ts';
import type { Ground } from './ground.ts';
import type { Need } from './outcome.ts';

/* What a sample must hold before a criterion will listen to it, and what it would have to hold to satisfy it. */

/** How often a sample has to let a system pass that leaks nothing, before it may pass any. */
const LEAST_POWER = 0.8;

/** The least the criterion, its technique and arithmetic ask of a sample, met or not. */
export function demands(
  criterion: MeasureCriterion,
  m: Measurement,
  ground: Ground | undefined,
  context: EvaluationContext,
): Need[] {
  const asked = (value: MeasureCriterion['sample']['minMembers']): number =>
    value === undefined ? 0 : numberOf(value, context);
  const { minMembers, minNonMembers, minTrials } = criterion.sample;
  const least = ground?.technique?.least ?? 0;
  const { counts } = m;
  const { counted } = MEASURES[m.measure];
  const needs: Need[] = [];
  if (counts.of === 'records') {
    const { members, nonMembers, calibrationNonMembers } = counts;
    const resolving = criterion.at ? Math.ceil(1 / criterion.at.fpr - 1e-9) : 0;
    needs.push(
      { of: 'members', atLeast: Math.max(asked(minMembers), least), has: members },
      { of: 'non-members', atLeast: Math.max(asked(minNonMembers), least, resolving), has: nonMembers },
    );
    if (m.measure === 'roc.tpr' && criterion.at && m.method === 'order-statistic') {
      // A sample with which even a system that leaks nothing would mostly not pass decides nothing.
      const { fpr } = criterion.at;
      const limit = numberOf(criterion.max, context);
      if (passingPower(fpr, limit, 0, { members, nonMembers }) < LEAST_POWER) {
        const atLeast = recordsToPass(fpr, limit, false) ?? Infinity;
        needs.push({ of: 'members', atLeast, has: members }, { of: 'non-members', atLeast, has: nonMembers });
      }
    }
    if (calibrationNonMembers !== undefined)
      needs.push({ of: 'calibration non-members', atLeast: resolving, has: calibrationNonMembers });
  } else if (counts.of === 'items') {
    needs.push({ of: counted, atLeast: asked(minTrials), has: counts.n });
    const refused = (counts.refused ?? 0) > 0;
    if (counts.budget !== undefined && !refused)
      needs.push({ of: 'queries', atLeast: counts.budget, has: counts.queries });
  } else if (counts.of !== 'nothing')
    needs.push({ of: counted, atLeast: Math.max(asked(minTrials), least), has: sampleSize(counts) });
  return mostOf(needs.filter(({ atLeast }) => atLeast > 0));
}

/**
 * The sample with which the criterion would be satisfied if what was observed went on: what it lacks of its demands, and
 * what the bound needs. Empty when it is satisfied, or when no sample would help.
 */
export function needed(
  criterion: MeasureCriterion,
  m: Measurement,
  threshold: number,
  ground: Ground | undefined,
  context: EvaluationContext,
): Need[] {
  const asked = demands(criterion, m, ground, context);
  const bound = forBound(criterion, m, threshold);
  const merged = asked.map((need) => ({
    ...need,
    atLeast: Math.max(need.atLeast, bound.find(({ of }) => of === need.of)?.atLeast ?? 0),
  }));
  const further = bound.filter(({ of }) => !asked.some((need) => need.of === of));
  return [...merged, ...further].filter(({ atLeast, has }) => has < atLeast);
}

function forBound(criterion: MeasureCriterion, m: Measurement, threshold: number): Need[] {
  const { counts } = m;
  const { counted } = MEASURES[m.measure];
  const at = (count: number | undefined, of: string, has: number): Need[] =>
    count === undefined ? [] : [{ of, atLeast: count, has }];
  const oneSided = criterion.bound === 'upper95-one-sided';
  switch (counts.of) {
    case 'attempts':
    case 'targets':
    case 'items':
      return m.method === 'clopper-pearson'
        ? at(trialsNeeded(m.estimate, threshold, { oneSided }), counted, counts.n)
        : [];
    case 'records': {
      if (m.measure === 'roc.tpr') {
        // With which a system at half the limit passes in 80% of cases.
        const records = recordsToPass(m.falsePositiveLimit ?? 0.5, threshold, true);
        return [...at(records, 'members', counts.members), ...at(records, 'non-members', counts.nonMembers)];
      }
      if (m.measure !== 'roc.auc' || m.variance === undefined) return [];
      const factor = aucSampleFactor(
        { estimate: Math.max(m.estimate, m.turned?.estimate ?? 0), variance: m.variance },
        threshold,
      );
      return factor === undefined
        ? []
        : [
            ...at(Math.ceil(factor * counts.members), 'members', counts.members),
            ...at(Math.ceil(factor * counts.nonMembers), 'non-members', counts.nonMembers),
          ];
    }
    case 'pairs': {
      const { both, attackOnly, baselineOnly, neither, attackK, attackN, baselineK, baselineN, n } = counts;
      if (both !== undefined && attackOnly !== undefined && baselineOnly !== undefined && neither !== undefined)
        return at(targetsNeeded({ paired: { both, attackOnly, baselineOnly, neither } }, threshold), counted, n);
      return at(
        targetsNeeded({ attack: { k: attackK, n: attackN }, baseline: { k: baselineK, n: baselineN } }, threshold),
        counted,
        n,
      );
    }
    default:
      return [];
  }
}

/** Of each kind of need the largest. */
export function mostOf(needs: readonly Need[]): Need[] {
  const largest = new Map<string, Need>();
  for (const need of needs) {
    const before = largest.get(need.of);
    if (!before || before.atLeast < need.atLeast) largest.set(need.of, need);
  }
  return [...largest.values()];
}
