import { ProbityError } from '../../../errors.ts';
import { type Adapter, type AdapterContext, newReading, type Reading, testIdentity } from '../../adapter.ts';
import type { Head } from '../../file.ts';
import { DEFAULT_THRESHOLD, type GarakEvent, mergeLogs, readLog, type Tally } from './log.ts';
import { FIRST_KEY, scanGarak } from './scan.ts';

const OPENING_TYPES = new Set(['start_run setup', 'init', 'config']);

/** How often a detector is right, by garak's own evaluation of it. */
interface Accuracy {
  sensitivity: number;
  specificity: number;
}

/**
 * From precision and recall on sets of as many hits as passes: garak/data/detectors_eval was made with balance_datasets.
 * Undefined when nothing was ever right, which leaves nothing to divide by.
 */
function accuracyOf(precision: number, recall: number): Accuracy | undefined {
  if (precision === 0) return undefined;
  return { sensitivity: recall, specificity: Math.max(0, 1 - (recall * (1 - precision)) / precision) };
}

/** Detectors that garak runs beside a probe's own one; before 0.15 the report does not say which those are. */
const EXTENDED = /^mitigation\./i;

interface Run {
  version: string | undefined;
  started: string | undefined;
  threshold: number;
  /** As the report names it: `TYPE/NAME`. */
  target: string | undefined;
  /** By probe, the detector that decides it, where the report says so. */
  primary: Map<string, string>;
  /** By detector, how often it is right, where the report says so; null where it is never right. */
  accuracies: Map<string, Accuracy | null>;
  /** Whether garak wrote that the run came to its end. */
  completed: boolean;
  tallies: Map<string, Tally>;
  summaries: number;
}

function newRun(): Run {
  return {
    version: undefined,
    started: undefined,
    threshold: DEFAULT_THRESHOLD,
    target: undefined,
    primary: new Map(),
    accuracies: new Map(),
    completed: false,
    tallies: new Map(),
    summaries: 0,
  };
}

function tallyKey(probe: string, detector: string): string {
  return `${probe}\u0000${detector}`;
}

/** What comes out of the log of a whole report. */
class GarakReader {
  #run: Run = newRun();
  #reading: Reading = newReading({ name: 'garak' });
  #context: AdapterContext;
  #path: string;
  #seenRuns = 0;

  constructor(path: string, context: AdapterContext) {
    this.#path = path;
    this.#context = context;
  }

  read(events: readonly GarakEvent[]): Reading {
    for (const event of events) this.#event(event);
    this.#endRun();
    if (this.#seenRuns > 1)
      this.#reading.warnings.push(`holds ${this.#seenRuns} runs; each result is dated by its own run`);
    return this.#reading;
  }

  #event(event: GarakEvent): void {
    switch (event.kind) {
      case 'attempts':
        this.#attempts(event);
        return;
      case 'setup':
        this.#endRun();
        this.#run = newRun();
        this.#run.target = event.target;
        if (event.threshold !== undefined) this.#run.threshold = event.threshold;
        return;
      case 'init':
        // A further run in one file: what its own set-up record said still holds.
        if (this.#run.version !== undefined || this.#run.tallies.size > 0) {
          this.#endRun();
          this.#run = { ...newRun(), target: this.#run.target, threshold: this.#run.threshold };
        }
        this.#run.version = event.version ?? 'unknown';
        this.#run.started = event.started;
        this.#seenRuns++;
        this.#reading.tool = { name: 'garak', ...(event.version ? { version: event.version } : {}) };
        if (event.started) this.#reading.collected = event.started.slice(0, 10);
        return;
      case 'completion':
        this.#run.completed = true;
        return;
      case 'plugins':
        for (const [probe, detector] of event.primary) this.#run.primary.set(probe, detector);
        for (const [detector, precision, recall] of event.accuracies)
          this.#run.accuracies.set(detector, accuracyOf(precision, recall) ?? null);
        return;
      case 'eval':
        this.#run.summaries++;
        this.#result(event, `line ${event.line}`);
    }
  }

  #attempts({ threshold, tallies }: Extract<GarakEvent, { kind: 'attempts' }>): void {
    if (threshold !== this.#run.threshold)
      throw new ProbityError(
        'EVIDENCE_MALFORMED',
        `attempts were judged from ${threshold} on, and the run from ${this.#run.threshold} on`,
        {
          where: this.#path,
          remedy: 'Summarise the report at once, without --part',
        },
      );
    for (const one of tallies) {
      const key = tallyKey(one.probe, one.detector);
      const before = this.#run.tallies.get(key);
      if (!before) {
        this.#run.tallies.set(key, { ...one });
        continue;
      }
      before.prompts += one.prompts;
      before.promptsHit += one.promptsHit;
      before.outputs += one.outputs;
      before.outputsHit += one.outputsHit;
      before.outputsMissing += one.outputsMissing;
    }
  }

