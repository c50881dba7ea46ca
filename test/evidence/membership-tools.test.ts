import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { pythonJson, pythonNumber } from '../../src/files/pythonJson.ts';
import { measure } from '../../src/measure/measure.ts';
import { read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* The tools of the membership field: what comes out is what an independent count of the same file finds. */

const folder = scratch();
const FIXTURES = path.join(ROOT, 'test/evidence/fixtures');
const SAMPLES = path.join(ROOT, '../shared/samples');
const haveSamples = existsSync(SAMPLES) ? false : 'the samples are not here';

interface Canary {
  included: boolean;
  repetitions: number;
  record_observed?: boolean;
  scores: { headline_score: number | null };
  regurgitation: { regurgitated: boolean; by_prefix: { exact: boolean }[] };
}
interface Memaudit {
  per_canary: Canary[];
  membership: { n_members: number; n_controls: number; n_detected: number; threshold: number; auc: number };
  regurgitation: { overall: { n: number; n_regurgitated: number } };
  release_context: { declared: string };
  [key: string]: unknown;
}

const memauditText = gunzipSync(readFileSync(path.join(FIXTURES, 'memaudit-demo.json.gz'))).toString('utf8');

/** The report with something changed, stamped again as memaudit would. */
function memaudit(change: (report: Memaudit) => void): string {
  const report: Memaudit = JSON.parse(memauditText);
  change(report);
  const text = JSON.stringify(report, null, 2);
  const digest = createHash('sha256').update(pythonJson(text, 'report_sha256')).digest('hex');
  return JSON.stringify({ ...report, report_sha256: digest }, null, 2);
}

test('numbers are spelled as Python spells them, and keys stand by code point', () => {
  const spelled: [string, string][] = [
    ['1', '1'],
    ['-0', '0'],
    ['12345678901234567890', '12345678901234567890'],
    ['1.0', '1.0'],
    ['-0.0', '-0.0'],
    ['0.00001', '1e-05'],
    ['1e-4', '0.0001'],
    ['0.00012', '0.00012'],
    ['1e15', '1000000000000000.0'],
    ['1e16', '1e+16'],
    ['1.5e300', '1.5e+300'],
    ['5e-324', '5e-324'],
    ['123.456', '123.456'],
    ['100.0', '100.0'],
  ];
  for (const [source, python] of spelled) assert.equal(pythonNumber(source), python, source);
  assert.equal(
    pythonJson('{"\\uffff": 1.0, "\\ud800\\udc00": 2, "a": [true, null, "x\\u2028\\"\\n"], "h": 0}', 'h'),
    '{"a":[true,null,"x\u2028\\"\\n"],"\uffff":1.0,"\ud800\udc00":2}',
  );
});

test('memaudit: both verdicts come out apart, with the canaries, their assignment and their target', async () => {
  write(folder, { 'memaudit-report.json': memauditText });
  const { entry, reading } = await read(folder, 'memaudit-report.json');
  assert.equal(entry.format, 'memaudit-report');
  assert.equal(entry.accepted, true, entry.reason);
  assert.deepEqual(entry.tool, { name: 'memaudit', version: '0.2.0' });
  const report: Memaudit = JSON.parse(memauditText);
  const [scores, completion, ...more] = reading?.observations ?? [];
  assert.equal(more.length, 0);
  assert.ok(scores?.kind === 'scores' && completion?.kind === 'trials');
  assert.deepEqual(
    [...scores.members],
    report.per_canary.filter((one) => one.included).map((one) => one.scores.headline_score),
  );
  assert.equal(scores.nonMembers.length, report.membership.n_controls);
  assert.deepEqual(
    [scores.technique, scores.surface, scores.target],
    ['canary-membership', 'undeclared', 'memaudit-demo-tiny'],
  );
  assert.equal(scores.assignment?.random, true);
  assert.equal(scores.copies, 16);
  assert.deepEqual(completion.trials, {
    k: report.regurgitation.overall.n_regurgitated,
    n: report.regurgitation.overall.n,
  });
  assert.deepEqual([completion.attackClass, completion.planted], ['inversion', true]);
  assert.match(entry.warnings.join(), /memaudit demo/);
  assert.match(entry.warnings.join(), /release context is unspecified/);
  const measured = measure(
    (reading?.observations ?? []).flatMap(({ at, ...body }) =>
      body.kind === 'scores' ? [{ ...body, source: { path: 'r', sha256: '0', at } }] : [],
    ),
    { privacy: { epsilon: 1, delta: 1e-5 } },
  );
  const auc = measured.find((one) => one.measure === 'roc.auc');
  assert.ok(Math.abs((auc?.estimate ?? 0) - report.membership.auc) < 1e-12, 'the area is the one memaudit found');
  assert.equal(
    measured.find((one) => one.measure === 'privacy.epsilonLower'),
    undefined,
    'sixteen copies contradict no budget of one',
  );
});

test('memaudit: an edited report, counts that are not its own and another schema are refused', async () => {
  const cases: [string, string, RegExp][] = [
    ['edited.json', memauditText.replace('"regurgitated": true', '"regurgitated": false'), /report_sha256/],
    ['members.json', memaudit((one) => void one.membership.n_members--), /counts 15 planted .* lists scores of 16/],
    ['detected.json', memaudit((one) => void one.membership.n_detected--), /of its scores reach the threshold/],
    ['came.json', memaudit((one) => void one.regurgitation.overall.n_regurgitated--), /as regurgitated, and lists/],
    [
      'exact.json',
      memaudit((one) => {
        one.regurgitation.overall.n_regurgitated = 0;
        for (const { regurgitation } of one.per_canary) regurgitation.regurgitated = false;
      }),
      /came back after a part/,
    ],
    ['schema.json', memaudit((one) => Object.assign(one, { schema_version: '2.0.0' })), /only schema 1/],
    ['cut.json', memauditText.slice(0, -3000), /not valid JSON/],
  ];
  write(folder, Object.fromEntries(cases.map(([name, text]) => [name, text])));
  for (const [name, , reason] of cases) {
    const { entry } = await read(folder, name);
    assert.equal(entry.accepted, false, name);
    assert.match(entry.reason ?? '', reason);
  }
});

test('memaudit: other spacing keeps the digest; canaries that were never trained on or asked show nothing', async () => {
  write(folder, {
    'spaced.json': JSON.stringify(JSON.parse(memaudit((one) => Object.assign(one, { a_number: 0.5 })))),
    'api.json': memaudit((one) => Object.assign(one.release_context, { declared: 'public-api' })),
    'unseen.json': memaudit((one) => {
      for (const canary of one.per_canary.slice(0, 2)) canary.record_observed = false;
    }),
    'seen.json': memaudit((one) => {
      for (const canary of one.per_canary) canary.record_observed = true;
    }),
    'repeated-never.json': memaudit((one) => {
      for (const canary of one.per_canary) Object.assign(canary, { record_observed: true, repetitions: 0 });
    }),
    'unstamped.json': JSON.stringify({ ...JSON.parse(memauditText), report_sha256: undefined }),
    'unasked.json': memaudit((one) => {
      for (const canary of one.per_canary) canary.regurgitation = { regurgitated: false, by_prefix: [] };
      one.regurgitation.overall.n_regurgitated = 0;
    }),
    'unscored.json': memaudit((one) => {
      const last = one.per_canary.findLast((canary) => !canary.included);
      if (last) last.scores.headline_score = null;
      one.membership.n_controls--;
    }),
    'fixed.json': memaudit((one) => Object.assign(one, { audit_scope: { include_prob: 0 } })),
  });
  const found = async (name: string) => (await read(folder, name)).reading?.observations ?? [];
  const spaced = await read(folder, 'spaced.json');
  assert.equal(spaced.entry.accepted, true, spaced.entry.reason);
  const surfaces = (await found('api.json')).map((one) => ('surface' in one ? one.surface : undefined));
  assert.deepEqual(surfaces, ['model-api', 'model-api']);
  const shown = async (name: string) =>
    (await found(name)).map((one) => (one.kind === 'scores' || one.kind === 'trials' ? one.shows : ''));
  const weak = 'failure-only';
  for (const name of ['unseen.json', 'spaced.json', 'repeated-never.json', 'unstamped.json'])
    assert.deepEqual(await shown(name), [weak, weak], name);
  assert.deepEqual(await shown('unscored.json'), [weak, weak]);
  assert.deepEqual(await shown('seen.json'), [undefined, undefined]);
  assert.deepEqual(
    (await found('unasked.json')).map(({ kind }) => kind),
    ['scores'],
    'what was not asked did not resist',
  );
  const [fixed] = await found('fixed.json');
  assert.equal(fixed?.kind === 'scores' ? fixed.assignment : '', undefined);
});

interface LeakPro {
  signal_values: number[];
  true_labels: number[];
  tp: number[];
  fp: number[];
  tn: number[];
  fn: number[];
  roc_auc: number;
}
const leakpro = (name: string): LeakPro => JSON.parse(readFileSync(path.join(FIXTURES, name), 'utf8'));

test('LeakPro: signals become scores by label, and counts the points at low rates', async () => {
  const { entry, reading } = await read(FIXTURES, 'leakpro-lira.json', [
    { match: '*', collected: '2026-10-01', target: 'm', higherMeansMember: true },
  ]);
  const lira = leakpro('leakpro-lira.json');
  const [scores, ...more] = reading?.observations ?? [];
  assert.ok(scores?.kind === 'scores' && more.length === 0, entry.reason);
  assert.deepEqual(
    [...scores.members],
    lira.signal_values.filter((_, i) => lira.true_labels[i] === 1),
  );
  assert.deepEqual(
    [scores.technique, scores.surface, scores.target, scores.collected],
    ['likelihood-ratio', 'model-api', 'm', '2026-10-01'],
  );
  assert.deepEqual(entry.warnings, []);

  const points = await read(FIXTURES, 'leakpro-qmia.json');
  const qmia = leakpro('leakpro-qmia.json');
  const [at01, at1, auc] = points.reading?.observations ?? [];
  assert.ok(at01?.kind === 'operating-point' && at1?.kind === 'operating-point' && auc?.kind === 'stated');
  const none = qmia.fp.filter((fp) => fp === 0).length - 1;
  assert.deepEqual(
    [at01.falsePositiveLimit, at01.truePositives, at01.falsePositives, at01.members, at01.nonMembers, at01.at],
    [
      0.001,
      qmia.tp[none],
      0,
      (qmia.tp[0] ?? 0) + (qmia.fn[0] ?? 0),
      (qmia.fp[0] ?? 0) + (qmia.tn[0] ?? 0),
      `/tp/${none}`,
    ],
  );
  assert.equal(auc.value, qmia.roc_auc);
  assert.match(points.entry.warnings.join(), /neither date nor model/);
});

test('LeakPro: older files, other attacks, and lists that do not go together', async () => {
  const lira = leakpro('leakpro-lira.json');
  const base = { result_type: 'MIAResult', id: 'x', config: {}, accuracy: [0.5] };
  const old = {
    resulttype: 'MIAResult',
    resultname: 'lira',
    tpr: [0, 0.2, 1],
    fpr: [0, 0.001, 1],
    roc_auc: 0.7,
    fixed_fpr: { 'TPR@1.0%FPR': 20 },
    signal_values: null,
    true_labels: null,
  };
  write(folder, {
    'old.json': JSON.stringify(old),
    'range.json': JSON.stringify({ ...base, result_name: 'RaMIA', true_labels: [1, 0], signal_values: [1, 0] }),
    'short.json': JSON.stringify({ ...base, result_name: 'LiRA', true_labels: [1, 0, 1], signal_values: [1, 0] }),
    'one.json': JSON.stringify({ ...base, result_name: 'LiRA', true_labels: [1, 1], signal_values: [1, 0] }),
    'other.json': JSON.stringify({ ...base, ...lira, result_name: 'LiRA', signal_values: null, tp: [1, 2] }),
    'minv.json': JSON.stringify({
      name: 'Diff-Mi Attack Result',
      id: 'x',
      config: {},
      metrics: { top1_accuracy: 0.4, knn: 'NaN here' },
    }).replace('"NaN here"', 'NaN'),
    'gia.json': JSON.stringify({ resulttype: 'GIAResults', original: 'a.png', recreated: 'b.png', id: 'g' }),
  });
  const older = await read(folder, 'old.json');
  assert.deepEqual(
    older.reading?.observations.map((one) => (one.kind === 'stated' ? [one.measure, one.value] : [])),
    [
      ['roc.tpr', 0.2],
      ['roc.tpr', 0.2],
      ['roc.auc', 0.7],
    ],
  );
  assert.match(older.entry.warnings.join(), /never its absence/);
  assert.deepEqual(
    (await read(folder, 'range.json')).entry.unmapped.map(({ probe }) => probe),
    ['RaMIA'],
  );
  assert.match((await read(folder, 'short.json')).entry.reason ?? '', /2 signal values for 3 labels/);
  assert.match((await read(folder, 'one.json')).entry.reason ?? '', /all 2 records are members/);
  assert.match((await read(folder, 'other.json')).entry.reason ?? '', /not of one length/);
  const minv = (await read(folder, 'minv.json')).reading?.observations[0];
  assert.deepEqual(minv?.kind === 'stated' ? [minv.technique, minv.value] : [], ['reconstruction', 0.4]);
  const gia = await read(folder, 'gia.json');
  assert.match(gia.entry.warnings.join(), /holds no numbers/);
});

test('LeakPro: attacks on synthetic data stand beside their naive guess, other risks are listed', {
  skip: haveSamples,
}, async () => {
  const file = 'leakpro/inference_worst_case.json';
  const found: { res: number[][]; secrets: string[] } = JSON.parse(readFileSync(path.join(SAMPLES, file), 'utf8'));
  const { reading } = await read(SAMPLES, file);
  assert.deepEqual(
    reading?.observations.map((one) =>
      one.kind === 'advantage' ? [one.probe, one.attack, one.baseline, one.sameTargets] : [],
    ),
    found.res.map(([n, k, baselineN, baselineK], i) => [
      `inference: ${found.secrets[i]}`,
      { k, n },
      { k: baselineK, n: baselineN },
      false,
    ]),
  );
});

test('LeakPro: linkability and singling out are neither class and never dropped', async () => {
  write(folder, {
    'singling.json': JSON.stringify({
      res_cols: ['n_main_total', 'n_main_success', 'n_naive_total', 'n_naive_success', 'n_cols'],
      res: [[32, 9, 100, 2, 1]],
      prefix: 'singling_out_n_cols_1',
      dataset: 'adults',
    }),
  });
  const { entry } = await read(folder, 'singling.json');
  assert.deepEqual(entry.unmapped, [{ probe: 'singling_out_n_cols_1', at: '/res/0', trials: 32, successes: 9 }]);
});

test('MIMIR: predictions are scores, lower for members, and a summary is only stated', async () => {
  write(folder, {
    'loss.json': JSON.stringify({
      name: 'loss_threshold',
      predictions: { member: [1, 2], nonmember: [3, 'NAN', 4] },
      metrics: { roc_auc: 0.9 },
    }).replace('"NAN"', 'NaN'),
    'summary.json': JSON.stringify({
      c4: [{ 'zlib_results.json': { roc_auc: 0.6, tpr_at_low_fpr: { '0.001': 0.01 } }, target: 'pythia' }],
    }),
    'one.json': JSON.stringify({ name: 'x', predictions: { member: [], nonmember: [1] } }),
  });
  const loss = await read(folder, 'loss.json');
  const [scores] = loss.reading?.observations ?? [];
  assert.ok(scores?.kind === 'scores', loss.entry.reason);
  assert.deepEqual([[...scores.members], [...scores.nonMembers], scores.shows], [[-1, -2], [-3, -4], 'failure-only']);
  const { entry, reading } = await read(folder, 'summary.json');
  assert.deepEqual(
    reading?.observations.map((one) => (one.kind === 'stated' ? [one.probe, one.measure, one.value, one.target] : [])),
    [
      ['zlib on c4', 'roc.auc', 0.6, 'pythia'],
      ['zlib on c4', 'roc.tpr', 0.01, 'pythia'],
    ],
  );
  assert.match(entry.warnings.join(), /never its absence; hand in the file of each attack/);
  assert.match((await read(folder, 'one.json')).entry.reason ?? '', /no scores of both/);
});

test('the real MIMIR summary states every number that it holds', { skip: haveSamples }, async () => {
  const file = 'mimir/train_data_size_results.json';
  const summary: Record<string, object[]> = JSON.parse(readFileSync(path.join(SAMPLES, file), 'utf8'));
  const attacks = Object.values(summary).flatMap((runs) =>
    runs.flatMap((run) => Object.values(run).filter((one) => typeof one === 'object')),
  );
  const { reading } = await read(SAMPLES, file);
  assert.equal(reading?.observations.length, attacks.length * 3);
});

test('TensorFlow Privacy: areas and advantages are stated, with the way to counts', async () => {
  const header = 'slice feature,slice value,train size,test size,attack type,Attacker advantage,AUC';
  write(folder, {
    'tfp.csv': `,${header}\n0,Entire dataset,,5000,5000,THRESHOLD_ATTACK,0.25,0.61\n1,class,3,500,500,LOGISTIC_REGRESSION,0.3,0.66\n`,
    'bad.csv': `${header}\nEntire dataset,,5000,5000,THRESHOLD_ATTACK,0.25,1.61\n`,
  });
  const { entry, reading } = await read(folder, 'tfp.csv');
  assert.deepEqual(
    reading?.observations.map((one) => (one.kind === 'stated' ? [one.measure, one.value, one.at] : [])),
    [
      ['roc.auc', 0.61, 'line 2'],
      ['roc.advantage', 0.25, 'line 2'],
      ['roc.auc', 0.66, 'line 3'],
      ['roc.advantage', 0.3, 'line 3'],
    ],
  );
  assert.match(entry.warnings.join(), /save membership_scores_train/);
  assert.match((await read(folder, 'bad.csv')).entry.reason ?? '', /not one of attack results at bad\.csv:2/);
});

/** A NumPy array file of 64-bit floats, version 1.0; a number is an array without dimensions. */
function npy(values: number[] | number): Uint8Array {
  const list = Array.isArray(values) ? values : [values];
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${Array.isArray(values) ? `${list.length},` : ''}), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), Buffer.from(Float64Array.from(list).buffer)]);
}

