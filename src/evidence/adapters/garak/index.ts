import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { check, firstIssue } from '../../../schema.ts';
import { type Adapter, type AdapterContext, newReading, type Reading, testIdentity } from '../../adapter.ts';
import type { EvidenceFile, Head } from '../../file.ts';

// https://reference.garak.ai: the report is JSON Lines; garak/report.py and garak/evaluators/base.py write it.
// Every record starts with `entry_type`, which lets this reader pass over prompts and outputs without parsing them.

const FIRST_KEY = /^\s*\{\s*"entry_type"\s*:\s*"([^"\\]{1,40})"/;
const OPENING_TYPES = new Set(['start_run setup', 'init', 'config']);
// Inside a JSON string a quote is escaped, so this sequence can only be a key.
const DETECTOR_RESULTS = Buffer.from('"detector_results": {');
const DETECTOR_RESULTS_TIGHT = Buffer.from('"detector_results":{');
const ATTEMPT_DONE = 2;
const DEFAULT_THRESHOLD = 0.5;

const count = z.number().int().min(0);
// Up to 0.13 a record had `total`; later ones have `total_evaluated` and count `nones` apart.
const evalRecord = z.looseObject({
  probe: z.string().max(300),
  detector: z.string().max(300),
  passed: count,
  fails: count.optional(),
  nones: count.optional(),
  total: count.optional(),
  total_evaluated: count.optional(),
});
const initRecord = z.looseObject({
  garak_version: z.string().max(60).optional(),
  start_time: z.string().max(60).optional(),
});
const setupRecord = z.looseObject({
  'run.eval_threshold': z.number().optional(),
  'plugins.target_type': z.string().nullish(),
  'plugins.target_name': z.string().nullish(),
  'plugins.model_type': z.string().nullish(),
  'plugins.model_name': z.string().nullish(),
});
// Early stop and intents write a list of lists: one per turn.
const score = z.number().nullable();
const detectorResults = z.record(
  z.string(),
  z.array(z.union([score, z.array(score)])).transform((scores) => scores.flat()),
);
// garak/harnesses/base.py writes one such record for each probe that it starts, each with what that probe needs.
const pluginCache = z.looseObject({
  plugin_cache: z.looseObject({
    probes: z.record(z.string(), z.looseObject({ primary_detector: z.string().nullish() })).optional(),
    detectors: z
      .record(
        z.string(),
        z.looseObject({
          hit_precision: z.number().min(0).max(1).nullish(),
          hit_recall: z.number().min(0).max(1).nullish(),
        }),
      )
      .optional(),
  }),
});

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

/** `TYPE/NAME` as garak writes it; up to 0.13 the two were called model_type and model_name. */
function targetOf(setup: z.infer<typeof setupRecord>): string | undefined {
  const type = setup['plugins.target_type'] ?? setup['plugins.model_type'];
  const name = setup['plugins.target_name'] ?? setup['plugins.model_name'];
  if (!type) return undefined;
  return name ? `${type}/${name}` : type;
}
const attemptRecord = z.looseObject({
  status: z.number(),
  probe_classname: z.string(),
  detector_results: detectorResults.default({}),
});

/** What the attempts of one probe and detector add up to. */
interface Tally {
  prompts: number;
  promptsHit: number;
  outputs: number;
  outputsHit: number;
  /** Outputs that the detector gave no verdict on. */
  outputsMissing: number;
  /** The line of the first attempt. */
  line: number;
}

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

/** Older reports say `probes.leakreplay.X` and `detector.y` where newer ones say `leakreplay.X` and `y`. */
function shortName(name: string): string {
  return name.replace(/^(garak\.)?(probes?|detectors?)[. ]/, '');
}

function tallyKey(probe: string, detector: string): string {
  return `${shortName(probe)}\u0000${shortName(detector)}`;
}