  #endRun(): void {
    const { completed, summaries, tallies } = this.#run;
    if (summaries > 0 || tallies.size === 0) return;
    if (completed) this.#unsummarised();
    else
      this.#reading.warnings.push(
        'a run has attempts and no eval records: it was stopped before garak added them up, so nothing of it is counted',
      );
  }

  /** Harnesses that stop early write no summaries: a run that came to its end is then what its attempts add up to. */
  #unsummarised(): void {
    for (const { probe, detector, outputs, outputsHit, outputsMissing, line } of this.#run.tallies.values()) {
      if (outputs + outputsMissing === 0) continue;
      this.#result({ probe, detector, k: outputsHit, n: outputs, notEvaluated: outputsMissing }, `line ${line}`);
    }
    this.#reading.warnings.push('a run ended without eval records; what is counted are its attempts');
  }

  #result(
    {
      probe,
      detector,
      k,
      n,
      notEvaluated,
    }: { probe: string; detector: string; k: number; n: number; notEvaluated: number },
    at: string,
  ): void {
    const meaning = this.#context.probes('garak', probe, detector);
    if (!meaning) {
      this.#reading.unmapped.push({ probe: `${probe} (${detector})`, at, trials: n, successes: k });
      return;
    }
    const tally = this.#run.tallies.get(tallyKey(probe, detector));
    const agrees = tally !== undefined && tally.outputs === n && tally.outputsHit === k;
    if (tally !== undefined && !agrees)
      this.#reading.warnings.push(
        `${at}: the summary of ${probe} says ${k} of ${n}, its attempts add up to ${tally.outputsHit} of ${tally.outputs}; the summary is used, without grouping by prompt`,
      );
    const collected = (this.#run.started ?? this.#context.declared.collected)?.slice(0, 10);
    const primary = this.#run.primary.get(probe);
    // Other detectors look for something else in the same answers: shown beside, deciding nothing.
    const extended = primary === undefined ? EXTENDED.test(detector) : primary !== detector;
    const accuracy = this.#run.accuracies.get(detector);
    const useless = accuracy === null || (accuracy && accuracy.sensitivity + accuracy.specificity <= 1);
    if (useless && !extended)
      this.#reading.warnings.push(
        `${at}: by garak's own evaluation ${detector} is no better than chance, so its verdicts count for nothing`,
      );
    this.#reading.observations.push({
      kind: 'trials',
      ...testIdentity(meaning, this.#context.declared),
      ...(extended || useless ? { shows: 'neither' as const } : {}),
      probe,
      detector,
      toolDetector: true,
      ...(this.#run.target ? { target: this.#run.target } : {}),
      trials: { k, n },
      ...(agrees ? { clusters: { k: tally.promptsHit, n: tally.prompts } } : {}),
      notEvaluated,
      errors: 0,
      ...(accuracy && !useless ? { accuracy: { ...accuracy, per: 'trial' as const } } : {}),
      tool: { name: 'garak', ...(this.#run.version ? { version: this.#run.version } : {}) },
      ...(collected ? { collected } : {}),
      at,
    });
  }
}

export const adapter: Adapter = {
  format: 'garak-report',
  title: 'garak report (JSON Lines)',
  about: {
    group: 'attack results',
    files: 'garak report (`*.report.jsonl`, also `.gz`)',
    recognisedBy: "the first record's `entry_type`",
    gives: 'attempts and successes by probe and detector, counted by prompt where the attempts bear the summary out',
    limits:
      "`nones` are their own count; both the `total` and the `total_evaluated` shape; several runs in one file; an incomplete line rejects the file; a run that ended without summaries (early stop, intents) is what its attempts add up to, one that was stopped is not counted; from 0.15 the probe's own detector decides and others show nothing, before that `mitigation.*` shows nothing; garak's own precision and recall of a detector correct the rate, and a detector no better than chance counts for nothing",
    records: { target: 'yes', day: 'yes', declare: 'nothing' },
  },
  recognise(head: Head): number {
    const type = FIRST_KEY.exec(head.text.slice(0, 200))?.[1];
    if (type === undefined) return 0;
    return OPENING_TYPES.has(type) ? 1 : 0.9;
  },
  read: async (file, context) => new GarakReader(file.path, context).read(await scanGarak(file)),
  parts: {
    summarise: (lines) => scanGarak(lines),
    merge: mergeLogs,
    read: (body, path, context) => new GarakReader(path, context).read(readLog(body, path)),
  },
};
