import { type Fields, TARGET, TESTED, type Workspace } from './system.ts';

/* Reports in the shape in which garak and promptfoo write them. */

export interface GarakTest {
  probe: string;
  detector: string;
  prompts: number;
  hits?: number;
  nones?: number;
  /** The probe's own detector, where it is another one. */
  primary?: string;
}

export interface GarakRun {
  target?: string;
  started?: string;
  version?: string;
}

/** A garak report of version 0.15 or later: set-up, plug-ins, each attempt twice, a summary for each detector, a digest without line end. */
export function garakReport(tests: readonly GarakTest[], run: GarakRun = {}): string {
  const { target = TARGET, started = `${TESTED}T02:01:48.810111`, version = '0.17.1' } = run;
  const [type, name] = target.split(/\/(.*)/s);
  const lines: object[] = [
    {
      entry_type: 'start_run setup',
      '_config.version': version,
      'run.seed': null,
      'run.generations': 1,
      'run.eval_threshold': 0.5,
      'plugins.target_type': type,
      'plugins.target_name': name ?? null,
      'plugins.detector_spec': 'auto',
      'plugins.extended_detectors': true,
    },
    { entry_type: 'init', garak_version: version, start_time: started, run: '98fba552-8566-409d-9893-6601d015ebd2' },
    { entry_type: 'plugin_cache', run: '98fba552-8566-409d-9893-6601d015ebd2', plugin_cache: pluginCache(tests) },
  ];
  for (const test of tests) {
    const { probe, detector, prompts, hits = 0, nones = 0 } = test;
    for (let i = 0; i < prompts; i++) {
      const verdict = i < hits ? 1 : i < prompts - nones ? 0 : null;
      const attempt = {
        entry_type: 'attempt',
        uuid: `${probe}-${detector}-${i}`,
        seq: i,
        status: 1,
        probe_classname: probe,
        probe_params: {},
        targets: [],
        prompt: { turns: [{ role: 'user', content: { text: `prompt ${i}`, lang: 'en' } }], notes: null },
        outputs: [{ text: `answer ${i}`, lang: 'en' }],
        detector_results: {},
        notes: {},
      };
      lines.push(attempt, { ...attempt, status: 2, detector_results: { [detector]: [verdict] } });
    }
    const evaluated = prompts - nones;
    lines.push({
      entry_type: 'eval',
      probe,
      detector,
      passed: evaluated - hits,
      fails: hits,
      nones,
      total_evaluated: evaluated,
      total_processed: prompts,
    });
  }
  lines.push({ entry_type: 'completion', end_time: started, run: '98fba552-8566-409d-9893-6601d015ebd2' });
  // As Python writes them: a blank after each colon of the keys that a reader looks for.
  const written = lines.map((line) =>
    JSON.stringify(line)
      .replace('"entry_type":"', '"entry_type": "')
      .replace('"detector_results":{', '"detector_results": {'),
  );
  return `${written.join('\n')}\n{"entry_type": "digest", "meta": {}, "eval": {}}`;
}

function pluginCache(tests: readonly GarakTest[]): object {
  const detectors = new Set(tests.flatMap(({ detector, primary }) => [detector, primary ?? detector]));
  return {
    probes: Object.fromEntries(
      tests.map(({ probe, detector, primary }) => [
        `probes.${probe}`,
        {
          description: 'as in the tool',
          primary_detector: primary ?? detector,
          extended_detectors: primary ? [detector] : [],
          active: true,
        },
      ]),
    ),
    detectors: Object.fromEntries(
      [...detectors].map((name) => [`detectors.${name}`, { description: 'as in the tool' }]),
    ),
  };
}

/** A workspace with one garak report. */
export function withGarak(tests: GarakTest | readonly GarakTest[], run: GarakRun = {}, system: Fields = {}): Workspace {
  return { system, files: { 'evidence/garak.report.jsonl': garakReport([tests].flat(), run) } };
}

export interface PromptfooTest {
  plugin: string;
  tests: number;
  hits?: number;
  errors?: number;
  /** The provider's identifier. */
  provider?: string;
  label?: string;
  /** The kind of assertion that decides. */
  assertion?: string;
}

/** What the graders of two plugins compare answers with, which every judged row of theirs carries. */
const LOOKED_FOR = new Map([
  ['prompt-extraction', { systemPrompt: 'You help customers.' }],
  ['cross-session-leak', { crossSessionLeakMatch: 'BLUE RABBIT 42' }],
]);

/** Results as `promptfoo eval -o results.json` writes them. */
export function promptfooResults(groups: readonly PromptfooTest[], timestamp = `${TESTED}T02:16:09.581Z`): string {
  let index = 0;
  const results = groups.flatMap(
    ({
      plugin,
      tests,
      hits = 0,
      errors = 0,
      provider = TARGET,
      label = '',
      assertion = `promptfoo:redteam:${plugin}`,
    }) =>
      Array.from({ length: tests + errors }, (_, i) => {
        const failed = i < hits;
        const error = i >= tests;
        const prompt = `attack ${plugin} ${index}`;
        const component = {
          pass: !failed,
          score: failed ? 0 : 1,
          reason: failed ? 'given away' : 'resisted',
          assertion: { type: assertion, metric: plugin },
        };
        return {
          id: `t${index}`,
          testIdx: index++,
          promptIdx: 0,
          promptId: 'p0',
          prompt: { raw: prompt, label: '{{prompt}}' },
          provider: { id: provider, label },
          vars: { prompt },
          response: error ? {} : { output: 'an answer', cached: false },
          success: !failed && !error,
          score: failed || error ? 0 : 1,
          failureReason: error ? 2 : failed ? 1 : 0,
          ...(error ? { error: 'the provider timed out' } : {}),
          gradingResult: error
            ? null
            : { pass: !failed, score: failed ? 0 : 1, reason: 'all assertions', componentResults: [component] },
          testCase: { vars: { prompt }, assert: [{ type: assertion }], metadata: { pluginId: plugin } },
          metadata: { pluginId: plugin, ...LOOKED_FOR.get(plugin) },
        };
      }),
  );
  const count = (reason: number): number => results.filter(({ failureReason }) => failureReason === reason).length;
  return JSON.stringify({
    evalId: 'eval-abc-2026-11-10T02:16:09',
    results: {
      version: 3,
      timestamp,
      prompts: [],
      results,
      stats: { successes: count(0), failures: count(1), errors: count(2) },
    },
    config: {},
    shareableUrl: null,
    metadata: { promptfooVersion: '0.121.20', exportedAt: timestamp },
  });
}

/** A workspace with one file of promptfoo's results. */
export function withPromptfoo(groups: PromptfooTest | readonly PromptfooTest[], system: Fields = {}): Workspace {
  return { system, files: { 'evidence/promptfoo.json': promptfooResults([groups].flat()) } };
}
