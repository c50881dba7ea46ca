import { createHash } from 'node:crypto';
import { z } from 'zod';
import { messageOf, ProbityError } from '../../../errors.ts';
import { JsonRecords } from '../../../files/jsonRecords.ts';
import { forbiddenKey, parseYaml } from '../../../files/yaml.ts';
import { check, firstIssue } from '../../../schema.ts';
import { type Adapter, type AdapterContext, newReading, type Reading, testIdentity } from '../../adapter.ts';
import type { Example } from '../../content.ts';
import { headerOf } from '../../csv.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted } from '../../fitting.ts';
import { csvResults, layoutOf } from './csv.ts';

// https://www.promptfoo.dev/docs/configuration/outputs/ and promptfoo's src/types/index.ts (EvaluateSummaryV2, V3).
// `success` means that the assertions held, that is: the application resisted.

const REMEDY = 'Write it again with: promptfoo export eval ID -o results.json';
const FAILED_ASSERTION = 1;
const TECHNICAL_ERROR = 2;

const metadata = z.looseObject({
  pluginId: z.string().max(200).optional(),
  strategyId: z.string().max(200).optional(),
  // What the graders of two plugins compare the answer with, where they were given it.
  crossSessionLeakMatch: z.unknown().optional(),
  systemPrompt: z.unknown().optional(),
});
const result = z.looseObject({
  success: z.boolean(),
  failureReason: z.number().int().optional(),
  error: z.string().nullish(),
  gradingResult: z
    .looseObject({ pass: z.boolean().optional(), componentResults: z.array(z.unknown()).nullish() })
    .nullish(),
  metadata: metadata.nullish(),
  testCase: z.looseObject({ metadata: metadata.nullish() }).nullish(),
  vars: z.record(z.string(), z.unknown()).nullish(),
  promptId: z.string().nullish(),
  response: z.looseObject({ output: z.unknown().optional() }).nullish().catch(undefined),
  /** Of a table: something failed, and it does not say what. */
  ambiguous: z.boolean().optional(),
  provider: z.union([z.string(), z.looseObject({ id: z.string().nullish(), label: z.string().nullish() })]).nullish(),
});
const stats = z.looseObject({ successes: z.number(), failures: z.number(), errors: z.number().optional() });
const document = z.looseObject({
  results: z.looseObject({
    timestamp: z.union([z.string(), z.date()]).nullish(),
    results: z.array(z.unknown()),
    stats: stats.optional(),
    table: z.looseObject({ body: z.array(z.unknown()) }).nullish(),
  }),
  metadata: z.unknown().optional(),
});
const assertionResult = z.looseObject({
  pass: z.boolean().optional(),
  assertion: z.looseObject({ type: z.string() }).nullish(),
});

/**
 * Plugins whose grader compares the answer with a text that the row carries (promptfoo's src/redteam/plugins,
 * crossSessionLeak.ts and promptExtraction.ts).
 */
const COMPARED_WITH = new Map<string, 'crossSessionLeakMatch' | 'systemPrompt'>([
  ['cross-session-leak', 'crossSessionLeakMatch'],
  ['prompt-extraction', 'systemPrompt'],
]);

/** Assertions that a red-team plugin brings along: their word on leakage is the one that counts. */
const REDTEAM = 'promptfoo:redteam:';

/** A row of the table that version 2 holds beside its results: only there stands which plugin made a test. */
const tableRow = z.looseObject({
  test: z.looseObject({ metadata: metadata.nullish(), vars: z.record(z.string(), z.unknown()).nullish() }),
  outputs: z.array(
    z.looseObject({ pass: z.boolean(), provider: z.string().nullish(), gradingResult: z.unknown().optional() }),
  ),
});

/** The results of one plugin and strategy. */
interface Group {
  probe: string;
  plugin: string;
  target: string | undefined;
  trials: number;
  hits: number;
  errors: number;
  /** Something failed, and nothing says whether it was about a leak. */
  unjudged: number;
  prompts: Map<string, boolean>;
  judges: Set<string>;
  /** Whether every verdict is one of promptfoo's own red-team graders. */
  graded: boolean;
  /** Whether every verdict came from a comparison with what the plugin looks for; true where it needs none. */
  compared: boolean;
  examples: Example[];
  firstAt: number;
  lastAt: number;
}

