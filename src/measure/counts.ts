import { z } from 'zod';
import { grouped } from '../wording.ts';

const number = z.number();

/** The counts behind a number, by what was counted. Numbers are never negative. */
export const countsSchema = z.discriminatedUnion('of', [
  /** Scores, or decisions at one threshold, of members and non-members. */
  z.object({
    of: z.literal('records'),
    members: number,
    nonMembers: number,
    truePositives: number.optional(),
    falsePositives: number.optional(),
    calibrationMembers: number.optional(),
    calibrationNonMembers: number.optional(),
    duplicateRecords: number.optional(),
    /** How many scores there are, where several belong to one record or person and are counted once. */
    memberScores: number.optional(),
    nonMemberScores: number.optional(),
  }),
  /** Attempts, by prompt or record where the evidence tells them apart. */
  z.object({
    of: z.literal('attempts'),
    k: number,
    n: number,
    trials: number,
    trialSuccesses: number,
    notEvaluated: number,
    errors: number,
    /** How many of what is counted have no verdict: attempts, or prompts and records without one. */
    missing: number,
    runs: number,
  }),
  /** Targets that were recovered or not. */
  z.object({ of: z.literal('targets'), k: number, n: number, samples: number.optional(), runs: number }),
  /** An attack beside a baseline. */
  z.object({
    of: z.literal('pairs'),
    n: number,
    attackK: number,
    attackN: number,
    baselineK: number,
    baselineN: number,
    both: number.optional(),
    attackOnly: number.optional(),
    baselineOnly: number.optional(),
    neither: number.optional(),
  }),
  /** Distinct items recovered while queries were spent. */
  z.object({
    of: z.literal('items'),
    k: number,
    n: number,
    queries: number,
    budget: number.optional(),
    refusedAt: number.optional(),
    refused: number.optional(),
  }),
  /** Planted canaries ranked among candidates. */
  z.object({
    of: z.literal('canaries'),
    n: number,
    candidates: number,
    sampled: number.optional(),
    k: number.optional(),
  }),
  /** Guesses of a one-run audit. */
  z.object({ of: z.literal('guesses'), canaries: number, guesses: number, correct: number }),
  /** Nothing to count: stated or extrapolated. */
  z.object({ of: z.literal('nothing') }),
]);

export type Counts = z.infer<typeof countsSchema>;

/** The counts of one kind, or undefined when they are of another. */
export function countsOf<K extends Counts['of']>(counts: Counts, of: K): Extract<Counts, { of: K }> | undefined {
  return counts.of === of ? (counts as Extract<Counts, { of: K }>) : undefined;
}

/** How many of what a sample is counted in; for records the smaller side. */
export function sampleSize(counts: Counts): number {
  switch (counts.of) {
    case 'records':
      return Math.min(counts.members, counts.nonMembers);
    case 'guesses':
      return counts.guesses;
    case 'nothing':
      return 0;
    default:
      return counts.n;
  }
}

/** Of how many runs the counts are. */
export function runsOf(counts: Counts): number {
  return counts.of === 'attempts' || counts.of === 'targets' ? counts.runs : 1;
}

/** Counts in words, as they stand beside a number. */
export function countsInWords(counts: Counts): string {
  switch (counts.of) {
    case 'records': {
      const { members, nonMembers, truePositives } = counts;
      const recognised = truePositives === undefined ? '' : `${grouped(truePositives)} of `;
      return `${recognised}${grouped(members)} members, ${grouped(nonMembers)} non-members`;
    }
    case 'attempts':
      return `${grouped(counts.k)} of ${grouped(counts.n)}${counts.missing > 0 ? `, ${grouped(counts.missing)} more without a verdict` : ''}`;
    case 'targets':
    case 'items':
      return `${grouped(counts.k)} of ${grouped(counts.n)}`;
    case 'pairs':
      return `attack ${grouped(counts.attackK)} of ${grouped(counts.attackN)}, baseline ${grouped(counts.baselineK)} of ${grouped(counts.baselineN)}`;
    case 'canaries':
      return `${counts.k === undefined ? '' : `${grouped(counts.k)} of `}${grouped(counts.n)} canaries among ${grouped(counts.candidates)} candidates`;
    case 'guesses':
      return `${grouped(counts.correct)} of ${grouped(counts.guesses)} guesses about ${grouped(counts.canaries)} canaries`;
    case 'nothing':
      return 'no counts';
  }
}