function addAttempt(run: Run, probe: string, results: Record<string, (number | null)[]>, line: number): void {
  for (const [detector, scores] of Object.entries(results)) {
    const key = tallyKey(probe, detector);
    const tally = run.tallies.get(key) ?? {
      prompts: 0,
      promptsHit: 0,
      outputs: 0,
      outputsHit: 0,
      outputsMissing: 0,
      line,
    };
    const judged = scores.filter((score) => score !== null);
    const hits = judged.filter((score) => score >= run.threshold).length;
    tally.outputs += judged.length;
    tally.outputsHit += hits;
    tally.outputsMissing += scores.length - judged.length;
    if (judged.length > 0) tally.prompts++;
    if (hits > 0) tally.promptsHit++;
    run.tallies.set(key, tally);
  }
}

/** The end of the JSON object that opens at `from`, one past its closing brace, or -1. */
function objectEnd(line: Buffer, from: number): number {
  let depth = 0;
  let inString = false;
  for (let i = from; i < line.length; i++) {
    const byte = line[i];
    if (inString) {
      if (byte === 92) i++;
      else if (byte === 34) inString = false;
    } else if (byte === 34) inString = true;
    else if (byte === 123) depth++;
    else if (byte === 125 && --depth === 0) return i + 1;
  }
  return -1;
}

class GarakReader {
  #run: Run = newRun();
  #reading: Reading = newReading({ name: 'garak' });
  #file: EvidenceFile;
  #context: AdapterContext;
  #seenRuns = 0;

  constructor(file: EvidenceFile, context: AdapterContext) {
    this.#file = file;
    this.#context = context;
  }

  async read(): Promise<Reading> {
    for await (const batch of this.#file.lineBatches()) {
      for (let i = 0; i < batch.lines.length; i++) this.#line(batch.lines[i] as Buffer, batch.first + i);
    }
    this.#endRun();
    if (this.#seenRuns > 1)
      this.#reading.warnings.push(`holds ${this.#seenRuns} runs; each result is dated by its own run`);
    return this.#reading;
  }

  #line(line: Buffer, number: number): void {
    if (line.length === 0) return;
    const type = FIRST_KEY.exec(line.toString('latin1', 0, 100))?.[1];
    if (type === 'attempt') this.#attempt(line, number);
    else if (type === 'digest') this.#whole(line, number);
    else this.#record(type, line, number);
  }