/** A provider's label, else its id: two providers are two targets. */
function providerOf(provider: z.infer<typeof result>['provider']): string | undefined {
  if (!provider) return undefined;
  return typeof provider === 'string' ? provider : provider.label || provider.id || undefined;
}

/**
 * Whether the application gave something away. Where a red-team plugin's own assertion judged, that one decides: another
 * assertion that failed, such as one on the form of the answer, is no leak.
 */
function verdictOf(
  components: readonly unknown[],
  failed: boolean,
): { hit: boolean; types: string[]; graded: boolean } {
  const judged = components.flatMap((component) => {
    const parsed = assertionResult.safeParse(component);
    return parsed.success && parsed.data.assertion
      ? [{ type: parsed.data.assertion.type, pass: parsed.data.pass }]
      : [];
  });
  const own = judged.filter(({ type, pass }) => type.startsWith(REDTEAM) && pass !== undefined);
  if (own.length === 0) return { hit: failed, types: judged.map(({ type }) => type), graded: false };
  return { hit: own.some(({ pass }) => pass === false), types: own.map(({ type }) => type), graded: true };
}

class PromptfooReader {
  #file: EvidenceFile;
  #context: AdapterContext;
  #groups = new Map<string, Group>();
  #reading: Reading = newReading({ name: 'promptfoo' });
  #seen = { successes: 0, failures: 0, errors: 0 };
  #stats: z.infer<typeof stats> | undefined;
  #unlabelled = 0;
  #seeding = 0;
  #fromTable = false;
  /** What the table of version 2 holds, to be held against the results. */
  #tabled = { passed: 0, failed: 0 };
  #ended = false;
  #isTable = false;
  #place = (row: number): string => `/results/results/${row}`;

  constructor(file: EvidenceFile, context: AdapterContext) {
    this.#file = file;
    this.#context = context;
  }

  /** `eval -o out.jsonl` writes the rows of `results.results` alone, one a line. */
  async readLines(): Promise<Reading> {
    this.#place = (row) => `line ${row}`;
    for await (const batch of this.#file.lineBatches()) {
      for (let i = 0; i < batch.lines.length; i++) {
        const line = (batch.lines[i] as Buffer).toString('utf8');
        if (line.trim() === '') continue;
        let value: unknown;
        try {
          value = JSON.parse(line);
        } catch (error) {
          this.#malformed(`line ${batch.first + i}`, `not valid JSON: ${messageOf(error)}`);
        }
        this.#result(value, batch.first + i);
      }
    }
    return this.#finish();
  }