test('ML Privacy Meter: the one-run audit that shows most is taken, as one that was not fixed beforehand', async () => {
  const arrays = (correct: number[]) => ({
    'eps.npy': npy([0.1, 0.9, 0.4]),
    'correct_num.npy': npy(correct),
    'k_neg.npy': npy([1, 2, 3]),
    'k_pos.npy': npy([5, 4, 3]),
    'total_num.npy': npy(6),
    'scores.npy': npy([1, 2, 3, 4, 5, 6]),
    'memberships.npy': npy([0, 0, 1, 0, 1, 1]),
  });
  write(folder, {
    'attack_result_average_dp.npz': zipSync(arrays([2, 4, 5])),
    'attack_result_wrong_dp.npz': zipSync(arrays([2, 5, 5])),
  });
  const { entry, reading } = await read(folder, 'attack_result_average_dp.npz', [
    { match: '*', technique: 'canary-membership', surface: 'model-api', higherMeansMember: true },
  ]);
  const [audit, scores] = reading?.observations ?? [];
  assert.ok(audit?.kind === 'one-run' && scores?.kind === 'scores', entry.reason);
  assert.deepEqual(
    [audit.canaries, audit.guesses, audit.correct, audit.fixedBeforehand, audit.technique, audit.at],
    [6, 4, 4, false, 'canary-membership', 'correct_num.npy[1]'],
  );
  assert.equal(scores.shows, 'failure-only');
  assert.match(entry.warnings.join(), /fair coin/);
  const wrong = await read(folder, 'attack_result_wrong_dp.npz');
  assert.match(wrong.entry.reason ?? '', /5 right guesses of 4 about 6 canaries cannot be/);
});

