import { z } from 'zod';
import { SURFACE_TITLES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { staleness } from '../freshness.ts';
import {
  aside,
  compareOutcomes,
  notApplicable,
  notAssessed,
  notSatisfied,
  type Outcome,
  satisfied,
} from '../outcome.ts';
import { defineCheck } from './check.ts';

/** A query budget is not only stated: a test ran into it. */
export const budgetEnforced = defineCheck({
  name: 'budget-enforced',
  restsOnChanges: true,
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays) {
    if (question.surfaces.length === 0)
      return notApplicable('the system has none of the surfaces this control is about');
    const outcomes = question.surfaces.map((surface): Outcome => {
      const tests = context.measurements.filter(
        (m) => m.measure === 'disclosure' && m.attackClass === question.attackClass && m.surface === surface,
      );
      const changes = context.changes.filter((change) => change.surfaces.includes(surface));
      if (tests.length === 0)
        return notAssessed('untested-surface', {
          detail: `${SURFACE_TITLES[surface]}: no test spent queries until it was refused.`,
        });
      const judged = tests.map((m): Outcome => {
        const what = `${SURFACE_TITLES[surface]}: ${m.probe}`;
        const last = m.disclosure?.at(-1)?.queries ?? 0;
        const { budget } = m;
        const fields = {
          threshold: budget ? `refusal after ${grouped(budget.queries)} queries` : 'a query budget',
          measurement: m.id,
          evidence: m.source,
        };
        const stale = staleness(m.collected, context.asOf, maxAgeDays, changes);
        if (stale) return notAssessed(stale.reason, { ...fields, detail: `${what}: ${stale.why}.` });
        if (!budget)
          return notAssessed('no-evidence', {
            ...fields,
            observed: `${grouped(last)} queries`,
            detail: `${what}: no query budget is stated, and ${grouped(last)} queries were answered.`,
          });
        if (budget.refusedAt !== undefined)
          return budget.refusedAt <= budget.queries + 1
            ? satisfied({
                ...fields,
                observed: `refused at query ${grouped(budget.refusedAt)}`,
                detail: `${what}: the system refused at query ${grouped(budget.refusedAt)}; the budget is ${grouped(budget.queries)}.`,
              })
            : notSatisfied({
                ...fields,
                observed: `refused at query ${grouped(budget.refusedAt)}`,
                detail: `${what}: the system refused only at query ${grouped(budget.refusedAt)}, past the budget of ${grouped(budget.queries)}.`,
              });
        if (last > budget.queries)
          return notSatisfied({
            ...fields,
            observed: `${grouped(last)} queries answered`,
            detail: `${what}: ${grouped(last)} queries were answered under a budget of ${grouped(budget.queries)}; it is not enforced.`,
          });
        return notAssessed('insufficient-sample', {
          ...fields,
          observed: `${grouped(last)} queries`,
          needs: [{ of: 'queries', atLeast: budget.queries + 1, has: last }],
          detail: `${what}: needs at least ${grouped(budget.queries + 1)} queries to see whether the budget holds; has ${grouped(last)}.`,
        });
      });
      return judged.sort(compareOutcomes)[0] as Outcome;
    });
    const ranked = outcomes.sort(compareOutcomes);
    const anywhere = context.measurements.some((m) => m.attackClass === question.attackClass);
    if (!anywhere) return notAssessed('no-evidence', { detail: 'No test of this class was found in the evidence.' });
    const others = ranked.slice(1).map(aside);
    return { ...(ranked[0] as Outcome), ...(others.length > 0 ? { others } : {}) };
  },
});
