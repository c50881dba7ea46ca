import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { check, firstIssue } from '../../../schema.ts';
import type { PartBody } from '../../adapter.ts';
import type { Example } from '../../content.ts';

/*
 * A garak report without its prompts and outputs: what its records say, in their order, and between them what the attempts
 * add up to. The logs of consecutive parts of a report, one after the other, are the log of the report.
 */

export const DEFAULT_THRESHOLD = 0.5;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const name = z.string().max(300);
const short = z.string().max(60);

const tally = z
  .strictObject({
    probe: name,
    detector: name,
    /** Attempts with a verdict, and those of them with a hit. */
    prompts: count,
    promptsHit: count,
    outputs: count,
    outputsHit: count,
    /** Outputs that the detector gave no verdict on. */
    outputsMissing: count,
    /** The line of the first attempt. */
    line: count,
  })
  .refine(
    ({ prompts, promptsHit, outputs, outputsHit }) =>
      promptsHit <= prompts && outputsHit <= outputs && prompts <= outputs && promptsHit <= outputsHit,
    'more hits than there are attempts',
  );

const event = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('setup'),
    target: z.string().max(2000).optional(),
    threshold: z.number().optional(),
  }),
  z.strictObject({ kind: z.literal('init'), version: short.optional(), started: short.optional() }),
  z.strictObject({ kind: z.literal('completion') }),
  z.strictObject({
    kind: z.literal('plugins'),
    /** Probe and the detector that decides it. */
    primary: z.array(z.tuple([z.string(), z.string()])).max(100_000),
    /** Detector, and its precision and recall by garak's own evaluation. */
    accuracies: z.array(z.tuple([z.string(), z.number().min(0).max(1), z.number().min(0).max(1)])).max(100_000),
  }),
  z.strictObject({
    kind: z.literal('eval'),
    line: count,
    probe: name,
    detector: name,
    k: count,
    n: count,
    notEvaluated: count,
  }),
  z.strictObject({
    kind: z.literal('attempts'),
    /** From which score on a detector's verdict counts as a hit. */
    threshold: z.number(),
    tallies: z.array(tally).max(1_000_000),
  }),
]);
type LoggedEvent = z.infer<typeof event>;
type LoggedAttempts = Extract<LoggedEvent, { kind: 'attempts' }>;
/** What attempts add up to; a log that is handed on as a part never holds their answers. */
export type Tally = z.infer<typeof tally> & { examples?: Example[] };
export type GarakEvent =
  | Exclude<LoggedEvent, LoggedAttempts>
  | (Omit<LoggedAttempts, 'tallies'> & { tallies: Tally[] });

const logSchema = z.array(event).max(2_000_000);

/** Reads the log of a part. @throws ProbityError EVIDENCE_MALFORMED */
export function readLog(body: unknown, where: string): GarakEvent[] {
  const parsed = check(logSchema, body);
  if (parsed.success) return parsed.data;
  const { pointer, message } = firstIssue(parsed.error);
  throw new ProbityError('EVIDENCE_MALFORMED', `what it says of a garak report does not fit: ${message}`, {
    where: `${where}#/body${pointer}`,
    remedy: 'Make it again with: probity evidence summarise',
  });
}

/** Collects the events of a report, attempts added up until something asks for them. */
export class GarakLog {
  readonly events: GarakEvent[] = [];
  #tallies = new Map<string, Tally>();
  #threshold: number | undefined;

  /** Notes what a record says. */
  note(one: Exclude<GarakEvent, { kind: 'attempts' }>): void {
    // These ask what the attempts before them came to, or begin anew.
    if (one.kind === 'setup' || one.kind === 'init' || one.kind === 'eval') this.#settle();
    this.events.push(one);
  }

  /** The tally to add an attempt to. @param line of the attempt @throws ProbityError EVIDENCE_MALFORMED */
  tally(probe: string, detector: string, line: number, threshold: number, where: string): Tally {
    this.#threshold ??= threshold;
    if (this.#threshold !== threshold) throw otherThreshold(where);
    const key = `${probe}\u0000${detector}`;
    let found = this.#tallies.get(key);
    if (!found) {
      found = { probe, detector, prompts: 0, promptsHit: 0, outputs: 0, outputsHit: 0, outputsMissing: 0, line };
      this.#tallies.set(key, found);
    }
    return found;
  }

  /** Everything, once the report has ended. */
  end(): GarakEvent[] {
    this.#settle();
    return this.events;
  }

  #settle(): void {
    if (this.#threshold === undefined) return;
    this.events.push({ kind: 'attempts', threshold: this.#threshold, tallies: [...this.#tallies.values()] });
    this.#tallies = new Map();
    this.#threshold = undefined;
  }
}

function otherThreshold(where: string): ProbityError {
  return new ProbityError('EVIDENCE_MALFORMED', 'its parts were judged by different thresholds', {
    where,
    remedy: 'Summarise the report at once, without --part',
  });
}

/**
 * The log of consecutive parts: lines are counted on, and attempts across a border add up.
 * @throws ProbityError EVIDENCE_MALFORMED for parts of which some were judged by another threshold than the run states
 */
export function mergeLogs(bodies: readonly PartBody[]): GarakEvent[] {
  const log = new GarakLog();
  let before = 0;
  let threshold: number | undefined;
  for (const { body, lines, where } of bodies) {
    for (const one of readLog(body, where)) {
      // Only a set-up record changes it; a part that begins behind one has it from the report's beginning.
      if (one.kind === 'setup') threshold = one.threshold ?? DEFAULT_THRESHOLD;
      else if (one.kind === 'attempts') {
        threshold ??= one.threshold;
        if (one.threshold !== threshold) throw otherThreshold(where);
      }
      if (one.kind === 'attempts')
        for (const { probe, detector, line, ...counts } of one.tallies) {
          const sum = log.tally(probe, detector, line + before, one.threshold, where);
          sum.prompts += counts.prompts;
          sum.promptsHit += counts.promptsHit;
          sum.outputs += counts.outputs;
          sum.outputsHit += counts.outputsHit;
          sum.outputsMissing += counts.outputsMissing;
        }
      else log.note(one.kind === 'eval' ? { ...one, line: one.line + before } : one);
    }
    before += lines;
  }
  return log.end();
}