/** By pandas, of the frame that scores.parquet was written from. */
const MEANS = { members: 1.0316905566583474, nonMembers: -0.0037010511857273574 };

const haveParquet = await import('hyparquet' as string).then(
  () => false as const,
  () => 'hyparquet is not installed',
);

test('Parquet: the same scores as the table it was made of, whole or not at all', { skip: haveParquet }, async () => {
  const { entry, reading } = await read(FIXTURES, 'scores.parquet');
  assert.equal(entry.format, 'membership-parquet');
  const [scores] = reading?.observations ?? [];
  assert.ok(scores?.kind === 'scores', entry.reason);
  assert.deepEqual([scores.members.length, scores.nonMembers.length, scores.duplicateRecords], [507, 493, 0]);
  const mean = (values: Float64Array): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  assert.ok(Math.abs(mean(scores.members) - MEANS.members) < 1e-12);
  assert.ok(Math.abs(mean(scores.nonMembers) - MEANS.nonMembers) < 1e-12);
  const bytes = readFileSync(path.join(FIXTURES, 'scores.parquet'));
  for (const cut of [4, 100, bytes.length >> 1, bytes.length - 1]) {
    write(folder, { 'cut.parquet': bytes.subarray(0, cut) });
    assert.match((await read(folder, 'cut.parquet')).entry.reason ?? '', /not a complete Parquet file/, String(cut));
  }
});

