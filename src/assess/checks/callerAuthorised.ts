import { z } from 'zod';
import { measureCriterion } from '../../catalog/schemas.ts';
import { SURFACE_TITLES, type Surface } from '../../terms.ts';
import type { EvaluationContext } from '../context.ts';
import { notApplicable, notAssessed, type Outcome, worstOf } from '../outcome.ts';
import { boundAfter } from './boundAfter.ts';
import { defineCheck } from './check.ts';

/** That stores and tools hand out by the caller's rights was tested after the day from which on they do. */
export const callerAuthorisationTested = defineCheck({
  name: 'caller-authorisation-tested',
  parameters: z.strictObject({ tests: z.array(measureCriterion).min(1) }),
  evaluate({ tests }, question, context) {
    if (question.surfaces.length === 0)
      return notApplicable('the system has none of the surfaces this control is about');
    const outcomes = question.surfaces.map((surface): Outcome => {
      const since = sinceWhen(surface, context);
      return since === undefined
        ? notAssessed('no-evidence', {
            detail: `${SURFACE_TITLES[surface]}: nothing says since when the caller's rights decide (StoreFacts, ToolInventory), so no test can be held against it.`,
          })
        : boundAfter(tests, question, context, surface, since);
    });
    return worstOf(outcomes);
  },
});

/** The latest day from which on something behind a surface asks for the caller's rights. */
function sinceWhen(surface: Surface, context: EvaluationContext): string | undefined {
  const behind =
    surface === 'agent-tools'
      ? context.evidence('agent-tool')
      : context.evidence('store').filter((store) => store.surface === surface);
  return behind
    .flatMap(({ authorisation }) => (authorisation?.by === 'caller' ? [authorisation.since] : []))
    .sort()
    .at(-1);
}
