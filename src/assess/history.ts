import { z } from 'zod';
import { SEVERITIES } from '../catalog/schemas.ts';
import { attackClass, isoDate, sha256Hex } from '../schema.ts';
import { BASES, REASONS, STATES } from './outcome.ts';

/* What an assessment says of those before it. It rests on them, not on its own evidence. */

/** What became of a gap. `evidence-gone` went away only because its evidence did, or because something was relabelled. */
export const GAP_CHANGES = ['new', 'reopened', 'open', 'evidence-gone', 'closed'] as const;
export type GapChange = (typeof GAP_CHANGES)[number];

/** Why a gap that went away is not closed. */
export const NOT_CLOSED = [
  'control-removed',
  'switched-off',
  'not-applicable',
  'control-changed',
  'scope',
  'profile',
  'target',
  'evidence-vanished',
  'older-evidence',
  'not-repeated',
  'same-evidence',
] as const;
export type NotClosed = (typeof NOT_CLOSED)[number];

/** What was moved, apart from what moved by itself. */
const GOALPOSTS = [
  'profile',
  'parameter',
  'catalog',
  'control-added',
  'control-removed',
  'control-replaced',
  'control-off',
  'acceptance',
  'surface',
  'model',
  'target',
  'ignored-target',
  'privacy-budget',
  'risk-tier',
  'redaction',
  'tool',
  'probity',
] as const;
export type GoalpostKind = (typeof GOALPOSTS)[number];

const side = z.object({ state: z.enum(STATES), reason: z.enum(REASONS).optional() });
const perClass = <T extends z.ZodType>(of: T) => z.object({ 'membership-inference': of, inversion: of });

/** One assessment of the row, in short, each class by itself. */
const quarter = z.object({
  asOf: isoDate,
  sha256: sha256Hex,
  profile: z.string(),
  classes: perClass(
    z.object({
      state: z.enum(['satisfied', 'not-satisfied', 'not-assessed']),
      gaps: z.record(z.enum(SEVERITIES), z.number()),
      /** The worst bound over its limit; null where there is none. */
      worst: z
        .object({ control: z.string(), measure: z.string(), bound: z.number(), threshold: z.number() })
        .nullable(),
      /** On what the passes rest. */
      passes: z.record(z.enum(BASES), z.number()),
    }),
  ),
});

export const historySchema = z.object({
  /** The assessments before this one that were given, the oldest first, at most eight. */
  previous: z.array(quarter),
  gaps: z.array(
    z.object({
      control: z.string(),
      attackClass,
      change: z.enum(GAP_CHANGES),
      since: isoDate.optional(),
      assessments: z.number().optional(),
      closedBefore: isoDate.optional(),
      old: side.optional(),
      new: side.optional(),
      accepted: z.boolean().optional(),
      by: z.array(z.string()).optional(),
      because: z.array(z.enum(NOT_CLOSED)).optional(),
    }),
  ),
  /** Numbers whose difference excludes zero; the error is shared over all that were compared. */
  measurements: z.array(
    z.object({
      measurement: z.string(),
      change: z.enum(['better', 'worse']),
      old: z.number(),
      difference: z.object({ estimate: z.number(), lower: z.number(), upper: z.number() }),
    }),
  ),
  compared: perClass(z.number()),
  goalposts: z.array(
    z.object({
      what: z.enum(GOALPOSTS),
      name: z.string(),
      old: z.string().nullable(),
      new: z.string().nullable(),
      looser: z.boolean().optional(),
    }),
  ),
});
export type History = z.infer<typeof historySchema>;
