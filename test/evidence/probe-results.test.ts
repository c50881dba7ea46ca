import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Observation } from '../../src/evidence/observation.ts';
import { measure } from '../../src/measure/measure.ts';
import type { Measurement } from '../../src/measure/measurement.ts';
import { filledExamples } from '../support/examples.ts';
import { read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

async function measured(folder: string, name: string): Promise<{ reason: string; measurements: Measurement[] }> {
  const { entry, reading } = await read(folder, name);
  const source = { path: name, sha256: entry.sha256 };
  const observations = (reading?.observations ?? []).map(
    ({ at, ...body }): Observation => ({ ...body, source: { ...source, at } }),
  );
  return {
    reason: entry.accepted ? '' : (entry.reason ?? 'rejected'),
    measurements: measure(observations, { privacy: { epsilon: 8, delta: 1e-5 } }),
  };
}

/** The counts of a measurement by name, whatever is counted. */
function counted(m: Measurement | undefined): Record<string, number | undefined> {
  return Object.fromEntries(Object.entries(m?.counts ?? {}).filter(([, value]) => typeof value === 'number'));
}

/** What comes out of each example, by measure: enough to know that it was read as what it says. */
const EXPECTED: Record<string, (found: Measurement[]) => void> = {
  'trials.yaml'([rate]) {
    assert.deepEqual([rate?.measure, counted(rate).k, counted(rate).n, counted(rate).trials], ['rate', 2, 100, 400]);
    assert.match(
      rate?.notes.join() ?? '',
      /3 of 400 trials, counted as 100 prompts.*4 attempts have no verdict.*1 attempts failed/,
    );
  },
  'detector.yaml'([rate]) {
    assert.equal(rate?.method, 'rogan-gladen');
    assert.equal(rate?.uncorrected?.estimate, 12 / 500);
    assert.ok(Math.abs((rate?.estimate ?? 0) - (0.024 - 0.005) / (0.94 - 0.005)) < 1e-12);
    assert.equal(rate?.detector, 'keyword match');
  },
  'advantage.yaml'([advantage]) {
    assert.deepEqual(
      [advantage?.subject, advantage?.method, counted(advantage).n],
      ['attribute', 'newcombe-paired', 900],
    );
    assert.ok(Math.abs((advantage?.estimate ?? 0) - 10 / 900) < 1e-12);
  },
  'retrieval-membership.yaml'([advantage]) {
    assert.deepEqual(
      [advantage?.subject, advantage?.measure, advantage?.method],
      ['membership', 'advantage', 'newcombe-unpaired'],
    );
    assert.ok(Math.abs((advantage?.estimate ?? 0) - 10 / 4000) < 1e-12);
  },
  'scores.yaml'(found) {
    const names = found.map(
      (m) =>
        `${m.measure}${m.group ? ` ${m.group}` : ''}${m.falsePositiveLimit ? ` ${m.falsePositiveLimit}` : ''}${m.prior ? ` ${m.prior}` : ''}`,
    );
    for (const name of [
      'roc.auc',
      'roc.tpr 0.001',
      'roc.tpr 0.01',
      'roc.advantage',
      'privacy.epsilonLower',
      'baseline.auc',
      'roc.auc under 30',
      'roc.tpr 30 and over 0.01',
    ])
      assert.ok(names.includes(name), `${name} is among ${names.join(', ')}`);
    const tpr = found.find((m) => m.measure === 'roc.tpr');
    assert.deepEqual(
      [tpr?.method, counted(tpr).members, counted(tpr).calibrationNonMembers],
      ['order-statistic', 8, 3],
    );
    assert.equal(found.find((m) => m.measure === 'roc.advantage')?.thresholdFrom, 'calibration');
  },
  'operating-point.yaml'(found) {
    const tpr = found.find((m) => m.measure === 'roc.tpr');
    assert.deepEqual([counted(tpr).truePositives, tpr?.thresholdFrom], [6, 'calibration']);
    assert.ok((tpr?.cap ?? 0) > 0.99, 'epsilon 8 rules nothing out');
    assert.equal(found.filter((m) => m.measure === 'roc.ppv').length, 2);
    assert.equal(found.filter((m) => m.measure === 'privacy.epsilonLower').length, 1);
  },
  'one-run.yaml'([loss]) {
    assert.deepEqual(
      [loss?.measure, loss?.method, loss?.upper, loss?.delta],
      ['privacy.epsilonLower', 'one-run', null, 1e-5],
    );
    assert.ok((loss?.estimate ?? 0) > 0.5 && (loss?.estimate ?? 9) < Math.log(141 / 59));
  },
  'canaries.yaml'([ranked, extrapolated]) {
    assert.deepEqual([ranked?.method, counted(ranked).n, counted(ranked).candidates], ['sampled-rank', 3, 10000]);
    assert.ok(Math.abs((ranked?.estimate ?? 0) - Math.log2(10000 / 37)) < 1e-12);
    assert.deepEqual([extrapolated?.method, extrapolated?.estimate, extrapolated?.upper], ['extrapolated', 3.2, null]);
  },
  'reconstruction.yaml'([text, faces]) {
    assert.deepEqual(
      [counted(text).k, counted(text).n, text?.similarity],
      [9, 400, { metric: 'bleu', cutOff: 0.5, closer: 'higher' }],
    );
    assert.deepEqual([counted(faces).k, counted(faces).n, faces?.similarity?.closer], [1, 5, 'lower']);
    assert.match(faces?.notes.join() ?? '', /lpips of at most 0.3/);
  },
  'extraction.yaml'([exact, sampled]) {
    assert.deepEqual([counted(exact).k, counted(exact).n, exact?.method], [1, 5, 'clopper-pearson']);
    assert.deepEqual(
      [counted(sampled).k, sampled?.method, sampled?.discoverability],
      [1, 'discoverable-sampled', { n: 100, p: 0.5 }],
    );
  },
  'disclosure.yaml'([disclosure]) {
    assert.deepEqual(
      [counted(disclosure).k, counted(disclosure).n, disclosure?.budget],
      [4, 250, { queries: 500, reached: true, refusedAt: 501 }],
    );
    assert.equal(disclosure?.disclosure?.length, 4);
  },
  'stated.yaml'([stated]) {
    assert.deepEqual([stated?.measure, stated?.estimate, stated?.lower, stated?.upper], ['roc.auc', 0.53, null, null]);
  },
};

test('every example of a probe result is read as what it says', async () => {
  const folder = scratch();
  assert.deepEqual(filledExamples(folder, 'probe-results'), Object.keys(EXPECTED).sort());
  for (const [name, check] of Object.entries(EXPECTED)) {
    const { reason, measurements } = await measured(folder, name);
    assert.equal(reason, '', name);
    for (const m of measurements) {
      assert.ok(Number.isFinite(m.estimate), `${name}: ${m.measure}`);
      if (m.lower !== null && m.upper !== null)
        assert.ok(m.lower <= m.estimate && m.estimate <= m.upper, `${name}: ${m.measure} lies in its interval`);
    }
    check(measurements);
    assert.equal(
      new Set(measurements.map(({ id }) => id)).size,
      measurements.length,
      `${name}: every measurement has an id of its own`,
    );
  }
});

test('the documentation shows every shape', () => {
  const page = readFileSync(path.join(ROOT, 'docs/evidence.md'), 'utf8');
  for (const name of Object.keys(EXPECTED))
    assert.ok(page.includes(`examples/probe-results/${name}`), `${name} is named in docs/evidence.md`);
});

test('shapes that do not fit together are refused in one line, with the place', async () => {
  const folder = scratch();
  const result = (technique: string, fields: string, attackClass = 'inversion'): string =>
    `apiVersion: probity/v1\nkind: ProbeResult\ntool: {name: t}\ncollected: 2026-09-01\nresults:\n  - {attackClass: ${attackClass}, technique: ${technique}, surface: model-api, probe: p, ${fields}}\n`;
  const membership = (fields: string): string => result('canary-membership', fields, 'membership-inference');
  const bad: [string, RegExp][] = [
    [
      result(
        'attribute-inference',
        'reconstruction: {similarity: {metric: exact, cutOff: 1}, recovered: {n: 3, successes: 1}}',
      ),
      /reconstruction belongs to inversion of content only, and this is attribute inference/,
    ],
    [
      result('attribute-inference', 'extraction: {n: 1, p: 0.5, chances: [0.1]}'),
      /extraction belongs to inversion of content only/,
    ],
    [
      membership('disclosure: {items: 3, curve: [{queries: 1, recovered: 1}]}'),
      /disclosure belongs to inversion of content only, and this is membership inference/,
    ],
    [
      result('training-data-extraction', 'oneRun: {canaries: 3, guesses: 2, correct: 1}'),
      /oneRun belongs to membership inference only/,
    ],
    [result('reconstruction', 'trials: {n: 3, successes: 1}'), /needs its similarity and cut-off/],
    [
      result(
        'reconstruction',
        'reconstruction: {similarity: {metric: vibes, cutOff: 1}, recovered: {n: 3, successes: 1}}',
      ),
      /say closer: higher or lower/,
    ],
    [
      result(
        'reconstruction',
        'reconstruction: {similarity: {metric: lpips, cutOff: 1, closer: higher}, recovered: {n: 3, successes: 1}}',
      ),
      /points the other way/,
    ],
    [
      result('reconstruction', 'reconstruction: {similarity: {metric: exact, cutOff: 1}}'),
      /give recovered .* or values/,
    ],
    [membership('oneRun: {canaries: 3, guesses: 4, correct: 1}'), /correct <= guesses <= canaries/],
    [membership('canaries: {candidates: 10, ranks: [{id: a, rank: 11}]}'), /larger than the space/],
    [
      membership('canaries: {candidates: 10, ranks: [{id: a, rank: 1, extrapolated: 2}]}'),
      /exactly one of rank, sampled, extrapolated/,
    ],
    [
      result(
        'context-leakage',
        'disclosure: {items: 3, curve: [{queries: 2, recovered: 1}, {queries: 1, recovered: 1}]}',
      ),
      /queries must rise/,
    ],
    [
      result('context-leakage', 'disclosure: {items: 3, curve: [{queries: 2, recovered: 4}]}'),
      /more recovered than there are items/,
    ],
    [
      result('context-leakage', 'trials: {n: 9, successes: 1, detectorAccuracy: {sensitivity: 0.4, specificity: 0.5}}'),
      /no better than chance/,
    ],
    [
      result('training-data-extraction', 'extraction: {n: 1, p: 0.5, samples: 2, successes: [3]}'),
      /results\/0\/extraction/,
    ],
  ];
  write(folder, Object.fromEntries(bad.map(([text], index) => [`bad-${index}.yaml`, text])));
  for (const [index, [, expected]] of bad.entries()) {
    const { reason } = await measured(folder, `bad-${index}.yaml`);
    assert.match(reason, expected, `case ${index}`);
    assert.match(reason, /at bad-\d+\.yaml:\d+/, 'names the line');
  }
});

test('a stated measure that its subject does not have is refused, with its place', async () => {
  const folder = scratch();
  const stated = (technique: string, measureName: string): string =>
    `apiVersion: probity/v1\nkind: ProbeResult\ntool: {name: t}\ncollected: 2026-09-15\nresults:\n  - {attackClass: inversion, technique: ${technique}, surface: model-api, probe: p, stated: {measure: ${measureName}, value: 0.1}}\n`;
  write(folder, {
    'known.yaml': stated('training-data-extraction', 'rate'),
    'area.yaml': stated('training-data-extraction', 'roc.auc'),
    'attribute.yaml': stated('attribute-inference', 'exposure'),
    'unheard.yaml': stated('training-data-extraction', 'luck'),
  });
  assert.equal((await measured(folder, 'known.yaml')).reason, '');
  assert.match((await measured(folder, 'area.yaml')).reason, /roc\.auc is no measure of inversion of content/);
  assert.match((await measured(folder, 'attribute.yaml')).reason, /exposure is no measure of/);
  for (const name of ['area.yaml', 'attribute.yaml', 'unheard.yaml'])
    assert.match((await measured(folder, name)).reason, /\/results\/0|line \d+|:\d+/, name);
});
