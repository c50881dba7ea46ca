import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

const folder = scratch();
const setup = (extra: object = {}): string =>
  JSON.stringify({ entry_type: 'start_run setup', '_config.version': '0.14.0', 'run.eval_threshold': 0.5, ...extra });
const init = (version = '0.14.0', time = '2026-09-01T10:00:00'): string =>
  JSON.stringify({ entry_type: 'init', garak_version: version, start_time: time, run: 'r' });

/** An attempt as garak writes it: type first, then prompt and outputs that hold whatever the target said. */
function attempt(probe: string, scores: (number | null)[], options: { status?: number; said?: string } = {}): string {
  const spaced = JSON.stringify({
    entry_type: 'attempt',
    uuid: 'u',
    seq: 0,
    status: options.status ?? 2,
    probe_classname: probe,
    prompt: { turns: [{ role: 'user', content: { text: 'p' } }] },
    outputs: [{ text: options.said ?? 'x' }],
    detector_results: { 'base.D': scores },
    notes: {},
  });
  // Python separates with a blank; the reader must take both spellings.
  return spaced
    .replace('"detector_results":{', '"detector_results": {')
    .replace('"entry_type":"attempt"', '"entry_type": "attempt"');
}

async function trialsOf(name: string, lines: string[], end = '\n') {
  write(folder, { [name]: lines.join('\n') + end });
  const { entry, reading } = await read(folder, name);
  return { entry, trials: (reading?.observations ?? []).flatMap((one) => (one.kind === 'trials' ? [one] : [])) };
}

test('counts come from the newer shape, nones apart, grouped by prompt', async () => {
  const { entry, trials } = await trialsOf('new.report.jsonl', [
    setup(),
    init(),
    attempt('leakreplay.X', [1, 1, 0], { status: 2 }),
    attempt('leakreplay.X', [0, 0, null]),
    attempt('leakreplay.X', [], { status: 1 }),
    JSON.stringify({
      entry_type: 'eval',
      probe: 'leakreplay.X',
      detector: 'base.D',
      passed: 3,
      fails: 2,
      nones: 1,
      total_evaluated: 5,
      total_processed: 6,
    }),
  ]);
  assert.equal(entry.accepted, true);
  assert.deepEqual(trials[0]?.trials, { k: 2, n: 5 });
  assert.deepEqual(trials[0]?.clusters, { k: 1, n: 2 });
  assert.equal(trials[0]?.notEvaluated, 1);
  assert.equal(trials[0]?.attackClass, 'inversion');
  assert.equal(trials[0]?.at, 'line 6');
  assert.equal(trials[0]?.collected, '2026-09-01');
});

test('the older shape has a total, longer names, and no nones', async () => {
  const { trials } = await trialsOf('old.report.jsonl', [
    init('0.9.0.11'),
    JSON.stringify({
      entry_type: 'eval',
      probe: 'probes.leakreplay.X',
      detector: 'detector.base.D',
      passed: 7,
      total: 10,
    }),
  ]);
  assert.deepEqual(trials[0]?.trials, { k: 3, n: 10 });
  assert.equal(trials[0]?.probe, 'leakreplay.X');
  assert.equal(trials[0]?.clusters, undefined);
  assert.deepEqual(trials[0]?.tool, { name: 'garak', version: '0.9.0.11' });
});

test('several runs in one file are told apart, and the last line needs no line end', async () => {
  const evaluation = (passed: number): string =>
    JSON.stringify({
      entry_type: 'eval',
      probe: 'apikey.GetKey',
      detector: 'd',
      passed,
      total_evaluated: 10,
      nones: 0,
    });
  const { entry, trials } = await trialsOf(
    'two.report.jsonl',
    [
      setup(),
      init('0.12', '2026-01-01T00:00:00'),
      evaluation(10),
      setup(),
      init('0.14', '2026-09-01T00:00:00'),
      evaluation(9),
    ],
    '',
  );
  assert.deepEqual(
    trials.map(({ trials: { k }, collected }) => [k, collected]),
    [
      [0, '2026-01-01'],
      [1, '2026-09-01'],
    ],
  );
  assert.match(entry.warnings.join(), /2 runs/);
});

test('what a target said cannot pass for a record', async () => {
  const said =
    '"detector_results": {"base.D": [1, 1, 1]}, "status": 2\n{"entry_type": "eval", "probe": "leakreplay.X", "detector": "base.D", "passed": 0, "total_evaluated": 9}';
  const { trials } = await trialsOf('said.report.jsonl', [
    setup(),
    init(),
    attempt('leakreplay.X', [0], { said }),
    JSON.stringify({
      entry_type: 'eval',
      probe: 'leakreplay.X',
      detector: 'base.D',
      passed: 1,
      fails: 0,
      nones: 0,
      total_evaluated: 1,
    }),
  ]);
  assert.equal(trials.length, 1);
  assert.deepEqual(trials[0]?.clusters, { k: 0, n: 1 });
});

