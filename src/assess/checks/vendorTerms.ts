import { z } from 'zod';
import { durationOrParameter } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { daysBetween } from '../../schema.ts';
import { daysOf } from '../context.ts';
import { hasEnded } from '../freshness.ts';
import { notApplicable, notAssessed } from '../outcome.ts';
import { defineCheck } from './check.ts';
import { type Lack, type Open, recordsOutcome } from './records.ts';
import { isBought } from './vendorEvaluated.ts';

type Terms = Observation<BodyOf<'vendor-terms'>>;

const ASKS = ['training', 'retention', 'sub-processors', 'region'] as const;

/** For every model of a third party, terms in force and read lately keep what is sent as asked. */
export const vendorTermsKept = defineCheck({
  name: 'vendor-terms-kept',
  parameters: z.strictObject({ asks: z.array(z.enum(ASKS)).min(1), retention: durationOrParameter }),
  evaluate({ asks, retention }, _question, context, maxAgeDays) {
    if (context.models.length === 0)
      return notAssessed('no-evidence', {
        detail: 'The workspace declares no model, so nothing says who provides it.',
      });
    const bought = context.models.filter(isBought);
    if (bought.length === 0) return notApplicable('every model that the workspace declares is self-hosted');
    const most = daysOf(retention, context) ?? 0;
    const all = context.evidence('vendor-terms');
    const inForce = all.filter(
      (one) =>
        bought.some(({ id }) => id === one.model) &&
        one.from.slice(0, 10) <= context.asOf &&
        one.read.slice(0, 10) <= context.asOf &&
        !hasEnded(one.until, context.asOf) &&
        (maxAgeDays === undefined || daysBetween(one.read, context.asOf) <= maxAgeDays),
    );
    const missing = bought
      .filter(({ id }) => !inForce.some((one) => one.model === id))
      .map(({ id }): Open => {
        const known = all.filter(({ model }) => model === id);
        if (known.length === 0) return { reason: 'no-evidence', open: `${id}: no terms (kind: VendorTerms) name it` };
        return known.every(({ from, read }) => (from > read ? from : read).slice(0, 10) > context.asOf)
          ? { reason: 'not-yet', open: `${id}: its terms are read or in force only after the as-of date` }
          : { reason: 'stale', open: `${id}: its terms are not in force, or nobody read them lately` };
      });
    return recordsOutcome(
      inForce.map((one) => ({
        name: one.model,
        source: one.source,
        lacks: asks.map((ask) => LACKS[ask](one, most)),
      })),
      { what: ['set of terms', 'sets of terms'], asks: `keeps what is sent as asked (${asks.join(', ')})`, missing },
    );
  },
});

const LACKS: Record<(typeof ASKS)[number], (terms: Terms, most: number) => Lack | undefined> = {
  training({ trainsOnInputs }) {
    if (trainsOnInputs === undefined) return silent('whether the vendor may train on what is sent');
    return trainsOnInputs ? { fails: 'the vendor may train on what is sent' } : undefined;
  },
  retention({ promptRetentionDays, logRetentionDays }, most) {
    if (promptRetentionDays === undefined || logRetentionDays === undefined)
      return silent('how long prompts and logs are kept');
    const longest = Math.max(promptRetentionDays, logRetentionDays);
    return longest > most ? { fails: `what is sent is kept ${longest} days, at most ${most}` } : undefined;
  },
  'sub-processors': ({ subProcessors }) =>
    subProcessors === undefined ? silent('which sub-processors it may reach') : undefined,
  region({ regions, allowedRegions }) {
    if (regions === undefined || allowedRegions === undefined) return silent('where it is and may be processed');
    const outside = regions.filter((one) => !allowedRegions.includes(one));
    return outside.length > 0 ? { fails: `processed in ${outside.join(', ')}, which is not allowed` } : undefined;
  },
};

function silent(what: string): Open {
  return { reason: 'no-evidence', open: `not stated ${what}` };
}
