import { z } from 'zod';
import { parameterReference } from '../../catalog/schemas.ts';
import { daysBetween } from '../../schema.ts';
import { daysOf, sourcesOf } from '../context.ts';
import { isTest } from '../ground.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied, worstOf } from '../outcome.ts';
import { defineCheck } from './check.ts';

/**
 * Each model the system runs was tested for this class shortly before it was deployed, and again after. A test on the day
 * of deployment counts as one before.
 */
export const testedAroundDeployment = defineCheck({
  name: 'tested-around-deployment',
  parameters: z.strictObject({ before: parameterReference }),
  evaluate({ before }, question, context) {
    const current = context.models.filter((model) => model.deployed.slice(0, 10) <= context.asOf);
    if (current.length === 0)
      return notAssessed('no-evidence', {
        detail: 'The workspace declares no deployed model, so nothing says before and after what.',
      });
    const tests = context.measurements.filter(
      (m) =>
        m.attackClass === question.attackClass &&
        isTest(m, context.grounds.get(m.id)) &&
        context.grounds.get(m.id)?.comparable !== 'refuted' &&
        m.collected !== undefined &&
        daysBetween(m.collected, context.asOf) >= 0,
    );
    if (tests.length === 0)
      return notAssessed('no-evidence', {
        detail: 'No dated test of this class that holds was found in the evidence.',
      });
    const window = daysOf(before, context) ?? 0;
    const outcomes = current.map((model): Outcome => {
      const age = (collected: string | undefined): number => daysBetween(collected ?? '', model.deployed);
      const earlier = tests.filter((m) => age(m.collected) >= 0 && age(m.collected) <= window);
      const later = tests.filter((m) => age(m.collected) < 0);
      const lacking = [
        ...(earlier.length > 0 ? [] : [`within ${window} days before`]),
        ...(later.length > 0 ? [] : ['after']),
      ];
      const fields = {
        observed: `${earlier.length > 0 ? 'tested' : 'not tested'} before, ${later.length > 0 ? 'tested' : 'not tested'} after`,
        threshold: model.deployed.slice(0, 10),
        evidence: sourcesOf([...earlier, ...later].flatMap((m) => m.source.map((source) => ({ source })))),
      };
      const what = `${model.id} ${model.version}, deployed on ${model.deployed.slice(0, 10)}`;
      return lacking.length > 0
        ? notSatisfied({ ...fields, detail: `${what}: no test of this class ${lacking.join(' and none ')} that day.` })
        : satisfied({ ...fields, detail: `${what}: tested for this class before and after.` });
    });
    return worstOf(outcomes);
  },
});
