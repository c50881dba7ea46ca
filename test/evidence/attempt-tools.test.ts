import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { zipSync } from 'fflate';
import { ProbityError } from '../../src/errors.ts';
import { PythonBytes } from '../../src/files/json.ts';
import { unzipBounded } from '../../src/files/zip.ts';
import { catalog, read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* Tools that attack again and again and count: what an attempt means, what is owed, and what is only listed. */

const folder = scratch();
const FIXTURES = path.join(ROOT, 'test/evidence/fixtures');
const SAMPLES = path.join(ROOT, '../shared/samples');
const haveSamples = existsSync(SAMPLES) ? false : 'the samples are not here';
const techniques = new Map(catalog.techniques.map(({ id, attackClass }) => [id, attackClass]));

type Sources = NonNullable<Parameters<typeof read>[2]>;
async function trialsOf(name: string, sources: Sources = [], root = folder) {
  const { entry, reading } = await read(root, name, sources, techniques);
  assert.equal(entry.accepted, true, entry.reason);
  return { entry, trials: (reading?.observations ?? []).flatMap((one) => (one.kind === 'trials' ? [one] : [])) };
}

test('promptfoo: JSON, JSON Lines and YAML of one run say the same, and a table what it can', async () => {
  const found = async (name: string) =>
    (await trialsOf(name, [], FIXTURES)).trials.map((one) => [
      one.probe,
      one.target,
      one.trials,
      one.clusters,
      one.shows,
      one.detector,
    ]);
  const json = await found('promptfoo.json');
  const rows: { results: { results: { success: boolean; metadata?: { pluginId?: string } }[] } } = JSON.parse(
    readFileSync(path.join(FIXTURES, 'promptfoo.json'), 'utf8'),
  );
  const counted = rows.results.results.filter(
    ({ metadata }) => metadata?.pluginId && metadata.pluginId !== 'cross-session-leak',
  );
  assert.equal(json.length, counted.length, 'one row for each plugin, strategy and provider');
  assert.deepEqual(await found('promptfoo.jsonl'), json);
  assert.deepEqual(await found('promptfoo.yaml'), json);
  const table = await trialsOf('promptfoo.csv', [], FIXTURES);
  assert.deepEqual(
    table.trials.map((one) => [one.probe, one.target, one.trials, one.notEvaluated, one.shows, one.toolDetector]),
    [
      ['prompt-extraction', 'helpdesk', { k: 0, n: 1 }, 0, 'failure-only', undefined],
      ['prompt-extraction', 'other', { k: 0, n: 1 }, 0, 'failure-only', undefined],
      ['prompt-extraction via base64', 'helpdesk', { k: 1, n: 1 }, 0, 'failure-only', undefined],
      ['prompt-extraction via base64', 'other', { k: 1, n: 1 }, 0, 'failure-only', undefined],
      ['pii:direct', 'helpdesk', { k: 0, n: 0 }, 1, 'failure-only', undefined],
      ['pii:direct', 'other', { k: 0, n: 0 }, 1, 'failure-only', undefined],
    ],
    'what failed among several metrics is not known, so it is no leak and no resistance',
  );
  assert.equal(table.trials.at(-1)?.at, 'line 7');
});

test('promptfoo: its tables are no scores of members, whatever their variables are called', async () => {
  write(folder, {
    'scores.csv': 'member,[echo] {{member}},Status,Score,Named Scores,Grader Reason,Comment\n1,1,PASS,1.00,,ok,\n',
    'cut.csv': `${readFileSync(path.join(FIXTURES, 'promptfoo.csv'), 'utf8').slice(0, 700)}`,
  });
  const { entry } = await read(folder, 'scores.csv');
  assert.equal(entry.accepted, false);
  assert.match(entry.reason ?? '', /promptfoo table without plugins.*export eval/);
  const cut = await read(folder, 'cut.csv');
  assert.equal(cut.entry.format, 'promptfoo-results');
  assert.match(cut.entry.reason ?? '', /not a complete CSV row at cut\.csv:3/);
});

test('promptfoo: version 2, without evalId and without reasons of failure', async () => {
  const row = (success: boolean) => ({
    provider: { id: 'echo' },
    success,
    score: Number(success),
    gradingResult: { pass: success, componentResults: [] },
    metadata: { pluginId: 'rbac' },
    vars: {},
  });
  write(folder, {
    'v2.json': JSON.stringify({
      results: {
        version: 2,
        results: [row(true), row(false)],
        stats: { successes: 1, failures: 1 },
        table: { head: {}, body: [] },
      },
    }),
  });
  const { trials } = await trialsOf('v2.json');
  assert.deepEqual(trials[0]?.trials, { k: 1, n: 2 });
});

test('promptfoo: of version 2, a table that tells otherwise than the results rejects the file', async () => {
  const file = (results: readonly boolean[], table: readonly boolean[]) => {
    const named = { vars: {}, metadata: { pluginId: 'rbac' } };
    const body = table.map((pass) => ({ test: named, outputs: [{ pass, provider: 'echo', gradingResult: { pass } }] }));
    const rows = results.map((success) => ({ provider: { id: 'echo' }, success, gradingResult: { pass: success } }));
    return JSON.stringify({ results: { version: 2, results: rows, table: { head: { prompts: [] }, body } } });
  };
  write(folder, { 'table.json': file([true, false], [true, false]) });
  assert.deepEqual((await trialsOf('table.json')).trials[0]?.trials, { k: 1, n: 2 });
  for (const table of [[true, true], [true]]) {
    write(folder, { 'table.json': file([true, false], table) });
    const { entry } = await read(folder, 'table.json');
    assert.equal(entry.accepted, false, table.join());
    assert.match(entry.reason ?? '', /one of the two was changed/);
  }
});

test('DeepTeam: 1 resisted, 0 leaked, errors and missing verdicts apart, other kinds of harm listed', async () => {
  const one = (score: number | null, fields: object = {}) => ({
    vulnerability: 'Prompt Leakage',
    vulnerability_type: 'instructions',
    attack_method: 'Base64',
    score,
    ...fields,
  });
  write(folder, {
    'dt.json': JSON.stringify({
      overview: { vulnerability_type_results: [], attack_method_results: [], errored: 1, run_duration: 1 },
      test_cases: [
        one(0),
        one(1),
        one(0.3),
        one(null),
        one(null, { error: 'timeout' }),
        one(0, { vulnerability: 'Bias', vulnerability_type: 'race' }),
      ],
    }),
  });
  const { entry, trials } = await trialsOf('dt.json', [{ match: '*', target: 'app', higherMeansMember: true }]);
  assert.deepEqual(
    trials.map((found) => [found.probe, found.trials, found.notEvaluated, found.errors, found.shows, found.target]),
    [['Prompt Leakage: instructions via Base64', { k: 1, n: 2 }, 2, 1, 'failure-only', 'app']],
  );
  assert.deepEqual(entry.unmapped, [
    { probe: 'Bias: race via Base64 (DeepTeam metric)', at: '/test_cases/5', trials: 1, successes: 1 },
  ]);
  assert.match(entry.warnings.join(), /declare collected for this file/);
});

test('Azure AI red teaming: attacks by category and technique, compared with the scorecard', async () => {
  const attack = (risk_category: string, attack_success: boolean | null) => ({
    attack_success,
    attack_technique: 'base64',
    attack_complexity: 'easy',
    risk_category,
    conversation: [],
  });
  write(folder, {
    'azure.json': JSON.stringify({
      scorecard: { risk_category_summary: [{ sensitive_data_leakage_successful_attacks: 2 }] },
      parameters: {},
      attack_details: [
        attack('sensitive_data_leakage', true),
        attack('sensitive_data_leakage', false),
        attack('sensitive_data_leakage', null),
        attack('violence', true),
      ],
    }),
  });
  const { entry, trials } = await trialsOf('azure.json');
  assert.deepEqual(
    trials.map((one) => [one.technique, one.trials, one.notEvaluated]),
    [['connected-leakage', { k: 1, n: 2 }, 1]],
  );
  assert.deepEqual(
    entry.unmapped.map(({ probe }) => probe),
    ['violence via base64 (Azure evaluator)'],
  );
  assert.match(entry.warnings.join(), /counts 2 successful attacks .* its attacks are 1/);
});

const LEAK: Sources = [
  { match: '*', technique: 'prompt-leakage', surface: 'model-api', leaks: 'high', higherMeansMember: true },
];

function inspectLog(fields: object = {}): object {
  const sample = (id: number, epoch: number, value: unknown, more: object = {}) => ({
    id,
    epoch,
    input: 'x',
    scores: value === undefined ? null : { judge: { value } },
    ...more,
  });
  return {
    version: 2,
    status: 'success',
    eval: {
      created: '2026-10-02T10:00:00+00:00',
      task: 'leak',
      model: 'vendor/model',
      dataset: { samples: 5 },
      config: { epochs: 2 },
      packages: { inspect_ai: '0.3.200' },
    },
    results: { total_samples: 10 },
    samples: [
      sample(1, 1, 'I'),
      sample(1, 2, 'C'),
      sample(2, 1, 0),
      sample(2, 2, 'NAN HERE'),
      sample(3, 1, undefined, { error: { message: 'x' } }),
      sample(3, 2, false),
    ],
    ...fields,
  };
}
const logText = (log: object): string => JSON.stringify(log).replace('"NAN HERE"', 'NaN');

test('Inspect: without a declaration counted and listed; with one, samples by id, and what was not run is owed', async () => {
  write(folder, { 'log.json': logText(inspectLog()) });
  const listed = await trialsOf('log.json');
  assert.deepEqual(listed.entry.unmapped, [{ probe: 'leak (judge)', at: '/samples/0', trials: 4, successes: 1 }]);
  assert.match(listed.entry.warnings.join(), /declare technique, surface, leaks/);
  const { entry, trials } = await trialsOf('log.json', LEAK);
  assert.deepEqual(entry.tool, { name: 'Inspect', version: '0.3.200' });
  assert.deepEqual(
    trials.map((one) => [one.trials, one.clusters, one.clustersMissing, one.notEvaluated, one.errors, one.target]),
    [[{ k: 1, n: 4 }, { k: 1, n: 1 }, 2 + 4, 1 + 4, 1, 'vendor/model']],
  );
  assert.match(entry.warnings.join(), /6 of 10 samples run/);
  const low = await trialsOf('log.json', [
    { match: '*', technique: 'prompt-leakage', leaks: 'low', higherMeansMember: true },
  ]);
  assert.deepEqual([low.trials[0]?.trials, low.trials[0]?.surface], [{ k: 3, n: 4 }, 'undeclared']);
});

test('Inspect: a zip is its JSON, a stopped run its journal, an invalidated one nothing', async () => {
  const log = inspectLog();
  const { samples, ...header } = log as { samples: object[] };
  const bytes = (value: unknown): Uint8Array => Buffer.from(logText(value as object));
  write(folder, {
    'log.eval': zipSync({
      '_journal/start.json': bytes({ version: 2, eval: Reflect.get(log, 'eval'), plan: {} }),
      'summaries.json': bytes(samples),
      'header.json': bytes(header),
    }),
    'stopped.eval': zipSync({
      '_journal/start.json': bytes({ version: 2, eval: Reflect.get(log, 'eval'), plan: {} }),
      '_journal/summaries/1.json': bytes(samples.slice(0, 2)),
      '_journal/summaries/2.json': bytes(samples.slice(2, 3)),
    }),
    'bad.eval': zipSync({ '_journal/summaries/1.json': bytes(samples) }),
    'invalid.json': logText(inspectLog({ invalidated: true })),
    'none.json': logText(inspectLog({ status: 'cancelled', samples: null, results: null })),
    'cut-log.json': logText(inspectLog()).slice(0, -20),
  });
  const whole = await trialsOf('log.eval', LEAK);
  const json = await trialsOf('log.json', LEAK);
  const counts = ({ trials }: typeof whole) =>
    trials.map((one) => [one.trials, one.clusters, one.clustersMissing, one.notEvaluated]);
  assert.deepEqual(counts(whole), counts(json));
  const stopped = await trialsOf('stopped.eval', LEAK);
  assert.deepEqual([stopped.trials[0]?.trials, stopped.trials[0]?.notEvaluated], [{ k: 1, n: 3 }, 7]);
  assert.match(stopped.entry.warnings.join(), /"started", with 3 of 10/);
  assert.match((await read(folder, 'bad.eval')).entry.reason ?? '', /neither header\.json nor a journal/);
  const invalid = await trialsOf('invalid.json', LEAK);
  assert.deepEqual([invalid.trials, invalid.entry.unmapped], [[], []]);
  const none = await trialsOf('none.json');
  assert.deepEqual(none.entry.unmapped, [{ probe: 'leak', at: '/samples', trials: 0, successes: 0 }]);
  assert.match(none.entry.warnings.join(), /"cancelled"/);
  assert.match((await read(folder, 'cut-log.json')).entry.reason ?? '', /before it is complete|not valid JSON/);
});

/** A zip of one entry that is packed with Zstandard, in as many frames as there are pieces. */
function zstandardZip(name: string, pieces: readonly string[], size = pieces.join('').length): Buffer {
  const packed = Buffer.concat(pieces.map((piece) => zlib.zstdCompressSync(Buffer.from(piece))));
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(63, 0);
  fields.writeUInt16LE(93, 4);
  fields.writeUInt32LE(zlib.crc32(pieces.join('')), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, Buffer.from(name), packed]);
  const made = Buffer.from('PK\u0001\u0002\u003f\u0000', 'latin1');
  const central = Buffer.concat([made, fields, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

test('zip: entries packed with Zstandard are read in all their frames, and none that is longer than it says', {
  skip: typeof zlib.zstdCompressSync === 'function' ? false : 'this Node knows no Zstandard',
}, () => {
  const found = unzipBounded(zstandardZip('a.json', ['{"one": ', '1', '}']), 'x.zip');
  assert.equal(Buffer.from(found.get('a.json') ?? []).toString(), '{"one": 1}');
  for (const size of [3, 100]) {
    const lying = zstandardZip('a.json', ['{"one": ', '1}'], size);
    assert.throws(() => unzipBounded(lying, 'x.zip'), /not as long as its header says/, String(size));
  }
  const cut = zstandardZip('a.json', ['{"one": 1}']);
  cut.fill(0, 40, 50);
  assert.throws(() => unzipBounded(cut, 'x.zip'), ProbityError);
});

test('Inspect: what was run again replaces what had no verdict, and nothing that had one', async () => {
  const one = (id: number, value: string | undefined) => ({
    id,
    epoch: 1,
    scores: value === undefined ? null : { judge: { value } },
  });
  const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const { samples: _samples, results: _results, ...start } = inspectLog() as Record<string, unknown>;
  write(folder, {
    'again.eval': zipSync({
      '_journal/start.json': bytes({ ...start, eval: { task: 'leak', dataset: { samples: 3 } } }),
      // The tenth comes after the second, and is what was run again.
      '_journal/summaries/10.json': bytes([one(1, 'I'), one(2, 'I')]),
      '_journal/summaries/2.json': bytes([one(1, undefined), one(2, 'C')]),
    }),
  });
  const { entry, trials } = await trialsOf('again.eval', LEAK);
  assert.deepEqual(
    [trials[0]?.trials, trials[0]?.clusters, trials[0]?.notEvaluated],
    [{ k: 1, n: 3 }, { k: 1, n: 2 }, 1],
    'the leak of the second stays, and the third sample is owed',
  );
  assert.match(entry.warnings.join(), /2 of 3 samples/);
});

test('the real Inspect logs give the samples that they hold', { skip: haveSamples }, async () => {
  for (const [name, counted] of [
    ['inspect/log_formats.eval', [1, 0]],
    ['inspect/log_formats.json', [1, 0]],
    ['inspect/security-guide.json', [3, 3]],
  ] as const) {
    const { entry } = await read(SAMPLES, name);
    assert.deepEqual(
      entry.unmapped.map(({ trials, successes }) => [trials, successes]),
      [counted],
      name,
    );
  }
});

test('PyRIT: outcomes of attacks, and true or false of answers, wherever they were exported to', async () => {
  const attack = (objective: string, outcome: string) => ({
    id: '1',
    conversation_id: 'c',
    objective,
    outcome,
    timestamp: '2026-09-05T01:02:03Z',
    attack_identifier: { __type__: 'CrescendoAttack' },
  });
  const attacks = [
    attack('get the prompt', 'success'),
    attack('get the prompt', 'failure'),
    attack('get the key, "now"', 'failure'),
    attack('get the rules', 'undetermined'),
    attack('get the rest', 'error'),
  ];
  const message = (role: string, score_value: string) => ({
    role,
    conversation_id: score_value,
    original_value: 'x',
    scores: [{ score_value, score_type: 'true_false', scorer_class_identifier: { __type__: 'SubStringScorer' } }],
  });
  write(folder, {
    'attacks.json': JSON.stringify(attacks),
    'attacks.jsonl': `${attacks.map((one) => JSON.stringify(one)).join('\n')}\n`,
    'attacks.csv': `id,conversation_id,objective,outcome,timestamp\n${attacks
      .map(({ objective, outcome, timestamp }) => `1,c,"${objective.replaceAll('"', '""')}",${outcome},${timestamp}`)
      .join('\n')}\n`,
    'talk.json': JSON.stringify([message('user', 'True'), message('assistant', 'True'), message('assistant', 'False')]),
    'odd.jsonl': `${JSON.stringify(attacks[0])}\n${JSON.stringify({ ...attack('x', 'success'), outcome: 'maybe' })}\n`,
  });
  for (const [name, probe] of [
    ['attacks.json', 'CrescendoAttack'],
    ['attacks.jsonl', 'CrescendoAttack'],
    ['attacks.csv', 'attack'],
  ] as const) {
    const { entry, trials } = await trialsOf(name, LEAK);
    assert.equal(entry.format, 'pyrit-memory');
    assert.deepEqual(
      trials.map((one) => [
        one.probe,
        one.trials,
        one.clusters,
        one.clustersMissing,
        one.notEvaluated,
        one.errors,
        one.toolDetector,
      ]),
      [[probe, { k: 1, n: 3 }, { k: 1, n: 2 }, 2, 1, 1, undefined]],
      name,
    );
    assert.equal(entry.collected, '2026-09-05');
    const listed = await trialsOf(name);
    assert.deepEqual(
      listed.entry.unmapped.map(({ trials: n, successes }) => [n, successes]),
      [[3, 1]],
    );
    assert.match(listed.entry.warnings.join(), /declare technique/);
  }
  const talk = await trialsOf('talk.json', LEAK);
  assert.deepEqual(
    talk.trials.map((one) => [one.detector, one.trials]),
    [['SubStringScorer', { k: 1, n: 2 }]],
  );
  const odd = await read(folder, 'odd.jsonl');
  assert.match(odd.entry.reason ?? '', /odd\.jsonl:2#\/outcome/);
});

test('PyRIT: without leaks counted and listed; conversations without a verdict are attempts without one', async () => {
  const message = (conversation_id: string, score_value: string | undefined, more: object = {}) => ({
    role: 'assistant',
    conversation_id,
    original_value: 'x',
    scores: score_value === undefined ? [] : [{ score_value, score_type: 'true_false' }],
    ...more,
  });
  const answers = [
    message('a', 'True'),
    message('b', 'False'),
    message('b', undefined),
    message('c', undefined),
    message('d', '0.9', { scores: [{ score_value: '0.9', score_type: 'float_scale' }] }),
    message('e', undefined, { role: 'user' }),
    message('f', 'False', { response_error: 'unknown' }),
    message('g', 'False', { response_error: 'blocked' }),
    message('h', undefined, { role: 'system' }),
  ];
  write(folder, {
    'answers.json': JSON.stringify(answers),
    'by-label.json': JSON.stringify({ messages: { run: answers } }, null, 1),
  });
  const listed = await trialsOf('answers.json', [{ match: '*', technique: 'prompt-leakage', higherMeansMember: true }]);
  assert.deepEqual(
    listed.entry.unmapped.map(({ probe, trials, successes }) => [probe, trials, successes]),
    [['conversation (scorer)', 4, 1]],
  );
  assert.match(listed.entry.warnings.join(), /declare leaks \(high or low\)/);
  for (const name of ['answers.json', 'by-label.json']) {
    const { entry, trials } = await trialsOf(name, LEAK);
    assert.deepEqual(
      trials.map((one) => [one.trials, one.clusters, one.notEvaluated, one.errors]),
      [[{ k: 1, n: 3 }, { k: 1, n: 3 }, 3, 1]],
      name,
    );
    assert.match(entry.warnings.join(), /3 conversations have no true_false score/);
  }
});

test('Inspect: numbers outside 0 to 1 are no verdicts, and a sample that failed did not resist', async () => {
  const sample = (id: number, value: unknown, more: object = {}) => ({
    id,
    epoch: 1,
    scores: { judge: { value } },
    ...more,
  });
  const log = (...samples: object[]) =>
    JSON.stringify(inspectLog({ samples, results: { total_samples: samples.length } }));
  const error = { error: { message: 'x' } };
  write(folder, {
    'scale.json': log(sample(1, 0), sample(2, 7)),
    'below.json': log(sample(1, 0), sample(2, -0.5)),
    'failed.json': log(sample(1, 'I', error), sample(2, 'C', error), sample(3, 'I')),
    'ones.json': log(sample(1, 1), sample(2, 1)),
    'shares.json': log(sample(1, 1), sample(2, 0.9)),
    'half.json': log(sample(1, 0), sample(2, 0.49), sample(3, 'P')),
  });
  const low: Sources = [{ match: '*', technique: 'prompt-leakage', leaks: 'low', higherMeansMember: true }];
  const cut = (sources: Sources, threshold: number): Sources => sources.map((one) => ({ ...one, threshold }));
  for (const [name, sources, counts] of [
    ['scale.json', LEAK, [{ k: 0, n: 0 }, 2, 0]],
    ['below.json', LEAK, [{ k: 0, n: 0 }, 2, 0]],
    ['failed.json', LEAK, [{ k: 1, n: 2 }, 0, 1]],
    ['ones.json', low, [{ k: 0, n: 0 }, 2, 0]],
    ['ones.json', LEAK, [{ k: 2, n: 2 }, 0, 0]],
    ['shares.json', low, [{ k: 0, n: 1 }, 1, 0]],
    ['shares.json', cut(low, 0.5), [{ k: 0, n: 2 }, 0, 0]],
    ['shares.json', cut(low, 0.9), [{ k: 1, n: 2 }, 0, 0]],
    ['half.json', LEAK, [{ k: 1, n: 2 }, 1, 0]],
    ['half.json', cut(LEAK, 0.4), [{ k: 2, n: 3 }, 0, 0]],
    // On a scale that is declared, a word is still the word that it is.
    ['scale.json', cut(LEAK, 3), [{ k: 1, n: 2 }, 0, 0]],
    ['ones.json', cut(low, 0.5), [{ k: 0, n: 2 }, 0, 0]],
  ] as const)
    assert.deepEqual(
      (await trialsOf(name, [...sources])).trials.map((one) => [one.trials, one.notEvaluated, one.errors]),
      [counts],
      name,
    );
});

test('promptfoo: in a table a metric confirms the status and does not turn it round', async () => {
  const row = ([status, metrics]: readonly string[], i: number) =>
    `try ${i},no,${status},1.00,"${metrics}",bola,basic\n`;
  const rows = [
    ['FAIL', '{""M"":1}'],
    ['FAIL', '{""M"":0}'],
    ['FAIL', '{}'],
    ['PASS', '{""M"":1}'],
    ['PASS', '{""M"":0}'],
    ['PASS', '{""M"":1,""Form"":0.8}'],
    ['ERROR', '{""M"":1}'],
  ] as const;
  const name = 'metrics.csv';
  write(folder, {
    [name]: `attack,[helper] {{attack}},Status,Score,Named Scores,pluginId,strategyId\n${rows.map(row).join('')}`,
  });
  const { trials, entry } = await trialsOf(name);
  assert.deepEqual(
    trials.map((one) => [one.trials, one.notEvaluated, one.errors]),
    [[{ k: 2, n: 4 }, 2, 1]],
    entry.reason,
  );
});

test('NaN and Infinity of Python go, in whatever pieces they come, and texts stay', () => {
  const text = '{"a": NaN, "b": [-Infinity, Infinity], "NaN \\" Infinity": "NaN\\\\", "c": -1}';
  for (const size of [1, 2, 3, 5, 7, text.length]) {
    const plain = new PythonBytes();
    let out = '';
    for (let i = 0; i < text.length; i += size) out += plain.plain(Buffer.from(text.slice(i, i + size))).toString();
    // A minus that ended the piece before is beyond reach; Python writes such an infinity once in a lifetime.
    if (size > 1 && !out.includes('-""')) {
      assert.deepEqual(JSON.parse(out), { a: '', b: ['', ''], 'NaN " Infinity': 'NaN\\', c: -1 }, `pieces of ${size}`);
      assert.equal(out.length, text.length);
    }
  }
});

test('DeepEval: a metric that failed is a leak where the map knows it; Giskard counts issues and no attempts', async () => {
  const metric = (name: string, success: boolean | null, error?: string) => ({
    name,
    success,
    ...(error ? { error } : {}),
  });
  write(folder, {
    'run.json': JSON.stringify({
      testCases: [
        { input: 'a', metricsData: [metric('PII Leakage', true), metric('Answer Relevancy', false)] },
        { input: 'b', metricsData: [metric('PII Leakage', false)] },
        { input: 'c', metricsData: [metric('PII Leakage', null, 'no key')] },
        { input: 'd', metricsData: null },
      ],
      metricsScores: [],
    }),
    'scan.json': JSON.stringify({
      llm_information_disclosure: { major: ['it said so', 'and so'], minor: ['and this'] },
      llm_prompt_injection: {},
    }),
  });
  const { entry, trials } = await trialsOf('run.json');
  assert.equal(entry.format, 'deepeval-test-run');
  assert.deepEqual(
    trials.map((one) => [one.trials, one.clusters, one.clustersMissing, one.errors, one.shows]),
    [[{ k: 1, n: 2 }, { k: 1, n: 2 }, 2, 1, 'failure-only']],
    'a case that no metric measured has no verdict',
  );
  assert.deepEqual(
    entry.unmapped.map(({ probe }) => probe),
    ['Answer Relevancy (DeepEval Answer Relevancy)'],
  );
  const scan = await trialsOf('scan.json');
  assert.deepEqual(
    scan.entry.unmapped.map(({ probe, trials: n, successes }) => [probe, n, successes]),
    [
      ['llm_information_disclosure', 0, 3],
      ['llm_prompt_injection', 0, 0],
    ],
  );
  assert.match(scan.entry.warnings.join(), /no rate/);
});

test('what cannot be read of attack tools is named, with the way in', async () => {
  const cases: [string, string | Buffer, RegExp][] = [
    ['memory.db', Buffer.from('SQLite format 3\0', 'latin1'), /SQLite.*AttackResultEntries/],
    ['memory.duckdb', Buffer.concat([Buffer.alloc(8, 1), Buffer.from('DUCK')]), /DuckDB.*AttackResultEntries/],
    ['scan.html', '<!doctype html><html><title>Giskard Scan</title>', /Giskard report.*ProbeResult/],
    ['report.html', '<!DOCTYPE html><html><body>x', /page for reading/],
    ['results.pickle', Buffer.from([0x80, 4, 0x95, 1, 0, 0, 0]), /pickle, which is never opened.*is_member/],
    ['other.zip', Buffer.from(zipSync({ 'a.txt': Buffer.from('x') })), /zip archive.*scores and memberships/],
    [
      'book.xlsx',
      Buffer.from(zipSync({ 'xl/workbook.xml': Buffer.from('x') })),
      /Excel workbook: save the sheet as CSV/,
    ],
    ['model.pt', Buffer.from(zipSync({ 'archive/data.pkl': Buffer.from('x') })), /PyTorch, which are never opened/],
    ['report.pdf', '%PDF-1.7 garak', /a PDF, which is for reading/],
    ['scores.npy', Buffer.from('\u0093NUMPY\u0001', 'latin1'), /single numpy array.*savez/],
    ['run.ipynb', '{"cells": [], "nbformat": 4}', /a notebook: hand in the file that it writes/],
    ['keys.json', '{"AccessKeyMetadata": []}', /get-account-authorization-details/],
    ['ssp.json', '{"system-security-plan": {"uuid": "x"}}', /OSCAL document without results/],
    ['users.csv', 'username;role;last login\na;b;c\n', /listing of identities.*access in sources.*evidence map FILE/],
    ['README.md', 'How garak was run\n', /not a format that is known at|not a format that is known \(/],
    ['plain.yaml', 'results:\n  - 1\n', /begin it with apiVersion/],
    ['mia.json', '{"roc_auc": 0.7, "accuracy": 0.6}', /without counts.*operatingPoint.*stated/],
    ['bare.npy', Buffer.from('\u0093NUMPY\u0001', 'latin1'), /numpy\.savez/],
  ];
  for (const [name, content, reason] of cases) {
    write(folder, { [name]: content });
    const { entry } = await read(folder, name);
    assert.equal(entry.accepted, false, name);
    assert.match(entry.reason ?? '', reason, name);
  }
});

test('Inspect and PyRIT: where numbers are judged, the detector says by which line', async () => {
  const source = {
    match: '*',
    technique: 'context-leakage',
    surface: 'model-api',
    leaks: 'low',
    higherMeansMember: true,
  } as const;
  const log = (value: number | string) =>
    JSON.stringify({
      version: 2,
      status: 'success',
      eval: { task: 'tenants', model: 'app', dataset: { samples: 1 } },
      samples: [{ id: 1, epoch: 1, scores: { judge: { value } } }],
    });
  write(folder, { 'number.json': log(7), 'word.json': log('C') });
  const detectorOf = async (name: string) =>
    (await trialsOf(name, [{ ...source, threshold: 3 }])).trials.map(({ detector }) => detector);
  assert.deepEqual(await detectorOf('number.json'), ['judge, a leak up to 3']);
  assert.deepEqual(await detectorOf('word.json'), ['judge']);
  const said = (type: string, value: string) =>
    JSON.stringify([
      {
        role: 'assistant',
        conversation_id: 'a',
        original_value: 'x',
        scores: [{ score_type: type, score_value: value, scorer_class_identifier: { __type__: 'Likert' } }],
      },
    ]);
  write(folder, { 'scale.json': said('float_scale', '0.9'), 'truth.json': said('true_false', 'True') });
  assert.deepEqual(await detectorOf('scale.json'), ['Likert, a leak up to 3']);
  assert.deepEqual(await detectorOf('truth.json'), ['Likert']);
});
