import { z } from 'zod';
import { SEVERITIES } from '../catalog/schemas.ts';
import { apiVersion, attackClass, dayDuration, identifier } from '../schema.ts';

/** What one attack class has to be like before a release. Each class is judged by its own rules and by nothing else. */
const classPolicy = z.strictObject({
  /** `satisfied`, or `not-assessed` where it is enough that nothing fails. */
  verdict: z.enum(['satisfied', 'not-assessed']).default('satisfied'),
  /** The gravest open gap that is tolerated; `none` tolerates none. Without it, the verdict alone decides about gaps. */
  maxSeverity: z.enum(['none', ...SEVERITIES]).optional(),
  /** No gap since the previous assessment that is new, reopened, or went away only because its evidence did. */
  noNewGaps: z.boolean().default(false),
  /** Every declared surface has a test that counts. */
  noUntestedSurface: z.boolean().default(false),
  /** How old the tests that carry the passes may be on the day of the decision. */
  maxEvidenceAge: dayDuration.optional(),
  /** What passes of the tests of the model may rest on at least: `strong` tests, or `weak` ones as well. */
  minimumWarrant: z.enum(['strong', 'weak']).optional(),
  /**
   * Whether `minimumWarrant` lets a pass rest on a statement where nothing was measured for the control: none of its
   * criteria rests on a test, and it is the package's own. A pass of a test that rests on a statement is never let through.
   */
  statements: z.enum(['refused', 'allowed']).default('refused'),
  /** Accepted risks: any that is in force, none, or those of these approvers that end within so many days. */
  acceptances: z
    .union([
      z.enum(['allowed', 'none']),
      z.strictObject({
        by: z.array(z.string().min(1).max(200)).min(1).optional(),
        endWithin: dayDuration.optional(),
      }),
    ])
    .default('allowed'),
});
export type ClassPolicy = z.infer<typeof classPolicy>;

/** `gate.yaml`: what a release takes. */
export const gatePolicySchema = z.strictObject({
  apiVersion,
  kind: z.literal('GatePolicy'),
  id: identifier,
  title: z.string().min(1).max(200).optional(),
  /** The system that it is about; a pack of another one does not open it. */
  system: identifier.optional(),
  /** The profile that must have been used, as the package has it or stricter. */
  profile: z.enum(['low', 'moderate', 'high']).optional(),
  /** Whether controls may be switched off or replaced by an overlay. */
  catalogChanges: z.enum(['allowed', 'none']).default('allowed'),
  /** How old the assessment may be on the day of the decision. */
  maxAge: dayDuration.optional(),
  classes: z
    .partialRecord(attackClass, classPolicy)
    .refine((classes) => Object.keys(classes).length > 0, 'name at least one attack class'),
  /** Who must have signed, by fingerprint or, with trusted certificates, by name; and in which roles. */
  signers: z
    .strictObject({
      all: z.array(z.string().min(1).max(300)).default([]),
      roles: z.array(z.string().min(1).max(60)).default([]),
      distinctRoles: z.boolean().default(false),
      /** Whether every signer must lead to a certificate given with --trust. */
      trusted: z.boolean().default(false),
    })
    .optional(),
  /** Whether the pack must speak for the artifact that is released. */
  artifact: z.enum(['required', 'optional']).default('optional'),
});
export type GatePolicy = z.infer<typeof gatePolicySchema>;
