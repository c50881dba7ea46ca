import { z } from 'zod';
import { apiVersion, identifier, isoDate, sha256Hex } from '../schema.ts';

const place = z.string().min(1).max(1000);

/** Where a system's evidence lies: a folder or prefix, or files on the web with their digests. */
export const evidencePlaces = z.union([
  place,
  z
    .array(z.strictObject({ url: place, sha256: sha256Hex }))
    .min(1)
    .max(1000),
]);
export const formatIds = z.array(identifier).min(1).max(30);

const settings = {
  asOf: isoDate.refine((text) => text.length === 10, 'a day like 2026-09-30, without a time').optional(),
  format: formatIds.optional(),
  profile: identifier.optional(),
  /** The name of a signing identity that the workers were started with, or its reference as they were given it. */
  identity: z.string().min(1).max(500).optional(),
};

const system = z.strictObject({
  id: identifier.refine((id) => id !== 'portfolio', 'a system cannot be called portfolio, where the portfolio goes'),
  /** The system's `probity.yaml`: a path from the folder of this file, or a place in S3. */
  config: place,
  /** Where its evidence lies, when it is not what `probity.yaml` names. */
  evidence: evidencePlaces.optional(),
  ...settings,
});

/** `systems.yaml`: the systems that one submission is about, and where their packs go. */
export const fleetSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Fleet'),
  /** A folder, or `s3://BUCKET/PREFIX`. */
  results: place,
  defaults: z.strictObject(settings).default({}),
  systems: z.array(system).min(1).max(1_000_000),
});