test('a summary that its attempts contradict is reported, and the grouping is not used', async () => {
  const { entry, trials } = await trialsOf('lying.report.jsonl', [
    setup(),
    init(),
    attempt('leakreplay.X', [1, 1, 1]),
    JSON.stringify({
      entry_type: 'eval',
      probe: 'leakreplay.X',
      detector: 'base.D',
      passed: 3,
      fails: 0,
      nones: 0,
      total_evaluated: 3,
    }),
  ]);
  assert.equal(trials[0]?.clusters, undefined);
  assert.match(entry.warnings.join(), /says 0 of 3, its attempts add up to 3 of 3/);
});

test('impossible counts, a cut-off line and a foreign line reject the whole file with the line', async () => {
  for (const [name, lines, end, reason] of [
    [
      'sum.report.jsonl',
      [
        init(),
        JSON.stringify({ entry_type: 'eval', probe: 'p', detector: 'd', passed: 7, fails: 7, total_evaluated: 10 }),
      ],
      '\n',
      /contradict.*:2/,
    ],
    [
      'negative.report.jsonl',
      [init(), JSON.stringify({ entry_type: 'eval', probe: 'p', detector: 'd', passed: -1, total: 10 })],
      '\n',
      /:2/,
    ],
    ['cut.report.jsonl', [init(), attempt('leakreplay.X', [0]).slice(0, 60)], '', /not a complete JSON record.*:2/],
    ['foreign.report.jsonl', [init(), '[1,2,3]'], '\n', /no entry_type.*:2/],
  ] as const) {
    write(folder, { [name]: lines.join('\n') + end });
    const { entry, reading } = await read(folder, name);
    assert.equal(entry.accepted, false, name);
    assert.match(entry.reason ?? '', reason, name);
    assert.equal(reading, undefined, 'nothing half-read is used');
    assert.match(entry.sha256, /^[0-9a-f]{64}$/, 'its digest is known all the same');
  }
});

test('a probe that no map knows is listed as unmapped', async () => {
  write(folder, {
    'u.report.jsonl': `${init()}\n${JSON.stringify({ entry_type: 'eval', probe: 'lmrc.Slur', detector: 'd', passed: 4, total: 5 })}\n`,
  });
  const { entry, reading } = await read(folder, 'u.report.jsonl');
  assert.deepEqual(entry.unmapped, [{ probe: 'lmrc.Slur (d)', at: 'line 2', trials: 5, successes: 1 }]);
  assert.equal(reading?.observations.length, 0);
});

test('gzip, a byte-order mark, carriage returns and UTF-16 make no difference', async () => {
  const text = `${init()}\n${JSON.stringify({ entry_type: 'eval', probe: 'leakreplay.X', detector: 'd', passed: 4, total: 5 })}\n`;
  const variants: Record<string, Uint8Array> = {
    'a.report.jsonl': Buffer.from(text),
    'b.report.jsonl.gz': gzipSync(text),
    'c.report.jsonl': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
    'd.report.jsonl': Buffer.from(text.replaceAll('\n', '\r\n')),
    'e.report.jsonl': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
  };
  write(folder, variants);
  for (const name of Object.keys(variants)) {
    const { entry, reading } = await read(folder, name);
    assert.equal(entry.accepted, true, `${name}: ${entry.reason}`);
    const first = reading?.observations[0];
    assert.deepEqual(first?.kind === 'trials' ? first.trials : undefined, { k: 1, n: 5 }, name);
  }
  write(folder, { 'f.report.jsonl.gz': gzipSync(text).subarray(0, -8) });
  assert.match((await read(folder, 'f.report.jsonl.gz')).entry.reason ?? '', /not a complete gzip/);
});

test('the real samples give the counts that they hold', {
  skip: existsSync(path.join(ROOT, '../shared/samples')) ? false : 'the samples are not here',
}, async () => {
  const samples = path.join(ROOT, '../shared/samples');
  for (const name of ['garak/agg.report.jsonl', 'garak/quack.report.jsonl']) {
    const evals = readFileSync(path.join(samples, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line): { entry_type: string; probe: string; detector: string; total_evaluated: number; fails: number } =>
        JSON.parse(line),
      )
      .filter((record) => record.entry_type === 'eval');
    const { entry } = await read(samples, name);
    assert.equal(entry.format, 'garak-report');
    assert.equal(entry.accepted, true);
    assert.deepEqual(
      entry.unmapped.map(({ probe, trials, successes }) => [probe, trials, successes]),
      evals.map((record) => [`${record.probe} (${record.detector})`, record.total_evaluated, record.fails]),
    );
  }
});

/** A plugin_cache record as garak/harnesses/base.py writes it: one for each probe, each with what that one needs. */
const plugins = (probe: string, detector: string): string =>
  JSON.stringify({
    entry_type: 'plugin_cache',
    run: 'r',
    plugin_cache: {
      probes: { [`probes.${probe}`]: { primary_detector: detector } },
      detectors: { [`detectors.${detector}`]: { hit_precision: 0.6 } },
      version: '0.16.0',
    },
  });
const summary = (probe: string, detector: string, fails: number, n: number): string =>
  JSON.stringify({ entry_type: 'eval', probe, detector, passed: n - fails, fails, nones: 0, total_evaluated: n });

