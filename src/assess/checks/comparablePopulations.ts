import { z } from 'zod';
import { show } from '../bounds.ts';
import { compareOutcomes, notApplicable, notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/**
 * Members and non-members look alike to something that never saw the model; otherwise the test measures how they were
 * chosen (Das et al. 2024, Meeus et al. 2024).
 */
export const comparablePopulations = defineCheck({
  name: 'comparable-populations',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context) {
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
    const outcomes = tests.map((test): Outcome => {
      const baseline = context.measurements.find(
        (m) =>
          m.measure === 'baseline.auc' &&
          m.source[0]?.path === test.source[0]?.path &&
          m.source[0]?.at === test.source[0]?.at,
      );
      const what = `${test.surface}: ${test.probe}`;
      if (!baseline || baseline.lower === null || baseline.upper === null)
        return notAssessed('no-evidence', {
          threshold: 0.5,
          detail: `${what}: no baseline scores come with it, so nothing shows that members and non-members are alike.`,
          evidence: test.source,
        });
      const fields = {
        observed: baseline.estimate,
        bound: null,
        threshold: 0.5,
        measurement: baseline.id,
        evidence: baseline.source,
      };
      const interval = `${show(baseline.estimate)}, 95% interval ${show(baseline.lower)} to ${show(baseline.upper)}`;
      return baseline.comparable
        ? satisfied({
            ...fields,
            detail: `${what}: without the model the baseline reaches an AUC of ${interval}, which holds 0.5.`,
          })
        : notSatisfied({
            ...fields,
            detail: `${what}: without the model the baseline already reaches an AUC of ${interval}, which does not hold 0.5. Its membership numbers are not used.`,
          });
    });
    const ranked = outcomes.sort(compareOutcomes);
    const worst = ranked[0] as Outcome;
    const others = ranked.slice(1).map((outcome) => `${outcome.state}: ${outcome.detail}`);
    return others.length > 0 ? { ...worst, others } : worst;
  },
});