  #malformed(number: number, message: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, {
      where: `${this.#file.path}:${number}`,
      remedy: this.#file.unterminated
        ? 'The file may have been cut off while it was written or copied'
        : 'Use the report as garak wrote it',
    });
  }

  #parse(text: string, number: number): unknown {
    try {
      return JSON.parse(text);
    } catch {
      this.#malformed(number, 'not a complete JSON record');
    }
  }

  #check<T>(schema: z.ZodType<T>, value: unknown, number: number, what: string): T {
    const parsed = check(schema, value);
    if (parsed.success) return parsed.data;
    const { pointer, message } = firstIssue(parsed.error);
    this.#malformed(number, `${what} record does not fit: ${pointer || '/'} ${message}`);
  }

  /** A record that is not looked into must at least be whole. */
  #whole(line: Buffer, number: number): void {
    if (line[line.length - 1] !== 125) this.#malformed(number, 'not a complete JSON record');
  }

  /** Attempts are written when sent (status 1) and again when judged (status 2); only the latter has verdicts. */
  #attempt(line: Buffer, number: number): void {
    this.#whole(line, number);
    const start = line.toString('latin1', 0, 600);
    const status = /"status":\s*(\d)/.exec(start)?.[1];
    // Sent, not judged yet: nothing in it counts, so nothing in it is looked for.
    if (status !== undefined && Number(status) !== ATTEMPT_DONE) return;
    const probe = /"probe_classname":\s*"([^"\\]+)"/.exec(start)?.[1];
    let at = line.indexOf(DETECTOR_RESULTS);
    if (at === -1) at = line.indexOf(DETECTOR_RESULTS_TIGHT);
    if (status === undefined || probe === undefined || at === -1) {
      const attempt = this.#check(attemptRecord, this.#parse(line.toString('utf8'), number), number, 'attempt');
      if (attempt.status === ATTEMPT_DONE)
        addAttempt(this.#run, attempt.probe_classname, attempt.detector_results, number);
      return;
    }
    const from = line.indexOf(123, at);
    const end = objectEnd(line, from);
    if (end === -1) this.#malformed(number, 'not a complete JSON record');
    addAttempt(
      this.#run,
      probe,
      this.#check(detectorResults, this.#parse(line.toString('utf8', from, end), number), number, 'attempt'),
      number,
    );
  }

  #record(type: string | undefined, line: Buffer, number: number): void {
    const value = this.#parse(line.toString('utf8'), number);
    const kind =
      type ??
      (typeof value === 'object' && value !== null && 'entry_type' in value ? String(value.entry_type) : undefined);
    if (kind === undefined) this.#malformed(number, 'a record has no entry_type');
    if (kind === 'attempt') {
      const attempt = this.#check(attemptRecord, value, number, 'attempt');
      if (attempt.status === ATTEMPT_DONE)
        addAttempt(this.#run, attempt.probe_classname, attempt.detector_results, number);
    } else if (kind === 'start_run setup') {
      this.#endRun();
      this.#run = newRun();
      const setup = this.#check(setupRecord, value, number, 'setup');
      this.#run.target = targetOf(setup);
      if (setup['run.eval_threshold'] !== undefined) this.#run.threshold = setup['run.eval_threshold'];
    } else if (kind === 'init') {
      const init = this.#check(initRecord, value, number, 'init');
      // A further run in one file: what its own set-up record said still holds.
      if (this.#run.version !== undefined || this.#run.tallies.size > 0) {
        this.#endRun();
        this.#run = { ...newRun(), target: this.#run.target, threshold: this.#run.threshold };
      }
      this.#run.version = init.garak_version ?? 'unknown';
      this.#run.started = init.start_time;
      this.#seenRuns++;
      this.#reading.tool = { name: 'garak', ...(init.garak_version ? { version: init.garak_version } : {}) };
      if (init.start_time) this.#reading.collected = init.start_time.slice(0, 10);
    } else if (kind === 'completion') this.#run.completed = true;
    else if (kind === 'plugin_cache') this.#plugins(value);
    else if (kind === 'eval') this.#eval(this.#check(evalRecord, value, number, 'eval'), number);
  }

  /** From 0.15 the report says which detector a probe is made for. */
  #plugins(value: unknown): void {
    const parsed = pluginCache.safeParse(value);
    if (!parsed.success) return;
    for (const [probe, { primary_detector: detector }] of Object.entries(parsed.data.plugin_cache.probes ?? {}))
      if (detector) this.#run.primary.set(shortName(probe), shortName(detector));
    for (const [detector, { hit_precision: precision, hit_recall: recall }] of Object.entries(
      parsed.data.plugin_cache.detectors ?? {},
    ))
      if (typeof precision === 'number' && typeof recall === 'number')
        this.#run.accuracies.set(shortName(detector), accuracyOf(precision, recall) ?? null);
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
    for (const [key, { outputs, outputsHit, outputsMissing, line }] of this.#run.tallies) {
      const [probe = '', detector = ''] = key.split('\u0000');
      if (outputs + outputsMissing === 0) continue;
      this.#result({ probe, detector, k: outputsHit, n: outputs, notEvaluated: outputsMissing }, `line ${line}`);
    }
    this.#reading.warnings.push('a run ended without eval records; what is counted are its attempts');
  }

  #eval(record: z.infer<typeof evalRecord>, number: number): void {
    const n =
      record.total_evaluated ??
      record.total ??
      this.#malformed(number, 'eval record has neither total nor total_evaluated');
    const k = record.fails ?? n - record.passed;
    if (k < 0 || k + record.passed !== n)
      this.#malformed(number, `eval counts contradict each other: ${record.passed} passed and ${k} failed of ${n}`);
    this.#run.summaries++;
    this.#result(
      { probe: shortName(record.probe), detector: shortName(record.detector), k, n, notEvaluated: record.nones ?? 0 },
      `line ${number}`,
    );
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
  recognise(head: Head): number {
    const type = FIRST_KEY.exec(head.text.slice(0, 200))?.[1];
    if (type === undefined) return 0;
    return OPENING_TYPES.has(type) ? 1 : 0.9;
  },
  read: (file, context) => new GarakReader(file, context).read(),
};