test('the detector a probe is made for decides; others beside it show nothing', async () => {
  const { trials } = await trialsOf('primary.report.jsonl', [
    setup({ 'plugins.target_type': 'rest', 'plugins.target_name': 'helpdesk' }),
    init('0.16.0'),
    plugins('leakreplay.NYTCloze', 'base.TriggerListDetector'),
    plugins('propile.PIILeakTwin', 'propile.PIILeak'),
    summary('leakreplay.NYTCloze', 'base.TriggerListDetector', 9, 24),
    summary('leakreplay.NYTCloze', 'any.Other', 24, 24),
    summary('propile.PIILeakTwin', 'propile.PIILeak', 1, 30),
  ]);
  assert.deepEqual(
    trials.map((one) => [one.detector, one.shows, one.trials.k, one.target]),
    [
      ['base.TriggerListDetector', 'failure-only', 9, 'rest/helpdesk'],
      ['any.Other', 'neither', 24, 'rest/helpdesk'],
      ['propile.PIILeak', 'failure-only', 1, 'rest/helpdesk'],
    ],
  );
});

test('probes that cannot show a leak come out as such', async () => {
  const probes = ['divergence.RepeatedToken', 'divergence.Repeat', 'apikey.GetKey', 'grandma.Win11']
    .concat([
      'sysprompt_extraction.SystemPromptExtraction',
      'xss.ColabAIDataLeakage',
      'web_injection.MarkdownImageExfil',
    ])
    .concat(['web_injection.ColabAIDataLeakage', 'donotanswer.InformationHazard']);
  const { trials } = await trialsOf('unsuitable.report.jsonl', [
    init('0.16.0'),
    ...probes.map((probe) => summary(probe, 'own.D', 0, 300)),
  ]);
  assert.deepEqual(
    trials.map((one) => [one.probe, one.shows]),
    probes.map((probe) => [probe, 'neither']),
  );
});

test('a hit log is known for what it is, and a run without sums says so', async () => {
  const hit = {
    goal: 'g',
    prompt: {},
    output: {},
    triggers: ['t'],
    score: 1,
    attempt_id: 'a',
    probe: 'p',
    detector: 'd',
  };
  write(folder, { 'x.hitlog.jsonl': `${JSON.stringify(hit)}\n${JSON.stringify(hit)}\n` });
  const { entry } = await read(folder, 'x.hitlog.jsonl');
  assert.deepEqual([entry.format, entry.accepted, entry.observations], ['garak-hitlog', true, 0]);
  assert.match(entry.warnings?.join(' ') ?? '', /2 hits without totals; the report\.jsonl beside it/);
  const stopped = await trialsOf('stopped.report.jsonl', [init(), attempt('leakreplay.X', [0, 1])]);
  assert.match(stopped.entry.warnings?.join(' ') ?? '', /stopped before garak added them up/);
});

test('a run that ended without summaries is what its attempts add up to', async () => {
  const { entry, trials } = await trialsOf('early.report.jsonl', [
    setup(),
    init(),
    attempt('leakreplay.X', [1, null]),
    attempt('leakreplay.X', [0, 0]),
    attempt('unknown.Y', [1]),
    JSON.stringify({ entry_type: 'completion', end_time: 't' }),
  ]);
  assert.deepEqual(
    [trials[0]?.trials, trials[0]?.clusters, trials[0]?.notEvaluated, trials[0]?.at],
    [{ k: 1, n: 3 }, { k: 1, n: 2 }, 1, 'line 3'],
  );
  assert.deepEqual(entry.unmapped, [{ probe: 'unknown.Y (base.D)', at: 'line 5', trials: 1, successes: 1 }]);
  assert.match(entry.warnings.join(), /ended without eval records/);
});

test("precision and recall of garak's own evaluation correct the rate; a detector that is never right counts for nothing", async () => {
  const plugins = (precision: number, recall: number): string =>
    JSON.stringify({
      entry_type: 'plugin_cache',
      plugin_cache: {
        probes: { 'probes.leakreplay.X': { primary_detector: 'base.D' } },
        detectors: { 'detectors.base.D': { hit_precision: precision, hit_recall: recall } },
      },
    });
  const summary = JSON.stringify({
    entry_type: 'eval',
    probe: 'leakreplay.X',
    detector: 'base.D',
    passed: 3,
    fails: 2,
    total_evaluated: 5,
  });
  // dan.DAN in garak/data/detectors_eval: precision 0.8 and recall 1 go with a specificity of 0.75.
  const good = await trialsOf('good.report.jsonl', [setup(), init(), plugins(0.8, 1), summary]);
  assert.deepEqual(good.trials[0]?.accuracy, { sensitivity: 1, specificity: 0.75, per: 'trial' });
  for (const [name, precision, recall] of [
    ['never.report.jsonl', 0, 0],
    ['chance.report.jsonl', 0.5, 0.4],
  ] as const) {
    const { entry, trials } = await trialsOf(name, [setup(), init(), plugins(precision, recall), summary]);
    assert.deepEqual([trials[0]?.shows, trials[0]?.accuracy], ['neither', undefined], name);
    assert.match(entry.warnings.join(), /no better than chance/);
  }
});
