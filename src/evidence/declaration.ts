import { z } from 'zod';
import { identifier, isoDate, surface } from '../schema.ts';
import { CHANGE_KINDS } from '../terms.ts';
import { accessMap } from './accessMap.ts';
import type { PositiveControl } from './observations/tests.ts';

const columns = z.strictObject({
  score: z.string().optional(),
  isMember: z.string().optional(),
  baselineScore: z.string().optional(),
  recordId: z.string().optional(),
  split: z.string().optional(),
  group: z.string().optional(),
  cluster: z.string().optional(),
});

const count = z.number().int().min(0);
const positive = z.number().int().min(1);
const how = z.string().min(1).max(500);

/** Shapes that evidence files and declarations share: who drew the sample, and where the attack had to succeed. */
export const assignmentSchema = z.strictObject({ random: z.boolean(), by: z.string().min(1).max(200), how });

export const positiveControlSchema = z
  .union([
    z.strictObject({
      falsePositiveLimit: z.number().gt(0).lt(1),
      truePositives: count,
      members: positive,
      falsePositives: count,
      nonMembers: positive,
      how,
    }),
    z.strictObject({ successes: count, n: positive, how }),
    z.strictObject({ file: z.string().min(1).max(500), how }),
  ])
  .refine(
    (value) =>
      !('members' in value) || (value.truePositives <= value.members && value.falsePositives <= value.nonMembers),
    'more positives than records',
  )
  .refine((value) => !('n' in value) || value.successes <= value.n, 'more successes than trials')
  .transform((value): PositiveControl => {
    if ('members' in value) return { kind: 'operating-point', ...value };
    return 'n' in value ? { kind: 'trials', ...value } : { kind: 'file', ...value };
  });

/** What the keeper of evidence says about files that cannot say it themselves, such as a bare table of scores. */
export const sourceDeclaration = z.strictObject({
  match: z.string().min(1),
  technique: identifier.optional(),
  surface: surface.optional(),
  collected: isoDate.optional(),
  columns: columns.optional(),
  /** Which column of a listing of identities is what. */
  access: accessMap.optional(),
  higherMeansMember: z.boolean().default(true),
  duplicates: z.enum(['removed', 'present']).optional(),
  probe: z.string().max(200).optional(),
  /** Of tools whose scores can mean anything: which end of a score is a leak, and which scorer judges. */
  leaks: z.enum(['high', 'low']).optional(),
  scorer: z.string().min(1).max(200).optional(),
  /** Of scores on a scale: from which one on it is a leak, towards the end that `leaks` names. */
  threshold: z.number().optional(),
  /** What the commits of a git log change; it says when and not what of. */
  change: z.strictObject({ of: z.enum(CHANGE_KINDS), surfaces: z.array(surface).min(1).optional() }).optional(),
  /** What was tested, for files that do not record it. */
  target: z.string().min(1).max(300).optional(),
  assignment: assignmentSchema.optional(),
  positiveControl: positiveControlSchema.optional(),
});

export type SourceDeclaration = z.infer<typeof sourceDeclaration>;