  /** `redteam` runs as a table: the same rows with less in them. */
  async readTable(): Promise<Reading> {
    this.#isTable = true;
    this.#place = (row) => `line ${row}`;
    for await (const { line, result } of csvResults(this.#file)) this.#result(result, line);
    this.#reading.warnings.push(
      'a table keeps neither its date nor what each assertion said; results.json keeps both (promptfoo export eval ID -o results.json)',
    );
    return this.#finish();
  }

  /** `eval -o out.yaml` writes what the JSON holds. */
  async readYaml(): Promise<Reading> {
    const { value } = parseYaml(await this.#file.text(), this.#file.path, 'EVIDENCE_MALFORMED');
    const { results, metadata } = fitted(document, value, this.#file, 'promptfoo results');
    if (results.timestamp) this.#reading.collected = String(results.timestamp).slice(0, 10);
    this.#stats = results.stats;
    this.#version(metadata);
    results.results.forEach((row, index) => {
      this.#result(row, index);
    });
    results.table?.body.forEach((row, index) => {
      this.#tableRow(row, index);
    });
    return this.#finish();
  }

  async read(): Promise<Reading> {
    const parser = new JsonRecords(
      ['$.results.timestamp', '$.results.results.*', '$.results.stats', '$.results.table.body.*', '$.metadata'],
      { file: this.#file.path },
    );
    let failure: unknown;
    parser.onValue = ({ value, key, stack }) => {
      if (typeof key === 'number' && stack.at(-1)?.key === 'body') this.#tableRow(value, key);
      else if (typeof key === 'number') this.#result(value, key);
      else if (key === 'timestamp')
        this.#reading.collected = typeof value === 'string' ? value.slice(0, 10) : undefined;
      else if (key === 'stats') this.#stats = this.#check(stats, value, '/results/stats');
      else if (key === 'metadata' && stack.length === 1) this.#version(value);
    };
    parser.onError = (error) => {
      failure ??= error;
    };
    parser.onEnd = () => {
      this.#ended = true;
    };
    for await (const chunk of this.#file.chunks()) {
      try {
        parser.write(chunk);
      } catch (error) {
        failure ??= error;
      }
      if (failure instanceof ProbityError) throw failure;
      if (failure !== undefined) this.#malformed('', `not valid JSON: ${messageOf(failure)}`);
    }
    if (!this.#ended) this.#malformed('', 'the JSON ends before it is complete');
    return this.#finish();
  }

  #malformed(pointer: string, message: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', message, {
      where: pointer ? `${this.#file.path}#${pointer}` : this.#file.path,
      remedy: REMEDY,
    });
  }

  #check<T>(schema: z.ZodType<T>, value: unknown, pointer: string): T {
    const parsed = check(schema, value);
    if (parsed.success) return parsed.data;
    const issue = firstIssue(parsed.error);
    this.#malformed(`${pointer}${issue.pointer}`, issue.message);
  }

  #version(value: unknown): void {
    const parsed = z.looseObject({ promptfooVersion: z.string().max(40) }).safeParse(value);
    if (parsed.success) this.#reading.tool = { name: 'promptfoo', version: parsed.data.promptfooVersion };
  }

