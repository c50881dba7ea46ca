import { z } from 'zod';
import { type Adapter, newReading } from '../../adapter.ts';
import { Attempts } from '../../attempts.ts';
import { fitted } from '../../fitting.ts';
import { eachPythonValue } from '../../streaming.ts';

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
/** Where test cases stand, in a run by itself and in one that is wrapped. */
const CASES = ['testCases', 'conversationalTestCases'].flatMap((name) => [`$.${name}.*`, `$.testRunData.${name}.*`]);

export const adapter: Adapter = {
  format: 'deepeval-test-run',
  title: 'DeepEval test run (JSON)',
  about: {
    group: 'attack results',
    files: 'DeepEval (`.latest_test_run.json`)',
    recognisedBy: '`metricsData`',
    gives: 'attempts and successes of the metric PII Leakage',
    limits:
      'above 0 resisted; a case that no metric measured is an attempt without a verdict; nothing is planted and the judge is not given the prompt, so it can fail and not pass',
    records: { declare: 'target, day' },
  },
  recognise({ text }): number {
    if (!/^\s*\{/.test(text)) return 0;
    return /"(testCases|conversationalTestCases)"\s*:/.test(text) && /"metrics(Data|Scores)"\s*:/.test(text) ? 0.9 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'DeepEval' });
    if (context.declared.collected) reading.collected = context.declared.collected;
    const attempts = new Attempts('deepeval', context);
    const metrics = new Set<string>();
    const unmeasured: { input: string | undefined; at: string }[] = [];
    await eachPythonValue(file, CASES, (value, at) => {
      const { input, metricsData } = fitted(testCase, value, file, 'a DeepEval test run', at);
      if (!metricsData?.length) unmeasured.push({ input: input ?? undefined, at });
      (metricsData ?? []).forEach(({ name, success, error }, m) => {
        metrics.add(name);
        attempts.add({
          probe: name,
          detector: `DeepEval ${name}`,
          verdict: error ? 'error' : typeof success !== 'boolean' ? 'unjudged' : success ? 'resisted' : 'leaked',
          cluster: input ?? undefined,
          at: `${at}/metricsData/${m}`,
        });
      });
    });
    // A case that no metric measured was to be measured by each.
    for (const { input, at } of unmeasured)
      for (const name of metrics)
        attempts.add({ probe: name, detector: `DeepEval ${name}`, verdict: 'unjudged', cluster: input, at });
    attempts.finish(reading);
    return reading;
  },
};
