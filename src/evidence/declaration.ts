import { z } from 'zod';
import { identifier, isoDate, surface } from '../schema.ts';

const columns = z.strictObject({
  score: z.string().optional(),
  isMember: z.string().optional(),
  baselineScore: z.string().optional(),
  recordId: z.string().optional(),
  split: z.string().optional(),
  group: z.string().optional(),
});

/** What the keeper of evidence says about files that cannot say it themselves, such as a bare table of scores. */
export const sourceDeclaration = z.strictObject({
  match: z.string().min(1),
  technique: identifier.optional(),
  surface: surface.optional(),
  collected: isoDate.optional(),
  columns: columns.optional(),
  higherMeansMember: z.boolean().default(true),
  duplicates: z.enum(['removed', 'present']).optional(),
  probe: z.string().max(200).optional(),
});

export type SourceDeclaration = z.infer<typeof sourceDeclaration>;
