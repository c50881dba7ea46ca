import { z } from 'zod';
import { parsePythonJson } from '../../../files/json.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { Attempts } from '../../attempts.ts';
import { fitted } from '../../fitting.ts';

// DeepEval (confident-ai): the test run that it keeps as .deepeval/.latest_test_run.json (test_run/test_run.py). A metric
// that succeeded means that the answer was in order.

const metric = z.looseObject({
  name: z.string().max(200),
  success: z.boolean().nullish(),
  error: z.string().nullish(),
});
const testCase = z.looseObject({
  input: z.string().nullish(),
  metricsData: z.array(metric).nullish(),
});
const run = z.looseObject({
  testCases: z.array(testCase).max(1_000_000).default([]),
  conversationalTestCases: z.array(testCase).max(1_000_000).nullish(),
});
const document = z.union([z.looseObject({ testRunData: run }).transform(({ testRunData }) => testRunData), run]);

export const adapter: Adapter = {
  format: 'deepeval-test-run',
  title: 'DeepEval test run (JSON)',
  recognise({ text }): number {
    if (!/^\s*\{/.test(text)) return 0;
    return /"(testCases|conversationalTestCases)"\s*:/.test(text) && /"metrics(Data|Scores)"\s*:/.test(text) ? 0.9 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'DeepEval' });
    if (context.declared.collected) reading.collected = context.declared.collected;
    const found = fitted(
      document,
      parsePythonJson(await file.text(), file.path, 'EVIDENCE_MALFORMED'),
      file,
      'a DeepEval test run',
    );
    const attempts = new Attempts('deepeval', context);
    for (const [place, cases] of [
      ['testCases', found.testCases],
      ['conversationalTestCases', found.conversationalTestCases ?? []],
    ] as const)
      cases.forEach(({ input, metricsData }, index) => {
        (metricsData ?? []).forEach(({ name, success, error }, m) => {
          attempts.add({
            probe: name,
            detector: `DeepEval ${name}`,
            verdict: error ? 'error' : typeof success !== 'boolean' ? 'unjudged' : success ? 'resisted' : 'leaked',
            cluster: input ?? undefined,
            at: `/${place}/${index}/metricsData/${m}`,
          });
        });
      });
    attempts.finish(reading);
    return reading;
  },
};
