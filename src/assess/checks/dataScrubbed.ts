import { z } from 'zod';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import { grouped } from '../../wording.ts';
import type { EvaluationContext } from '../context.ts';
import { hasEnded } from '../freshness.ts';
import { defineCheck } from './check.ts';
import { freshRecords, type Lack, type Open, recordsOutcome, undescribed } from './records.ts';
import { isBought } from './vendorEvaluated.ts';

type Dataset = Observation<BodyOf<'dataset'>>;

/** Everything that the system learns or answers from was classified, and searched and cleaned before it was taken in. */
export const dataScrubbed = defineCheck({
  name: 'data-scrubbed',
  parameters: z.strictObject({}),
  evaluate(_parameters, _question, context, maxAgeDays) {
    const found = freshRecords(context.evidence('dataset'), 'data sheet (kind: DataSheet)', context, maxAgeDays);
    if (!Array.isArray(found)) return found;
    return recordsOutcome(
      found.map((dataset) => ({ name: dataset.id, source: dataset.source, lacks: lacksOf(dataset, context) })),
      {
        what: ['data set', 'data sets'],
        asks: 'was classified, and searched and cleaned before it was taken in',
        missing: missingData(found, context),
      },
    );
  },
});

function lacksOf(
  { sensitivity, scrub, records, ingested }: Dataset,
  { asOf }: EvaluationContext,
): (Lack | undefined)[] {
  const classified: Lack | undefined =
    sensitivity === undefined ? { reason: 'no-evidence', open: 'nobody classified it' } : undefined;
  if (scrub === undefined)
    return [classified, { reason: 'no-evidence', open: 'not stated whether it was searched and cleaned' }];
  const left = scrub.found - scrub.removed - (scrub.kept?.count ?? 0);
  return [
    classified,
    scrub.on.slice(0, 10) > ingested.slice(0, 10)
      ? { fails: `taken in on ${ingested.slice(0, 10)}, searched only on ${scrub.on.slice(0, 10)}` }
      : undefined,
    scrub.on.slice(0, 10) > asOf ? { reason: 'not-yet', open: 'searched after the as-of date' } : undefined,
    left > 0
      ? { fails: `${grouped(left)} of ${grouped(scrub.found)} findings neither removed nor decided on` }
      : undefined,
    scrub.kept && hasEnded(scrub.kept.expires, asOf)
      ? { fails: `the decision to keep findings ended on ${scrub.kept.expires.slice(0, 10)}` }
      : undefined,
    scrub.searched < records
      ? {
          reason: 'incomplete',
          open: `${grouped(scrub.searched)} of ${grouped(records)} records searched`,
          needs: { of: 'searched records', atLeast: records, has: scrub.searched },
        }
      : undefined,
  ];
}

/** What the system has to take in data for, and stores of the inventories that no data set fills. */
function missingData(found: readonly Dataset[], context: EvaluationContext): Open[] {
  const learns = context.models.some((model) =>
    model.training === undefined ? !isBought(model) : model.training !== 'none',
  );
  const answers = context.surfaces.includes('retrieval-store');
  const listed = context
    .evidence('resource')
    .filter(
      ({ type, surface, stage }) =>
        type === 'data' && (surface === 'retrieval-store' || stage === 'ingestion' || stage === 'tuning'),
    );
  const absent = (what: string): Open => ({
    reason: 'incomplete',
    open: `no data set is described that feeds ${what}`,
  });
  return [
    ...(learns && !found.some(({ feeds }) => feeds !== 'retrieval') ? [absent('training or tuning')] : []),
    ...(answers && !found.some(({ feeds }) => feeds === 'retrieval') ? [absent('retrieval')] : []),
    ...undescribed(listed, context.evidence('dataset')).map(
      (id): Open => ({
        reason: 'incomplete',
        open: `${id} is in the access inventory, and no data set is said to fill it`,
      }),
    ),
  ];
}
