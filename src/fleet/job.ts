import { createHash } from 'node:crypto';
import { z } from 'zod';
import { identifier, isoDate, sha256Hex } from '../schema.ts';
import { evidencePlaces, formatIds } from '../workspace/fleet.ts';

const place = z.string().min(1).max(1000);
const day = isoDate.refine((text) => text.length === 10, 'a day like 2026-09-30, without a time');

/**
 * What a queue holds of one system: references and nothing else. Whoever can write to the queue can put anything here, so
 * it is read by this schema, and every place in it is held against what the worker was started with.
 */
export const jobSchema = z.strictObject({
  version: z.literal(1),
  /** The submission it belongs to, 64 hex digits. */
  submission: sha256Hex,
  system: identifier,
  config: place,
  /** Default: what the workspace file names. */
  evidence: evidencePlaces.optional(),
  results: place,
  asOf: day,
  format: formatIds,
  /** Default: the risk tier of the workspace. */
  profile: identifier.optional(),
  /** The name of a signing identity that the worker was started with. */
  identity: z.string().min(1).max(500).optional(),
  /** Make the pack anew whatever is there; differs each time. */
  force: z.string().max(40).optional(),
});
export type Job = z.infer<typeof jobSchema>;

/** What a queue holds of the portfolio of a submission. */
export const portfolioSchema = z.strictObject({
  version: z.literal(1),
  submission: sha256Hex,
  results: place,
  asOf: day,
  format: formatIds,
  identity: z.string().min(1).max(500).optional(),
  /** How many systems were submitted; what is missing from them was cancelled. */
  systems: z.number().int().min(0),
  submitted: z.string().max(40),
  cancelled: z.boolean().optional(),
  /** Ids of jobs in whose place others of the same system were submitted. */
  superseded: z.array(z.string().max(300)).max(1_000_000).default([]),
});
export type PortfolioJob = z.infer<typeof portfolioSchema>;

/** How a pack came to be there. */
export const HOW_MADE = ['made', 'same-listing', 'same-content', 'nothing-aged'] as const;

/** What comes back of a job, through the queue. */
export const outcomeSchema = z.strictObject({
  /** Where the pack lies, as {@link place}. */
  pack: place,
  how: z.enum(HOW_MADE),
  /** The date that the pack speaks of; older than the job's where nothing aged since. */
  asOf: day,
  /** Seconds of the processor, bytes read, and seconds that passed. */
  cpu: z.number(),
  bytes: z.number(),
  seconds: z.number(),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** What comes back of a portfolio: where it lies, of how many systems, and how many have no pack. */
export interface PortfolioOutcome {
  portfolio: string;
  systems: number;
  failed: number;
}

/** SHA-256 over the parts of a reference, hex. */
export function digestOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The submission of a results place on a day: submitting to it again adds to it. */
export function submissionId(results: string, asOf: string): string {
  return digestOf(['submission', results, asOf]);
}

/** A job's id: the digest of its references (not of whether it is forced), with the system's id behind it for those who look at the queue. */
export function jobId(job: Job, toolVersion: string): string {
  const { version, submission, system, config, evidence, results, asOf, format, profile, identity } = job;
  const digest = digestOf([
    version,
    submission,
    system,
    config,
    evidence ?? null,
    results,
    asOf,
    format,
    profile ?? null,
    identity ?? null,
    toolVersion,
  ]);
  return `${digest}-${system}`;
}

/** The system out of a job's id. */
export function systemOf(id: string): string {
  return id.slice(65);
}
