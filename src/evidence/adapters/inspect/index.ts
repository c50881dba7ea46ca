import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { parsePythonJson } from '../../../files/json.ts';
import { unzipBounded } from '../../../files/zip.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import { Attempts, declaredMeaning, type Verdict, withLine } from '../../attempts.ts';
import { type Example, MOST_EXAMPLES } from '../../content.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted } from '../../fitting.ts';
import { eachPythonValue } from '../../streaming.ts';

// Inspect (UK AISI), inspect_ai/log/_log.py: a log is one JSON document, or a zip of header.json, summaries.json (every
// sample's scores) and one file a sample; one that was stopped has only its journal. What a score means is the task's.

const spec = z.looseObject({
  created: z.string().max(60).nullish(),
  task: z.string().max(300),
  model: z.string().max(300).nullish(),
  dataset: z.looseObject({ samples: z.number().int().min(0).nullish() }).nullish(),
  config: z
    .looseObject({
      epochs: z.number().int().min(1).nullish(),
      limit: z.union([z.number(), z.array(z.number())]).nullish(),
    })
    .nullish(),
  packages: z.record(z.string(), z.unknown()).nullish(),
});
const results = z.looseObject({ total_samples: z.number().int().min(0).nullish() }).nullish();
const header = z.looseObject({
  status: z.string().max(40).nullish(),
  invalidated: z.boolean().nullish(),
  eval: spec,
  results,
});
const sample = z.looseObject({
  id: z.union([z.string().max(2000), z.number()]).nullish(),
  epoch: z.number().nullish(),
  error: z.unknown().optional(),
  output: z.unknown().optional(),
  scores: z.record(z.string().max(200), z.looseObject({ value: z.unknown() })).nullish(),
});
type Header = z.infer<typeof header>;

const REMEDY = 'Use the log as Inspect wrote it, or convert it with: inspect log convert LOG --to json --output-dir .';

/** A score as a number, after Inspect's own value_to_float; undefined where it is none. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  if (['c', 'yes', 'true'].includes(word)) return 1;
  if (['i', 'no', 'false'].includes(word)) return 0;
  if (word === 'p') return 0.5;
  return word !== '' && Number.isFinite(Number(word)) ? Number(word) : undefined;
}

/** So many scorers are looked at for answers to show. */
const MOST_SCORERS = 100;

/** What is kept of one sample until the log's end, when it is known which scorer judges. */
interface Scored {
  /** Samples of one id, over epochs, are one prompt. */
  id: string | undefined;
  /** By scorer; undefined where its value is no number. */
  values: Map<string, number | undefined>;
  /** Scorers whose value says itself what it is: C, I, P, yes, no, true or false. */
  worded: ReadonlySet<string>;
  failed: boolean;
  /** Of the first samples that may be hits, the answer, where content was asked for. */
  example?: Example | undefined;
  at: string;
}

class InspectReader {
  readonly #file: EvidenceFile;
  readonly #context: AdapterContext;
  readonly #samples: Scored[] = [];
  /** By id and epoch, where the sample stands. */
  readonly #runs = new Map<string, number>();
  /** By scorer, how many examples are held or asked for. */
  readonly #shown = new Map<string, number>();
  /** Of an archive, the entry that holds the answer of a sample. */
  readonly #asked: { one: Scored; name: string }[] = [];

  constructor(file: EvidenceFile, context: AdapterContext) {
    this.#file = file;
    this.#context = context;
  }

  /** One JSON document; its samples are looked at one at a time. */
  async readJson(): Promise<Reading> {
    const parts: Record<string, unknown> = {};
    await eachPythonValue(
      this.#file,
      ['$.status', '$.invalidated', '$.eval', '$.results', '$.samples.*'],
      (value, at) => {
        if (at.startsWith('/samples/')) this.#sample(value, at);
        else parts[at.slice(1)] = value;
      },
    );
    return this.#finish(fitted(header, parts, this.#file, 'an Inspect log'));
  }