test('Parquet: pages of the second version say the same, and what they claim is held against the rows', {
  skip: haveParquet,
}, async () => {
  const second = await read(FIXTURES, 'scores-v2.parquet');
  const first = await read(FIXTURES, 'scores.parquet');
  assert.deepEqual(second.reading?.observations, first.reading?.observations);
  const { checkedBytes } = await import('../../src/evidence/adapters/membership-parquet/pages.ts');
  // Thrift's compact protocol: type 3, sizes, and in field 8 values, nulls, rows, encoding, lengths of levels, unpacked.
  const page = (count: number, rows: number, levels: number, values: number[]): Uint8Array => {
    const head = [0x15, 6, 0x15, values.length * 2, 0x15, values.length * 2, 0x5c];
    const inner = [0x15, count * 2, 0x15, 0, 0x15, rows * 2, 0x15, 6, 0x15, levels * 2, 0x15, 0, 0x12, 0, 0];
    return Uint8Array.from([...head, ...inner, ...values]);
  };
  const walk = (bytes: Uint8Array, rows: number, optional = false) =>
    checkedBytes(bytes, { from: 0, to: bytes.length, rows, optional, unpack: (packed) => packed });
  // Five truths, after the length of their runs: one run of 5.
  assert.equal(walk(page(5, 5, 0, [2, 0, 0, 0, 10, 1]), 5), 6);
  assert.throws(() => walk(page(5, 5, 0, [5, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0x0f, 1]), 5), /a run is longer/);
  assert.throws(() => walk(page(5, 4, 0, [2, 0, 0, 0, 10, 1]), 5), /not one value for each row/);
  assert.throws(() => walk(page(50, 50, 0, [2, 0, 0, 0, 10, 1]), 5), /more values than there are rows/);
  assert.throws(() => walk(page(5, 5, 60, [2, 0, 0, 0, 10, 1]), 5, true), /levels are longer/);
  assert.throws(() => walk(page(5, 5, 1, [2, 0, 0, 0, 10, 1]), 5), /levels are longer/);
});
