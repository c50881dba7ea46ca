import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { check, firstIssue } from '../../../schema.ts';
import { type Content, MOST_EXAMPLES } from '../../content.ts';
import type { LineSource } from '../../file.ts';
import { DEFAULT_THRESHOLD, type GarakEvent, GarakLog } from './log.ts';

// https://reference.garak.ai: the report is JSON Lines; garak/report.py and garak/evaluators/base.py write it.
// Every record starts with `entry_type`, which lets this reader pass over prompts and outputs without parsing them.

export const FIRST_KEY = /^\s*\{\s*"entry_type"\s*:\s*"([^"\\]{1,40})"/;
// Inside a JSON string a quote is escaped, so this sequence can only be a key.
const DETECTOR_RESULTS = Buffer.from('"detector_results": {');
const DETECTOR_RESULTS_TIGHT = Buffer.from('"detector_results":{');
const ATTEMPT_DONE = 2;

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
  outputs: z.unknown().optional(),
});

/** Older reports say `probes.leakreplay.X` and `detector.y` where newer ones say `leakreplay.X` and `y`. */
function shortName(name: string): string {
  return name.replace(/^(garak\.)?(probes?|detectors?)[. ]/, '');
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

const THRESHOLD = /"run\.eval_threshold"\s*:\s*(\d+(?:\.\d+)?)/;

/**
 * What the lines of a report, or of a part of one, say.
 * @param content keeps examples of answers that were hits; without it no answer is looked at
 * @throws ProbityError EVIDENCE_MALFORMED with file and line
 */
export async function scanGarak(lines: LineSource, content?: Content): Promise<GarakEvent[]> {
  // A part that begins in the middle is judged as the report's beginning says.
  const stated = lines.from > 0 ? THRESHOLD.exec((await lines.head()).text)?.[1] : undefined;
  return new GarakScanner(lines, stated === undefined ? DEFAULT_THRESHOLD : Number(stated), content).scan();
}

class GarakScanner {
  #lines: LineSource;
  #log = new GarakLog();
  #threshold: number;
  #content: Content | undefined;

  constructor(lines: LineSource, threshold: number, content: Content | undefined) {
    this.#lines = lines;
    this.#threshold = threshold;
    this.#content = content;
  }

  async scan(): Promise<GarakEvent[]> {
    for await (const batch of this.#lines.lineBatches()) {
      for (let i = 0; i < batch.lines.length; i++) this.#line(batch.lines[i] as Buffer, batch.first + i);
    }
    return this.#log.end();
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
      where: `${this.#lines.path}:${number}`,
      remedy: this.#lines.unterminated
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
        this.#add(attempt.probe_classname, attempt.detector_results, number, () => attempt.outputs);
      return;
    }
    const from = line.indexOf(123, at);
    const end = objectEnd(line, from);
    if (end === -1) this.#malformed(number, 'not a complete JSON record');
    this.#add(
      probe,
      this.#check(detectorResults, this.#parse(line.toString('utf8', from, end), number), number, 'attempt'),
      number,
      () => this.#check(attemptRecord, this.#parse(line.toString('utf8'), number), number, 'attempt').outputs,
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
        this.#add(attempt.probe_classname, attempt.detector_results, number, () => attempt.outputs);
    } else if (kind === 'start_run setup') {
      const setup = this.#check(setupRecord, value, number, 'setup');
      const target = targetOf(setup);
      const threshold = setup['run.eval_threshold'];
      this.#threshold = threshold ?? DEFAULT_THRESHOLD;
      this.#log.note({
        kind: 'setup',
        ...(target === undefined ? {} : { target }),
        ...(threshold === undefined ? {} : { threshold }),
      });
    } else if (kind === 'init') {
      const { garak_version: version, start_time: started } = this.#check(initRecord, value, number, 'init');
      this.#log.note({
        kind: 'init',
        ...(version === undefined ? {} : { version }),
        ...(started === undefined ? {} : { started }),
      });
    } else if (kind === 'completion') this.#log.note({ kind: 'completion' });
    else if (kind === 'plugin_cache') this.#plugins(value);
    else if (kind === 'eval') this.#eval(this.#check(evalRecord, value, number, 'eval'), number);
  }

  /** From 0.15 the report says which detector a probe is made for. */
  #plugins(value: unknown): void {
    const parsed = pluginCache.safeParse(value);
    if (!parsed.success) return;
    const { probes = {}, detectors = {} } = parsed.data.plugin_cache;
    this.#log.note({
      kind: 'plugins',
      primary: Object.entries(probes).flatMap(([probe, { primary_detector: detector }]): [string, string][] =>
        detector ? [[shortName(probe), shortName(detector)]] : [],
      ),
      accuracies: Object.entries(detectors).flatMap(
        ([detector, { hit_precision: precision, hit_recall: recall }]): [string, number, number][] =>
          typeof precision === 'number' && typeof recall === 'number' ? [[shortName(detector), precision, recall]] : [],
      ),
    });
  }

  #eval(record: z.infer<typeof evalRecord>, number: number): void {
    const n =
      record.total_evaluated ??
      record.total ??
      this.#malformed(number, 'eval record has neither total nor total_evaluated');
    const k = record.fails ?? n - record.passed;
    if (k < 0 || k + record.passed !== n)
      this.#malformed(number, `eval counts contradict each other: ${record.passed} passed and ${k} failed of ${n}`);
    this.#log.note({
      kind: 'eval',
      line: number,
      probe: shortName(record.probe),
      detector: shortName(record.detector),
      k,
      n,
      notEvaluated: record.nones ?? 0,
    });
  }

  /** @param outputs the answers of the attempt, in the order of the scores; asked for only where one is to be shown */
  #add(probe: string, results: Record<string, (number | null)[]>, line: number, outputs: () => unknown): void {
    const threshold = this.#threshold;
    let answers: unknown;
    for (const [detector, scores] of Object.entries(results)) {
      const tally = this.#log.tally(shortName(probe), shortName(detector), line, threshold, this.#lines.path);
      const judged = scores.filter((score) => score !== null);
      const hits = judged.filter((score) => score >= threshold).length;
      tally.outputs += judged.length;
      tally.outputsHit += hits;
      tally.outputsMissing += scores.length - judged.length;
      if (judged.length > 0) tally.prompts++;
      if (hits > 0) tally.promptsHit++;
      if (hits === 0 || !this.#content || (tally.examples?.length ?? 0) >= MOST_EXAMPLES) continue;
      answers ??= outputs();
      scores.forEach((score, i) => {
        if (score === null || score < threshold) return;
        const answer = Array.isArray(answers) ? answers[i] : undefined;
        const examples = this.#content?.keep(tally.examples ?? [], answer, `line ${line}, output ${i + 1}`) ?? [];
        if (examples.length > 0) tally.examples = examples;
      });
    }
  }
}
