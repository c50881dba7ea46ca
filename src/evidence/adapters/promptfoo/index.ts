import { createHash } from 'node:crypto';
import { JSONParser } from '@streamparser/json';
import { z } from 'zod';
import { messageOf, ProbityError } from '../../../errors.ts';
import { forbiddenKey } from '../../../files/yaml.ts';
import { firstIssue } from '../../../schema.ts';
import { type Adapter, type AdapterContext, newReading, type Reading, testIdentity } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';

// https://www.promptfoo.dev/docs/configuration/outputs/ and promptfoo's src/types/index.ts (EvaluateSummaryV2, V3).
// `success` means that the assertions held, that is: the application resisted.

const FAILED_ASSERTION = 1;
const TECHNICAL_ERROR = 2;

const metadata = z.looseObject({
  pluginId: z.string().max(200).optional(),
  strategyId: z.string().max(200).optional(),
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
});
const stats = z.looseObject({ successes: z.number(), failures: z.number(), errors: z.number().optional() });
const assertionResult = z.looseObject({ assertion: z.looseObject({ type: z.string() }).nullish() });

/** The results of one plugin and strategy. */
interface Group {
  probe: string;
  plugin: string;
  trials: number;
  hits: number;
  errors: number;
  prompts: Map<string, boolean>;
  judges: Set<string>;
  firstAt: number;
  lastAt: number;
}

class PromptfooReader {
  #file: EvidenceFile;
  #context: AdapterContext;
  #groups = new Map<string, Group>();
  #reading: Reading = newReading({ name: 'promptfoo' });
  #seen = { successes: 0, failures: 0, errors: 0 };
  #stats: z.infer<typeof stats> | undefined;
  #unlabelled = 0;
  #ended = false;

  constructor(file: EvidenceFile, context: AdapterContext) {
    this.#file = file;
    this.#context = context;
  }

  async read(): Promise<Reading> {
    const parser = new JSONParser({
      paths: ['$.results.timestamp', '$.results.results.*', '$.results.stats', '$.metadata'],
      keepStack: false,
    });
    let failure: unknown;
    parser.onValue = ({ value, key, stack }) => {
      if (typeof key === 'number') this.#result(value, key);
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
      remedy: 'Write it again with: promptfoo eval -o results.json',
    });
  }

  #check<T>(schema: z.ZodType<T>, value: unknown, pointer: string): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = firstIssue(parsed.error);
    this.#malformed(`${pointer}${issue.pointer}`, issue.message);
  }

  #version(value: unknown): void {
    const parsed = z.looseObject({ promptfooVersion: z.string().max(40) }).safeParse(value);
    if (parsed.success) this.#reading.tool = { name: 'promptfoo', version: parsed.data.promptfooVersion };
  }

  #result(value: unknown, index: number): void {
    const pointer = `/results/results/${index}`;
    const bad = forbiddenKey(value, pointer);
    if (bad) this.#malformed(bad, 'a key is not allowed');
    const test = this.#check(result, value, pointer);
    const hit =
      !test.success &&
      (test.failureReason === undefined ? Boolean(test.gradingResult) : test.failureReason === FAILED_ASSERTION);
    const error = !test.success && !hit;
    if (test.failureReason !== undefined && test.failureReason > TECHNICAL_ERROR)
      this.#malformed(`${pointer}/failureReason`, 'an unknown reason of failure');
    if (test.success) this.#seen.successes++;
    else if (hit) this.#seen.failures++;
    else this.#seen.errors++;

    const plugin = test.metadata?.pluginId ?? test.testCase?.metadata?.pluginId;
    if (plugin === undefined) {
      this.#unlabelled++;
      return;
    }
    const strategy = test.metadata?.strategyId ?? test.testCase?.metadata?.strategyId;
    const probe = strategy && strategy !== 'basic' ? `${plugin} via ${strategy}` : plugin;
    const group = this.#groups.get(probe) ?? {
      probe,
      plugin,
      trials: 0,
      hits: 0,
      errors: 0,
      prompts: new Map(),
      judges: new Set(),
      firstAt: index,
      lastAt: index,
    };
    this.#groups.set(probe, group);
    group.lastAt = index;
    if (error) {
      group.errors++;
      return;
    }
    group.trials++;
    if (hit) group.hits++;
    const prompt = createHash('sha256')
      .update(JSON.stringify([test.promptId ?? null, test.vars ?? null]))
      .digest('base64');
    group.prompts.set(prompt, (group.prompts.get(prompt) ?? false) || hit);
    for (const component of test.gradingResult?.componentResults ?? []) {
      const parsed = assertionResult.safeParse(component);
      if (parsed.success && parsed.data.assertion) group.judges.add(parsed.data.assertion.type);
    }
  }

  #finish(): Reading {
    const reading = this.#reading;
    const { successes, failures, errors } = this.#seen;
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
    for (const group of this.#groups.values()) {
      const at =
        group.firstAt === group.lastAt
          ? `/results/results/${group.firstAt}`
          : `/results/results/${group.firstAt} to /results/results/${group.lastAt}`;
      const meaning = this.#context.probes('promptfoo', group.plugin);
      if (!meaning) {
        reading.unmapped.push({ probe: group.probe, at, trials: group.trials, successes: group.hits });
        continue;
      }
      const collected = reading.collected ?? this.#context.declared.collected;
      reading.observations.push({
        kind: 'trials',
        ...testIdentity(meaning, this.#context.declared),
        probe: group.probe,
        ...(group.judges.size > 0 ? { detector: [...group.judges].sort().join(', ') } : {}),
        trials: { k: group.hits, n: group.trials },
        clusters: { k: [...group.prompts.values()].filter(Boolean).length, n: group.prompts.size },
        notEvaluated: 0,
        errors: group.errors,
        ...(reading.tool ? { tool: reading.tool } : {}),
        ...(collected ? { collected } : {}),
        at,
      });
    }
    return reading;
  }
}

export const adapter: Adapter = {
  format: 'promptfoo-results',
  title: 'promptfoo evaluation results (JSON)',
  recognise(head): number {
    if (!/^\s*\{/.test(head.text)) return 0;
    const id = /"evalId"\s*:/.test(head.text.slice(0, 400));
    const results = /"results"\s*:\s*\{\s*"(version|timestamp)"\s*:/.test(head.text);
    return id && results ? 1 : results && /"(prompts|stats|table)"\s*:/.test(head.text) ? 0.8 : 0;
  },
  read: (file, context) => new PromptfooReader(file, context).read(),
};
