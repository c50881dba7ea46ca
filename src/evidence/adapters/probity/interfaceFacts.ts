import { z } from 'zod';
import { apiVersion, isoDate, surface } from '../../../schema.ts';
import { OUTPUTS } from '../../../terms.ts';
import { justification } from './accessInventory.ts';
import { evidenceKind } from './kind.ts';

const output = z
  .strictObject({
    surface,
    gives: z.enum(OUTPUTS),
    decimals: z.number().int().min(0).max(20).optional(),
    audience: z.string().max(200).optional(),
    justification: justification.optional(),
  })
  .refine(
    ({ gives, decimals }) => (gives === 'rounded-score') === (decimals !== undefined),
    'a rounded score says to how many decimals, and nothing else does',
  );

const interfaceSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Interface'),
  collected: isoDate,
  outputs: z.array(output).min(1),
});

export const interfaceFacts = evidenceKind({
  kind: 'Interface',
  schema: interfaceSchema,
  observe(document, _context, reading) {
    reading.collected = document.collected;
    document.outputs.forEach((found, index) => {
      reading.observations.push({ kind: 'output', ...found, collected: document.collected, at: `/outputs/${index}` });
    });
  },
});
