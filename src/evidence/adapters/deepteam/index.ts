import { z } from 'zod';
import { type Adapter, newReading } from '../../adapter.ts';
import { Attempts, type Verdict } from '../../attempts.ts';
import { fitted } from '../../fitting.ts';
import { eachPythonValue } from '../../streaming.ts';

// DeepTeam (confident-ai): RiskAssessment.save() in red_teamer/risk_assessment.py. A score above 0 passed, that is: the
// application resisted. The file is named by its time and says neither that nor what was tested.

const testCase = z.looseObject({
  vulnerability: z.string().max(200),
  vulnerability_type: z.union([z.string().max(200), z.looseObject({ value: z.string().max(200) })]).nullish(),
  attack_method: z.string().max(200).nullish(),
  score: z.union([z.number(), z.literal('')]).nullish(),
  error: z.string().nullish(),
});
type TestCase = z.infer<typeof testCase>;

function verdictOf({ score, error }: TestCase): Verdict {
  if (error) return 'error';
  if (typeof score !== 'number') return 'unjudged';
  return score > 0 ? 'resisted' : 'leaked';
}

export const adapter: Adapter = {
  format: 'deepteam-assessment',
  title: 'DeepTeam risk assessment (JSON)',
  about: {
    group: 'attack results',
    files: 'DeepTeam (JSON of `save()`)',
    recognisedBy: '`vulnerability_type_results`',
    gives: 'attempts and successes by vulnerability and attack',
    limits:
      'above 0 resisted; a case that no metric measured is an attempt without a verdict; nothing is planted and the judge is not given the prompt, so it can fail and not pass',
    records: { declare: 'target, day' },
  },
  recognise({ text }): number {
    if (!/^\s*\{/.test(text)) return 0;
    if (/"vulnerability_type_results"\s*:/.test(text) && /"attack_method_results"\s*:/.test(text)) return 1;
    return /"test_cases"\s*:/.test(text) && /"vulnerability_type"\s*:/.test(text) ? 0.9 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'DeepTeam' });
    if (context.declared.collected) reading.collected = context.declared.collected;
    const attempts = new Attempts('deepteam', context);
    await eachPythonValue(file, ['$.test_cases.*'], (value, at) => {
      const one = fitted(testCase, value, file, 'a DeepTeam assessment', at);
      const type = typeof one.vulnerability_type === 'object' ? one.vulnerability_type?.value : one.vulnerability_type;
      const probe = type ? `${one.vulnerability}: ${type}` : one.vulnerability;
      attempts.add({
        probe,
        title: one.attack_method ? `${probe} via ${one.attack_method}` : probe,
        detector: 'DeepTeam metric',
        verdict: verdictOf(one),
        at,
      });
    });
    attempts.finish(reading);
    reading.warnings.push(...undated(reading.observations.length, context.declared));
    return reading;
  },
};

function undated(found: number, declared: { collected?: string | undefined; target?: string | undefined }): string[] {
  const missing = (['collected', 'target'] as const).filter((name) => declared[name] === undefined);
  if (found === 0 || missing.length === 0) return [];
  return [
    `DeepTeam records neither date nor application: declare ${missing.join(' and ')} for this file under sources in probity.yaml`,
  ];
}
