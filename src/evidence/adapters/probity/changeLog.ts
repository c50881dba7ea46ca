import { z } from 'zod';
import { apiVersion, isoDate, surface } from '../../../schema.ts';
import { CHANGE_KINDS } from '../../../terms.ts';
import { evidenceKind } from './kind.ts';

const change = z.strictObject({
  of: z.enum(CHANGE_KINDS),
  date: isoDate,
  description: z.string().min(1).max(1000),
  surfaces: z.array(surface).min(1).optional(),
});

const changeLogSchema = z.strictObject({ apiVersion, kind: z.literal('ChangeLog'), changes: z.array(change) });

export const changeLog = evidenceKind({
  kind: 'ChangeLog',
  schema: changeLogSchema,
  observe(document, _context, reading) {
    document.changes.forEach((found, index) => {
      reading.observations.push({ kind: 'change', ...found, at: `/changes/${index}` });
    });
  },
});