  /** A zip: summaries of every sample where the log was finished, the journal's where it was stopped. */
  async readZip(): Promise<Reading> {
    const entries = unzipBounded(await this.#file.whole(), this.#file.path, (name) =>
      /^(header|summaries|_journal\/start|_journal\/summaries\/\d+)\.json$/.test(name),
    );
    const json = (name: string): unknown =>
      parsePythonJson(
        Buffer.from(entries.get(name) ?? []).toString('utf8'),
        `${this.#file.path}!${name}`,
        'EVIDENCE_MALFORMED',
      );
    const finished = entries.has('header.json');
    const start = finished ? 'header.json' : '_journal/start.json';
    if (!entries.has(start)) this.#malformed('the archive holds neither header.json nor a journal', '');
    const found = fitted(header, json(start), { path: `${this.#file.path}!${start}` }, 'an Inspect log');
    const names = entries.has('summaries.json')
      ? ['summaries.json']
      : [...entries.keys()]
          .filter((name) => name.startsWith('_journal/summaries/'))
          // In the order of the runs: what was run again comes later.
          .sort((a, b) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]));
    for (const name of names) {
      const list = fitted(z.array(z.unknown()), json(name), { path: `${this.#file.path}!${name}` }, 'an Inspect log');
      list.forEach((one, index) => {
        this.#sample(one, `${name}#/${index}`);
      });
    }
    await this.#readAnswers();
    return this.#finish(finished ? found : { ...found, status: 'started' });
  }

  #malformed(message: string, pointer: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, {
      where: pointer ? `${this.#file.path}#${pointer}` : this.#file.path,
      remedy: REMEDY,
    });
  }

  #sample(value: unknown, at: string): void {
    const { id, epoch, scores, error, output } = fitted(sample, value, this.#file, 'an Inspect log', at);
    const one: Scored = {
      id: id === undefined || id === null ? undefined : String(id),
      values: new Map(Object.entries(scores ?? {}).map(([scorer, score]) => [scorer, numberOf(score.value)])),
      worded: new Set(
        Object.entries(scores ?? {}).flatMap(([scorer, { value: said }]) =>
          typeof said === 'boolean' || (typeof said === 'string' && /^\s*[a-z]/i.test(said)) ? [scorer] : [],
        ),
      ),
      failed: Boolean(error),
      at,
    };
    if (this.#mayLeak(one)) {
      if (at.startsWith('/samples/')) one.example = this.#context.content?.example(output, at);
      else this.#asked.push({ one, name: `samples/${id}_epoch_${epoch ?? 1}.json` });
    }
    // A sample that failed is run again under the same id; the later run stands for both, unless the first was judged.
    const key = JSON.stringify([id ?? at, epoch ?? 0]);
    const before = this.#runs.get(key);
    if (before !== undefined && this.#samples[before]?.values.size === 0) this.#samples[before] = one;
    else {
      this.#runs.set(key, this.#samples.length);
      this.#samples.push(one);
    }
  }

  /** Whether an answer is to be shown, as far as the sample itself tells: a scorer's first hits. */
  #mayLeak({ values, worded, failed }: Scored): boolean {
    const { content, declared } = this.#context;
    const { leaks, scorer, threshold } = declared;
    if (!content || leaks === undefined) return false;
    const hit = [...values.keys()].find(
      (name) =>
        (scorer === undefined || name === scorer) &&
        (this.#shown.get(name) ?? 0) < MOST_EXAMPLES &&
        judged(values.get(name), worded.has(name) ? HALF : threshold, leaks, failed) === 'leaked',
    );
    if (hit === undefined || this.#shown.size > MOST_SCORERS) return false;
    this.#shown.set(hit, (this.#shown.get(hit) ?? 0) + 1);
    return true;
  }

  /** Answers of an archive, out of the entries of the samples that are to be shown. */
  async #readAnswers(): Promise<void> {
    if (this.#asked.length === 0) return;
    const names = new Set(this.#asked.map(({ name }) => name));
    const entries = unzipBounded(await this.#file.whole(), this.#file.path, (name) => names.has(name));
    for (const { one, name } of this.#asked) {
      const entry = entries.get(name);
      if (!entry) continue;
      const value = parsePythonJson(
        Buffer.from(entry).toString('utf8'),
        `${this.#file.path}!${name}`,
        'EVIDENCE_MALFORMED',
      );
      const { output } = fitted(sample, value, { path: `${this.#file.path}!${name}` }, 'an Inspect log');
      one.example = this.#context.content?.example(output, `${name}#/output`);
    }
  }

  #finish(found: Header): Reading {
    const { eval: run, status, invalidated } = found;
    const version = run.packages?.['inspect_ai'];
    const reading = newReading({
      name: 'Inspect',
      ...(typeof version === 'string' ? { version: version.slice(0, 60) } : {}),
    });
    const collected = run.created ?? this.#context.declared.collected;
    if (collected) reading.collected = collected;
    if (invalidated) {
      reading.warnings.push('whoever ran it has marked the log as invalid, so nothing of it is counted');
      return reading;
    }
    const missing = Math.max(0, planned(found) - this.#runs.size);
    if (status !== 'success' || missing > 0)
      reading.warnings.push(
        `its status is "${status ?? 'unknown'}", with ${this.#runs.size} of ${this.#runs.size + missing} samples run; those left out count as attempts without a verdict`,
      );
    const unscored = this.#samples.filter(({ values }) => values.size === 0).length;
    if (unscored > 0) reading.warnings.push(`${unscored} samples have no score`);
    const scorers = new Set(this.#samples.flatMap(({ values }) => [...values.keys()]));
    const { leaks, scorer = scorers.size === 1 ? [...scorers][0] : undefined } = this.#context.declared;
    if (scorer !== undefined && leaks !== undefined && declaredMeaning(this.#context)) {
      if (!scorers.has(scorer)) reading.warnings.push(`no sample was scored by ${scorer}`);
      this.#judged(run, scorer, leaks, missing, reading);
      return reading;
    }
    this.#listed(run.task, [...scorers], reading);
    reading.warnings.push(
      `what its scores mean is not known: declare technique, surface, leaks (high or low)${scorers.size > 1 ? ' and scorer' : ''} for this file under sources in probity.yaml, if the task attacks one of the two classes`,
    );
    return reading;
  }

  #judged(run: Header['eval'], scorer: string, leaks: 'high' | 'low', missing: number, reading: Reading): void {
    const attempts = new Attempts('inspect', this.#context);
    const { threshold } = this.#context.declared;
    const doubt = threshold === undefined ? this.#doubtfulScale(scorer, leaks) : undefined;
    if (doubt) reading.warnings.push(doubt);
    // Where numbers were judged, the detector is the scorer with its line.
    const byNumber =
      threshold !== undefined &&
      this.#samples.some(({ values, worded }) => values.get(scorer) !== undefined && !worded.has(scorer));
    const detector = byNumber ? withLine(scorer, threshold, leaks) : scorer;
    let between = 0;
    for (const { id, values, worded, failed, example, at } of this.#samples) {
      const value = doubt ? undefined : values.get(scorer);
      const cut = worded.has(scorer) ? HALF : threshold;
      if (value !== undefined && (cut ?? cutOf(value)) === undefined) between++;
      attempts.add({
        probe: run.task,
        detector,
        target: run.model ?? undefined,
        verdict: judged(value, cut, leaks, failed),
        cluster: id,
        example,
        at,
      });
    }
    if (between > 0)
      reading.warnings.push(
        `${between} scores of ${scorer} lie between 0 and 1, and nothing says from which one on it is a leak, so they are attempts without a verdict: declare threshold beside leaks`,
      );
    attempts.owe(missing);
    attempts.finish(reading);
  }

  /** Why the numbers of a scorer are no verdicts by themselves. */
  #doubtfulScale(scorer: string, leaks: 'high' | 'low'): string | undefined {
    const values = this.#samples.flatMap(({ values: of }) => of.get(scorer) ?? []);
    const remedy = 'let the scorer say C or I, or declare threshold beside leaks';
    const beyond = values.find((value) => value < 0 || value > 1);
    if (beyond !== undefined)
      return `${scorer} gives ${beyond}, which is outside 0 to 1, so none of its numbers is a verdict: ${remedy}`;
    // On a scale from 1 on, this is its low end, where everything leaks.
    if (leaks === 'low' && values.length > 0 && !this.#samples.some(({ worded }) => worded.has(scorer)))
      if (values.every((value) => value === 1))
        return `every number of ${scorer} is 1, which is as well the low end of a scale from 1 on, so none is a verdict: ${remedy}`;
    return undefined;
  }

  /** What was counted and means nothing here yet; successes as the scorer has them. */
  #listed(task: string, scorers: readonly string[], reading: Reading): void {
    for (const scorer of scorers) {
      const numbers = this.#samples.flatMap(({ values }) => values.get(scorer) ?? []);
      reading.unmapped.push({
        probe: `${task} (${scorer})`,
        at: this.#samples[0]?.at ?? '/samples',
        trials: numbers.length,
        successes: numbers.filter((value) => value >= 0.5).length,
      });
    }
    if (scorers.length === 0) reading.unmapped.push({ probe: task, at: '/samples', trials: 0, successes: 0 });
  }
}

/** Half right, in Inspect's own word P, is a leak either way. */
const HALF = 0.5;

/** Where the line lies for a number that is 0 or 1; of those between, only the workspace can say. */
function cutOf(value: number | undefined): number | undefined {
  return value === 0 || value === 1 ? HALF : undefined;
}

/** @param declared from which value on it is a leak; without one only 0 and 1 are verdicts */
function judged(
  value: number | undefined,
  declared: number | undefined,
  leaks: 'high' | 'low',
  failed: boolean,
): Verdict {
  const cut = declared ?? cutOf(value);
  if (value !== undefined && cut !== undefined && (leaks === 'low' ? value <= cut : value >= cut)) return 'leaked';
  // What failed on the way did not resist, whatever was scored of it.
  if (failed) return 'error';
  return value === undefined || cut === undefined ? 'unjudged' : 'resisted';
}

/** How many samples the run was to have. */
function planned({ results: stated, eval: { dataset, config } }: Header): number {
  if (typeof stated?.total_samples === 'number') return stated.total_samples;
  const limit = config?.limit;
  const [from = 0, to = 0] = Array.isArray(limit) ? limit : [0, limit ?? Number.MAX_SAFE_INTEGER];
  return Math.min(Math.max(0, to - from), dataset?.samples ?? 0) * (config?.epochs ?? 1);
}

export const adapter: Adapter = {
  format: 'inspect-log',
  title: 'Inspect log (.eval and JSON)',
  about: {
    group: 'attack results',
    files: 'Inspect log (`.eval` and JSON)',
    recognisedBy: '`_journal/`, `eval.task`',
    gives: 'samples by scorer and id; declared, attempts and successes',
    limits:
      "what a score means is the task's: declare `technique`, `surface`, `leaks` (`high` or `low`) and, of several, `scorer`; deflate and Zstandard; samples that were planned and not run, or not scored, count as attempts without a verdict, and a run again replaces only what had none; a sample that failed and did not leak is an error, whatever its score; 0 and 1 are verdicts, and a number between them is none until `threshold` says from which one on it is a leak; without it, where a number lies outside 0 to 1, or where `leaks` is `low` and every number is 1 (as well the low end of a scale from 1 on), none of that scorer is a verdict; an invalidated log counts for nothing",
    records: { target: 'yes', day: 'yes', declare: 'what its scores mean' },
  },
  recognise({ bytes, text, name }): number {
    if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0x04034b50)
      return bytes.includes('_journal/') ? 1 : name.endsWith('.eval') ? 0.9 : 0;
    if (!/^\s*\{/.test(text)) return 0;
    return /"eval"\s*:\s*\{/.test(text) && /"task"\s*:/.test(text) && /"(status|version)"\s*:/.test(text.slice(0, 200))
      ? 0.95
      : 0;
  },
  async read(file, context) {
    const reader = new InspectReader(file, context);
    return (await file.head()).bytes[0] === 0x50 ? reader.readZip() : reader.readJson();
  },
};
