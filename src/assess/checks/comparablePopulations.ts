import { z } from 'zod';
import { figure } from '../../measure/figures.ts';
import type { Measurement } from '../../measure/measurement.ts';
import { SURFACE_TITLES } from '../../terms.ts';
import type { EvaluationContext } from '../context.ts';
import { numberParameter } from '../controls.ts';
import { staleness } from '../freshness.ts';
import { baselineVerdict, isDrawn } from '../ground.ts';
import { bestUnlessFailing, notApplicable, notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/**
 * Members and non-members are alike: they were assigned at random before training, or something that never saw the model
 * cannot tell them apart, which is a claim of equivalence (Das et al. 2024, Meeus et al. 2024).
 */
export const comparablePopulations = defineCheck({
  name: 'comparable-populations',
  restsOnChanges: true,
  about: 'tests',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays) {
    if (question.surfaces.length === 0)
      return notApplicable('the system has none of the surfaces this control is about');
    const tests = context.measurements.filter(
      (m) =>
        m.measure === 'roc.auc' &&
        m.group === undefined &&
        m.attackClass === question.attackClass &&
        question.surfaces.some((surface) => surface === m.surface),
    );
    if (tests.length === 0)
      return notAssessed('no-evidence', {
        detail: 'No membership test with scores was found for the surfaces this control is about.',
      });
    const outcomes = tests.map((test) => judge(test, context, maxAgeDays));
    // A test whose records nothing shows to be alike takes nothing from one where it is shown; it counts for nothing.
    return bestUnlessFailing(outcomes);
  },
});

function judge(test: Measurement, context: EvaluationContext, maxAgeDays: number | undefined): Outcome {
  const ground = context.grounds.get(test.id);
  const what = `${SURFACE_TITLES[test.surface]}: ${test.probe}`;
  const margin = numberParameter(context, 'mi-baseline-margin');
  const { baseline, assignment } = test;
  const base = { measurement: test.id, evidence: test.source, threshold: `0.5 ± ${figure('baseline.auc', margin)}` };
  if (ground && !ground.target.matched)
    return notAssessed('unrelated-target', {
      ...base,
      detail: `${what}: ${ground.open.find(({ reason }) => reason === 'unrelated-target')?.why ?? 'of another target'}.`,
    });
  const changes = context.changes.filter(
    (change) => test.surface !== 'undeclared' && change.surfaces.includes(test.surface),
  );
  const stale = staleness(test.collected, context.asOf, maxAgeDays, changes);
  if (stale) return notAssessed(stale.reason, { ...base, detail: `${what}: ${stale.why}.` });
  const verdict = baseline && baselineVerdict(baseline, margin);
  const interval =
    baseline && baseline.lower !== null && baseline.upper !== null
      ? `${figure('baseline.auc', baseline.estimate)}, 95% interval ${figure('baseline.auc', baseline.lower)} to ${figure('baseline.auc', baseline.upper)}`
      : '';
  const fields = { ...base, observed: baseline?.estimate ?? null };
  if (verdict === 'different')
    return notSatisfied({
      ...fields,
      detail: `${what}: without the model the baseline already reaches an area of ${interval}. Its membership numbers are not used.`,
    });
  if (ground?.comparable === 'refuted')
    return notSatisfied({
      ...fields,
      detail: `${what}: another copy or run of this test has a baseline that tells members and non-members apart.`,
    });
  if (verdict === 'equivalent')
    return satisfied({
      ...fields,
      basis: 'strong',
      detail: `${what}: without the model the baseline reaches an area of ${interval}, within ${figure('baseline.auc', margin)} of one half.`,
    });
  if (assignment && isDrawn(test))
    return satisfied({
      ...fields,
      basis: 'statement',
      observed: 'random assignment',
      detail: `${what}: members and non-members were assigned at random before training (${assignment.how}; ${assignment.by}).`,
    });
  if (baseline && (!baseline.sees || baseline.copy))
    return notAssessed('no-power', {
      ...fields,
      detail: `${what}: the baseline ${baseline.copy ? "is the attack's own score" : 'is the same for every record'}, so it could not have seen a difference.`,
    });
  if (baseline)
    return notAssessed('insufficient-sample', {
      ...fields,
      detail: `${what}: without the model the baseline reaches an area of ${interval}, which is neither within ${figure('baseline.auc', margin)} of one half nor beyond it. About 1,000 records of each kind decide.`,
    });
  return notAssessed('no-evidence', {
    ...fields,
    detail: `${what}: neither baseline scores nor a random assignment come with it, so nothing shows that members and non-members are alike.`,
  });
}