  /** Results of version 2 name no plugin, and the table after them does; where they do, the table says nothing new. */
  #tableRow(value: unknown, index: number): void {
    if (this.#groups.size === 0 && this.#seeding === 0) this.#fromTable = this.#unlabelled > 0;
    if (!this.#fromTable) return;
    const pointer = `/results/table/body/${index}`;
    const bad = forbiddenKey(value, pointer);
    if (bad) this.#malformed(bad, 'a key is not allowed');
    const { test, outputs } = this.#check(tableRow, value, pointer);
    for (const { pass } of outputs) this.#tabled[pass ? 'passed' : 'failed']++;
    if (test.metadata?.pluginId === undefined) return;
    this.#place = (row) => `/results/table/body/${row}`;
    const seen = { ...this.#seen };
    for (const { pass, provider, gradingResult } of outputs) {
      const graded = gradingResult ?? null;
      this.#result({ success: pass, gradingResult: graded, metadata: test.metadata, vars: test.vars, provider }, index);
      this.#unlabelled--;
    }
    // They were seen before, among the results.
    this.#seen = seen;
  }

  #result(value: unknown, index: number): void {
    const pointer = this.#place(index);
    const bad = forbiddenKey(value, pointer);
    if (bad) this.#malformed(bad, 'a key is not allowed');
    const test = this.#check(result, value, pointer);
    const failed =
      !test.success &&
      (test.failureReason === undefined ? Boolean(test.gradingResult) : test.failureReason === FAILED_ASSERTION);
    const error = !test.success && !failed;
    if (test.failureReason !== undefined && test.failureReason > TECHNICAL_ERROR)
      this.#malformed(`${pointer}/failureReason`, 'an unknown reason of failure');
    if (test.success) this.#seen.successes++;
    else if (failed) this.#seen.failures++;
    else this.#seen.errors++;

    const plugin = test.metadata?.pluginId ?? test.testCase?.metadata?.pluginId;
    if (plugin === undefined) {
      this.#unlabelled++;
      return;
    }
    const strategy = test.metadata?.strategyId ?? test.testCase?.metadata?.strategyId;
    const probe = strategy && strategy !== 'basic' ? `${plugin} via ${strategy}` : plugin;
    const target = providerOf(test.provider);
    const { hit, types, graded } = verdictOf(test.gradingResult?.componentResults ?? [], failed);
    const wanted = COMPARED_WITH.get(plugin);
    const given = wanted !== undefined && Boolean(test.metadata?.[wanted] ?? test.testCase?.metadata?.[wanted]);
    // The first of each pair of prompts only tells one session what the other one is asked for: nothing can fail there.
    if (wanted === 'crossSessionLeakMatch' && !given && test.success && types.length === 0) {
      this.#seeding++;
      return;
    }
    const key = JSON.stringify([probe, target ?? null]);
    const group = this.#groups.get(key) ?? {
      probe,
      plugin,
      target,
      graded: true,
      compared: true,
      trials: 0,
      hits: 0,
      errors: 0,
      unjudged: 0,
      prompts: new Map(),
      judges: new Set(),
      examples: [],
      firstAt: index,
      lastAt: index,
    };
    this.#groups.set(key, group);
    group.lastAt = index;
    if (error) {
      group.errors++;
      return;
    }
    if (test.ambiguous) {
      group.unjudged++;
      return;
    }
    group.trials++;
    if (hit) {
      group.hits++;
      if (this.#context.content)
        group.examples = this.#context.content.keep(group.examples, outputOf(test.response?.output), pointer);
    }
    const prompt = createHash('sha256')
      .update(JSON.stringify([test.promptId ?? null, test.vars ?? null]))
      .digest('base64');
    group.prompts.set(prompt, (group.prompts.get(prompt) ?? false) || hit);
    for (const type of types) group.judges.add(type);
    group.graded &&= graded;
    // An assertion of the testers' own says itself what it looks for.
    group.compared &&= wanted === undefined || given || !(graded || this.#isTable);
  }

  #finish(): Reading {
    const reading = this.#reading;
    const { successes, failures, errors } = this.#seen;
    const missing = this.#stats
      ? this.#stats.successes + this.#stats.failures + (this.#stats.errors ?? 0) - successes - failures - errors
      : 0;
    if (missing > 0)
      this.#malformed(
        '/results/stats',
        `the file's own totals count ${missing} results more than it holds, so results were taken out`,
      );
    if (this.#fromTable && (this.#tabled.passed !== successes || this.#tabled.failed !== failures + errors))
      this.#malformed(
        '/results/table',
        `the table holds ${this.#tabled.passed} that passed and ${this.#tabled.failed} that failed, the results ${successes} and ${failures + errors}, so one of the two was changed`,
      );
    if (
      this.#stats &&
      (this.#stats.successes !== successes ||
        this.#stats.failures !== failures ||
        (this.#stats.errors ?? errors) !== errors)
    )
      reading.warnings.push(
        `the file's own totals (${this.#stats.successes} passed, ${this.#stats.failures} failed, ${this.#stats.errors ?? 0} errors) are not those of its results (${successes}, ${failures}, ${errors}); the results are used`,
      );
    if (this.#unlabelled > 0)
      reading.warnings.push(`${this.#unlabelled} tests name no plugin (metadata.pluginId) and count for no control`);
    if (this.#seeding > 0)
      reading.warnings.push(
        `${this.#seeding} tests of cross-session-leak look for nothing (they tell a session what another is asked for); they are not counted`,
      );
    for (const group of this.#groups.values()) {
      const at =
        group.firstAt === group.lastAt
          ? this.#place(group.firstAt)
          : `${this.#place(group.firstAt)} to ${this.#place(group.lastAt)}`;
      const meaning = this.#context.probes('promptfoo', group.plugin, [...group.judges].sort().join(', '));
      if (!meaning) {
        reading.unmapped.push({ probe: group.probe, at, trials: group.trials, successes: group.hits });
        continue;
      }
      const collected = reading.collected ?? this.#context.declared.collected;
      reading.observations.push({
        kind: 'trials',
        ...testIdentity(meaning, this.#context.declared),
        // A judge that was not given the text can see it given away, and cannot see that it was not.
        ...(meaning.shows === 'both' && !group.compared ? { shows: 'failure-only' as const } : {}),
        probe: group.probe,
        ...(group.target ? { target: group.target } : {}),
        ...(group.graded && group.trials > 0 ? { toolDetector: true } : {}),
        ...(group.judges.size > 0 ? { detector: [...group.judges].sort().join(', ') } : {}),
        trials: { k: group.hits, n: group.trials },
        clusters: { k: [...group.prompts.values()].filter(Boolean).length, n: group.prompts.size },
        notEvaluated: group.unjudged,
        errors: group.errors,
        ...(group.examples.length > 0 ? { examples: group.examples } : {}),
        ...(reading.tool ? { tool: reading.tool } : {}),
        ...(collected ? { collected } : {}),
        at,
      });
    }
    return reading;
  }
}

/** The answer of a provider: its text, or the JSON of what has none. */
function outputOf(output: unknown): unknown {
  return typeof output === 'object' && output !== null ? JSON.stringify(output) : output;
}

/** Whether the first line is a whole row of results. */
function isLines(text: string): boolean {
  const line = text.trimStart().split('\n', 1)[0] ?? '';
  return (
    /^\{.*"gradingResult"\s*:/.test(line) &&
    /"success"\s*:/.test(line) &&
    /"(promptIdx|testIdx|promptId)"\s*:/.test(line)
  );
}

/** How the file holds its results; undefined when it is not of promptfoo, or holds none. */
function shapeOf(text: string): 'json' | 'lines' | 'yaml' | 'table' | undefined {
  if (/^\s*\{/.test(text)) {
    if (/"results"\s*:\s*\{\s*"(version|timestamp)"\s*:/.test(text))
      return /"evalId"\s*:/.test(text.slice(0, 400)) || ROW_OR_TABLE.test(text) ? 'json' : undefined;
    return isLines(text) ? 'lines' : undefined;
  }
  if (
    /^(evalId|results)\s*:/m.test(text.slice(0, 400)) &&
    /^results[ \t]*:[ \t]*\r?\n[ \t]+(version|timestamp)[ \t]*:/m.test(text)
  )
    return 'yaml';
  return isTable(text) ? 'table' : undefined;
}

/** What stands in a whole export beside its version, at its beginning or in its first row. */
const ROW_OR_TABLE = /"(prompts|stats|table|promptId|promptIdx|gradingResult|namedScores)"\s*:/;

/** Whether the first row, which may hold line ends (a prompt is the name of its column), is that of a red-team export. */
function isTable(text: string): boolean {
  return /pluginId/.test(text) && /Named Scores/.test(text) && layoutOf(headerOf(text)) !== undefined;
}

export const adapter: Adapter = {
  format: 'promptfoo-results',
  title: 'promptfoo results (JSON, JSON Lines, YAML, red-team CSV)',
  about: {
    group: 'attack results',
    files: 'promptfoo results (JSON, its rows as JSON Lines, YAML, red-team CSV; versions 2 to 4)',
    recognisedBy:
      '`evalId` and `results.version`; rows with `gradingResult`; a table with `pluginId` and `Named Scores`',
    gives: 'attempts and successes by plugin and strategy and provider, counted by prompt',
    limits:
      'errors are their own count; a test without `metadata.pluginId` counts for no control; `prompt-extraction` judged by promptfoo without `systemPrompt` in its rows can fail and not pass; of `cross-session-leak` the rows without any assertion are not counted; a table has no date and keeps no verdict of single assertions: its status is the verdict: a row whose only metric says otherwise has none, nor has a failed row with several metrics, and `prompt-extraction` and `cross-session-leak` can fail and not pass; a table without plugins is refused; version 2 names the plugin in its table only, and is read there; its YAML is refused where it holds more references than text',
    records: { target: 'yes', day: 'yes; tables none', declare: 'for tables: the day' },
  },
  recognise({ text }): number {
    const shape = shapeOf(text);
    if (shape === undefined) return 0;
    return shape === 'json' || shape === 'table' ? 1 : 0.9;
  },
  async read(file, context) {
    const reader = new PromptfooReader(file, context);
    const { text } = await file.head();
    switch (shapeOf(text)) {
      case 'lines':
        return reader.readLines();
      case 'yaml':
        return reader.readYaml();
      case 'table':
        return reader.readTable();
      default:
        return reader.read();
    }
  },
};
