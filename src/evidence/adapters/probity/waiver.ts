import { z } from 'zod';
import { apiVersion, attackClass, identifier, isoDate } from '../../../schema.ts';
import { evidenceKind } from './kind.ts';

const waiverEntry = z.strictObject({
  control: identifier,
  attackClass,
  reason: z.string().min(1).max(2000),
  approver: z.string().min(1).max(200),
  issued: isoDate,
  expires: isoDate,
});

const waiverSchema = z.strictObject({ apiVersion, kind: z.literal('Waiver'), waivers: z.array(waiverEntry).min(1) });

export const waiver = evidenceKind({
  kind: 'Waiver',
  schema: waiverSchema,
  observe(document, _context, reading) {
    document.waivers.forEach((found, index) => {
      reading.observations.push({ kind: 'waiver', ...found, at: `/waivers/${index}` });
    });
  },
});
