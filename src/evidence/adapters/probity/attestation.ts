import { z } from 'zod';
import { apiVersion, attackClass, identifier, isoDate, sha256Hex } from '../../../schema.ts';
import { evidenceKind } from './kind.ts';

const statement = z.strictObject({
  control: identifier,
  /** One class or a list; each named class gets its own observation, and an unnamed one gets none. */
  attackClass: z.union([attackClass.transform((one) => [one]), z.array(attackClass).min(1)]),
  statement: z.string().min(1).max(4000),
  facts: z
    .record(
      z.string().max(80),
      z.union([z.string().max(400), z.number(), z.boolean(), z.array(z.string().max(200)).max(100)]),
    )
    .default({}),
  by: z.strictObject({ name: z.string().min(1).max(200), role: z.string().min(1).max(200) }),
  issued: isoDate,
  expires: isoDate.optional(),
  document: z.strictObject({ title: z.string().max(300), sha256: sha256Hex.optional() }).optional(),
});

const attestationSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Attestation'),
  statements: z.array(statement).min(1),
});

export const attestation = evidenceKind({
  kind: 'Attestation',
  schema: attestationSchema,
  observe(document, _context, reading) {
    document.statements.forEach((found, index) => {
      for (const named of new Set(found.attackClass))
        reading.observations.push({ kind: 'attestation', ...found, attackClass: named, at: `/statements/${index}` });
    });
  },
});
