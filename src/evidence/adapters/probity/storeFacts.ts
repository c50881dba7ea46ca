import { z } from 'zod';
import { apiVersion, isoDate, surface } from '../../../schema.ts';
import { AUTHORISES, COPIES, MASKED, PARTITIONS, STORE_TYPES } from '../../../terms.ts';
import { evidenceKind } from './kind.ts';
import { oncePerId, said } from './stated.ts';

const count = z.number().int().min(0);

/** Whose rights decide, since when, and for whom a token that stands for the caller is made out. */
export const authorisation = z
  .strictObject({
    by: z.enum(AUTHORISES),
    /** The day from which on it is so; tests from before say nothing of it. */
    since: isoDate,
    /** The audience of the token with which the caller's rights are passed on; a wildcard is none. */
    audience: z.string().min(1).max(400).optional(),
  })
  .refine(({ by, audience }) => by === 'caller' || audience === undefined, 'only a caller’s token has an audience');

const store = z.strictObject({
  id: said(400),
  type: z.enum(STORE_TYPES),
  surface: surface.optional(),
  /** Resources of the access inventory that it is; `*` at the end stands for any. Its own id where nothing is named. */
  covers: z.array(said(400)).min(1).max(1000).optional(),
  authorisation: authorisation.optional(),
  partitions: z.enum(PARTITIONS).optional(),
  /** Identities and roles that may read all of it. */
  readers: z.array(z.string().min(1).max(300)).max(1000).optional(),
  encryption: z.strictObject({ atRest: z.boolean(), inTransit: z.boolean() }).optional(),
  backups: z
    .union([z.literal('none'), z.strictObject({ encrypted: z.boolean(), keptDays: z.number().min(0).max(36_500) })])
    .optional(),
  /** The last deletion that was followed through every copy, and in how many days. */
  deletion: z
    .strictObject({
      carriedTo: z.array(z.enum(COPIES)).min(1),
      followed: isoDate,
      days: z.number().min(0).max(36_500),
    })
    .optional(),
  retentionDays: z.number().min(0).max(36_500).optional(),
  /** What is masked before it is written, and a sample of what was written that somebody looked through. */
  masking: z
    .strictObject({ masks: z.array(z.enum(MASKED)).min(1), sampled: isoDate, entries: count, unmasked: count })
    .refine(({ entries, unmasked }) => unmasked <= entries, 'more unmasked entries than entries')
    .optional(),
});

const storeFactsSchema = z.strictObject({
  apiVersion,
  kind: z.literal('StoreFacts'),
  collected: isoDate,
  stores: z.array(store).min(1).max(10_000).superRefine(oncePerId('store')),
});

export const storeFacts = evidenceKind({
  kind: 'StoreFacts',
  schema: storeFactsSchema,
  observe({ collected, stores }, _context, reading) {
    reading.collected = collected;
    stores.forEach((found, index) => {
      reading.observations.push({ kind: 'store', ...found, collected, at: `/stores/${index}` });
    });
  },
});
