import { z } from 'zod';
import { isoDate } from '../../schema.ts';
import { sourcesOf } from '../context.ts';
import { hasEnded, noneCounts, type Staleness, staleness } from '../freshness.ts';
import { notApplicable, notAssessed, notSatisfied, satisfied } from '../outcome.ts';
import { defineCheck } from './check.ts';

/** Whether a model is of somebody else: served or made by any other than the system's owner. */
export function isBought({ provider }: { provider: string }): boolean {
  return !OWN.test(provider.trim());
}

/** Who serves a model oneself; any other provider is a third party. */
const OWN = /^(self|own|in)[-\s]?(hosted|built|house)$/i;

/** Every model of a third party was evaluated for this class before its first use. */
export const vendorEvaluated = defineCheck({
  name: 'vendor-evaluated',
  parameters: z.strictObject({}),
  evaluate(_parameters, question, context, maxAgeDays) {
    if (context.models.length === 0)
      return notAssessed('no-evidence', {
        detail: 'The workspace declares no model, so nothing says who provides it.',
      });
    const bought = context.models.filter(isBought);
    if (bought.length === 0) return notApplicable('every model that the workspace declares is self-hosted');
    const statements = context
      .evidence('attestation')
      .filter((one) => one.control === question.control.id && one.attackClass === question.attackClass);
    const lacking: string[] = [];
    const late: string[] = [];
    const old: string[] = [];
    const dates: (Staleness | undefined)[] = [];
    for (const model of bought) {
      const about = statements.filter(({ facts }) => facts.model === model.id);
      const inForce = about.filter(
        (one) =>
          staleness(one.issued, context.asOf, maxAgeDays, []) === undefined && !hasEnded(one.expires, context.asOf),
      );
      const evaluated = inForce
        .map(({ facts }) => facts.evaluated)
        .filter((day): day is string => typeof day === 'string' && isoDate.safeParse(day).success);
      if (about.length > 0 && inForce.length === 0) {
        old.push(model.id);
        dates.push(...about.map(({ issued }) => staleness(issued, context.asOf, maxAgeDays, [])));
      } else if (evaluated.length === 0) lacking.push(model.id);
      else if (!evaluated.some((day) => day.slice(0, 10) <= model.deployed.slice(0, 10)))
        late.push(`${model.id} (in use since ${model.deployed.slice(0, 10)}, evaluated ${evaluated[0]?.slice(0, 10)})`);
    }
    const evidence = sourcesOf(statements);
    const threshold = 'evaluated before first use';
    if (late.length > 0)
      return notSatisfied({
        threshold,
        evidence,
        detail: `Evaluated for this class only after it was in use: ${late.join(', ')}.`,
      });
    if (old.length > 0)
      return notAssessed(noneCounts(dates).reasons, {
        threshold,
        evidence,
        detail: `The evaluation is not in force at the as-of date: ${old.join(', ')}.`,
      });
    if (lacking.length > 0)
      return notAssessed('no-evidence', {
        threshold,
        evidence,
        detail: `No evaluation for this class names the model and the day (facts model, evaluated): ${lacking.join(', ')}.`,
      });
    return satisfied({
      threshold,
      evidence,
      observed: bought.map(({ id }) => id).join(', '),
      detail: `Evaluated for this class before first use: ${bought.map(({ id }) => id).join(', ')}.`,
    });
  },
});
