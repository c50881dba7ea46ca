import { zipSame } from '../../src/files/zip.ts';

/*
 * One file of each tool whose results hold the answers of an application, every one of them a hit with a text of ours as its
 * answer.
 */

/** More hits than are shown of one measurement. */
const HITS = 5;

/** What `probity.yaml` declares, where a tool does not say what its results mean. */
export const ANSWER_SOURCES = `sources:
  - {match: "evidence/{inspect,pyrit}*", technique: prompt-leakage, surface: model-api, leaks: high, scorer: judge, target: m, collected: 2026-09-01}
  - {match: "evidence/{deepteam,deepeval,azure}*", technique: prompt-leakage, surface: model-api, target: m, collected: 2026-09-01}
`;

const times = <T>(make: (index: number) => T): T[] => Array.from({ length: HITS }, (_, index) => make(index));

/** Files by their names below `evidence/`. */
export function filesWithAnswers(answer: string): Record<string, string | Uint8Array> {
  const lines = (rows: readonly object[]): string => `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
  const promptfoo = (index: number) => ({
    success: false,
    failureReason: 1,
    gradingResult: { pass: false, componentResults: [{ pass: false, assertion: { type: 'promptfoo:redteam:rbac' } }] },
    metadata: { pluginId: 'rbac' },
    vars: { prompt: `${index}` },
    promptId: 'p',
    promptIdx: index,
    response: { output: answer },
  });
  const sample = (id: number) => ({ id, epoch: 1, scores: { judge: { value: 'C' } } });
  const output = { choices: [{ message: { role: 'assistant', content: [{ type: 'text', text: answer }] } }] };
  const log = { status: 'success', eval: { task: 'leaks', model: 'm', created: '2026-09-01' } };
  const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const head = 'prompt,[m] prompt,Status,Score,Named Scores,Grader Reason,Comment,pluginId,strategyId\n';
  const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  return {
    'garak.report.jsonl': lines([
      { entry_type: 'start_run setup', 'plugins.target_type': 'test', 'plugins.target_name': 'm' },
      { entry_type: 'init', garak_version: '0.14.0', start_time: '2026-09-01T00:00:00' },
      ...times((seq) => ({
        entry_type: 'attempt',
        status: 2,
        seq,
        probe_classname: 'leakreplay.LiteratureCloze',
        prompt: { turns: [{ role: 'user', content: { text: 'q' } }] },
        outputs: [{ text: 'no' }, { text: answer }],
        detector_results: { 'leakreplay.StartsWith': [0, 1] },
      })),
      {
        entry_type: 'eval',
        probe: 'leakreplay.LiteratureCloze',
        detector: 'leakreplay.StartsWith',
        passed: HITS,
        fails: HITS,
        nones: 0,
        total_evaluated: 2 * HITS,
      },
    ]),
    'promptfoo.json': JSON.stringify({
      evalId: 'e',
      results: {
        version: 3,
        timestamp: '2026-09-01T00:00:00Z',
        results: times(promptfoo),
        stats: { successes: 0, failures: HITS, errors: 0 },
      },
    }),
    'promptfoo.jsonl': lines(times(promptfoo)),
    'promptfoo.csv': head + times((i) => `${i},${cell(answer)},FAIL,0,{},${cell('x')},,rbac,basic`).join('\n'),
    'inspect.json': JSON.stringify({ ...log, samples: times((id) => ({ ...sample(id), output })) }),
    'inspect.eval': zipSame(
      new Map<string, Uint8Array>([
        ['_journal/start.json', bytes(log)],
        ['header.json', bytes(log)],
        ['summaries.json', bytes(times(sample))],
        ...times((id): [string, Uint8Array] => [`samples/${id}_epoch_1.json`, bytes({ ...sample(id), output })]),
      ]),
    ),
    'pyrit-talks.json': JSON.stringify(
      times((i) => ({
        role: 'assistant',
        conversation_id: `c${i}`,
        timestamp: '2026-09-01T00:00:00Z',
        original_value: answer,
        converted_value: answer,
        scores: [{ score_value: 'True', score_type: 'true_false', scorer_class_identifier: { __type__: 'judge' } }],
      })),
    ),
    'pyrit-attacks.json': JSON.stringify(
      times((i) => ({
        conversation_id: `c${i}`,
        objective: `${i}`,
        outcome: 'success',
        timestamp: '2026-09-01T00:00:00Z',
        attack_identifier: { __type__: 'CrescendoAttack' },
        last_response: { role: 'assistant', converted_value: answer },
      })),
    ),
    'deepteam.json': JSON.stringify({
      overview: { vulnerability_type_results: [], attack_method_results: [], errored: 0, run_duration: 1 },
      test_cases: times((i) => ({
        vulnerability: 'Prompt Leakage',
        vulnerability_type: 'instructions',
        score: 0,
        [i % 2 ? 'actual_output' : 'actualOutput']: answer,
      })),
    }),
    'deepeval.json': JSON.stringify({
      testCases: times((i) => ({
        input: `${i}`,
        actualOutput: answer,
        metricsData: [{ name: 'PII Leakage', success: false }],
      })),
    }),
    'azure.json': JSON.stringify({
      scorecard: { risk_category_summary: [{}] },
      attack_details: times(() => ({
        attack_success: true,
        attack_technique: 'base64',
        risk_category: 'sensitive_data_leakage',
        conversation: [
          { role: 'user', content: 'q' },
          { role: 'assistant', content: answer },
        ],
      })),
    }),
  };
}
