import { z } from 'zod';
import { apiVersion, isoDate } from '../../../schema.ts';
import { SENSITIVITIES } from '../../../terms.ts';
import { evidenceKind } from './kind.ts';
import { oncePerId, said } from './stated.ts';

const count = z.number().int().min(0);

const dataset = z.strictObject({
  id: said(300),
  feeds: z.enum(['training', 'tuning', 'retrieval']),
  /** Resources of the access inventory that it fills; `*` at the end stands for any. Its own id where nothing is named. */
  covers: z.array(said(400)).min(1).max(1000).optional(),
  /** How much harm it does in the wrong hands; leave it out where nobody decided. */
  sensitivity: z.enum(SENSITIVITIES).exclude(['unstated']).optional(),
  records: z.number().int().min(1),
  /** The first day on which the system took it in. */
  ingested: isoDate,
  /** The search for personal data and secrets, and what became of what it found. */
  scrub: z
    .strictObject({
      tool: z.strictObject({ name: said(80), version: z.string().max(40).optional() }),
      on: isoDate,
      searched: count,
      found: count,
      removed: count,
      /** Found and kept, because somebody decided that the purpose needs it. */
      kept: z.strictObject({ count, reason: said(1000), approvedBy: said(200), expires: isoDate }).optional(),
    })
    .refine(
      ({ found, removed, kept }) => removed + (kept?.count ?? 0) <= found,
      'more was removed and kept than was found',
    )
    .optional(),
});

const dataSheetSchema = z
  .strictObject({
    apiVersion,
    kind: z.literal('DataSheet'),
    collected: isoDate,
    datasets: z.array(dataset).min(1).max(10_000).superRefine(oncePerId('data set')),
  })
  .superRefine(({ datasets }, context) => {
    datasets.forEach(({ scrub, records }, index) => {
      if (scrub && scrub.searched > records)
        context.addIssue({
          code: 'custom',
          path: ['datasets', index, 'scrub', 'searched'],
          message: 'more records were searched than there are',
        });
    });
  });

export const dataSheet = evidenceKind({
  kind: 'DataSheet',
  schema: dataSheetSchema,
  observe({ collected, datasets }, _context, reading) {
    reading.collected = collected;
    datasets.forEach((found, index) => {
      reading.observations.push({ kind: 'dataset', ...found, collected, at: `/datasets/${index}` });
    });
  },
});
