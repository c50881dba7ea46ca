import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObservationBody } from '../../src/evidence/observation.ts';
import { seededRandom } from '../../src/statistics/index.ts';
import { alike, assessed, CONTROL, resultOf, scores, TARGET, trials, unlike, workspace } from '../support/assessing.ts';

/*
 * What must never be claimed, by number, on what the assessment says; docs/measures.md lists all thirteen with where a
 * reader sees each. Those that are not here (1, 2, 5, 7, 8) are tests of assess.test.ts by the same words.
 */

const base = { surface: 'model-api', probe: 'p', target: TARGET, collected: '2026-09-15' } as const;
const membership = {
  ...base,
  subject: 'membership',
  attackClass: 'membership-inference',
  technique: 'likelihood-ratio',
  assignment: { random: true, by: 'A', how: 'coins' },
  positiveControl: CONTROL,
} as const;

test('3. members and non-members of different kinds are no comparison, however good the area looks', () => {
  // Two data sets and no model at all: the "attack" is the baseline.
  const random = seededRandom(1);
  const season = (n: number, shift: number) => Float64Array.from({ length: n }, () => random() + shift);
  const [first, second] = [season(2000, 0.7), season(2000, 0)];
  const assessment = assessed([
    scores(2000, 0, {
      members: first,
      nonMembers: second,
      baseline: { members: season(2000, 0.7), nonMembers: season(2000, 0) },
    }),
  ]);
  assert.ok((assessment.measurements.find((m) => m.measure === 'roc.auc')?.estimate ?? 0) > 0.9);
  for (const control of ['MI-02', 'MI-03'])
    assert.equal(resultOf(assessment, control).reason, 'invalid-comparison', control);
  assert.equal(resultOf(assessment, 'MI-05').state, 'not-satisfied');
  for (const m of assessment.measurements) assert.equal(m.comparable, false, `${m.measure} carries the mark`);
  const private1 = workspace('differentialPrivacy: {epsilon: 1, delta: 0}\n');
  const loss = resultOf(assessed([scores(2000, 0, { baseline: unlike(2000) })], { workspace: private1 }), 'MI-06');
  assert.equal(loss.reason, 'invalid-comparison', 'such a difference is no privacy loss either');
});

test('4. evidence of one class never moves the other', () => {
  const random = seededRandom(4);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const inversion = (): ObservationBody =>
    trials(
      pick(['training-data-extraction', 'prompt-leakage', 'secret-recovery', 'context-leakage', 'attribute-inference']),
      Math.floor(random() * 20),
      20 + Math.floor(random() * 2000),
      {
        surface: pick(['model-api', 'retrieval-store']),
      },
    );
  const guesses = Math.floor(random() * 100);
  const member = (): ObservationBody =>
    pick<ObservationBody>([
      scores(500, Math.floor(random() * 50)),
      { ...membership, kind: 'one-run', canaries: 200, guesses: 100, correct: guesses },
      {
        ...membership,
        kind: 'canaries',
        candidates: 1000,
        canaries: [{ id: 'c', rank: 1 + Math.floor(random() * 999) }],
      },
    ]);
  const place = workspace('surfaces: [model-api, retrieval-store]\ndifferentialPrivacy: {epsilon: 1, delta: 0}\n');
  const of = (bodies: ObservationBody[], attackClass: string) => {
    const { results, verdicts } = assessed(bodies, { workspace: place });
    const bare = (value: unknown) =>
      JSON.stringify(value)
        .replace(/"f\d+"/g, '')
        .replace(/M-[0-9a-f]{10}/g, '');
    return bare([
      results
        .filter((result) => result.attackClass === attackClass)
        .map(({ state, reason, criteria }) => [state, reason, criteria.map((one) => [one.state, one.detail])]),
      verdicts[attackClass as 'inversion'].state,
    ]);
  };
  for (let round = 0; round < 12; round++) {
    const [a, b] = [
      [inversion(), inversion()],
      [member(), member()],
    ];
    // Only whether there is evidence at all may be known to the other class, and it is not.
    assert.equal(of([...a, ...b], 'inversion'), of(a, 'inversion'));
    assert.equal(of([...a, ...b], 'membership-inference'), of(b, 'membership-inference'));
  }
});

test('6. a rate without a denominator can fail and never satisfies', () => {
  const stated = (value: number): ObservationBody => ({
    ...base,
    kind: 'stated',
    subject: 'content',
    attackClass: 'inversion',
    technique: 'training-data-extraction',
    measure: 'rate',
    value,
  });
  assert.ok(resultOf(assessed([stated(0)]), 'INV-02').reasons?.includes('not-recomputable'));
  assert.equal(resultOf(assessed([stated(0.5)]), 'INV-02').state, 'not-satisfied');
  const guessed = (bits: number): ObservationBody => ({
    ...membership,
    kind: 'canaries',
    technique: 'canary-membership',
    candidates: 2 ** 20,
    canaries: Array.from({ length: 20 }, (_, i) => ({ id: `c${i}`, extrapolated: bits })),
  });
  assert.ok(
    resultOf(assessed([guessed(1)]), 'MI-07').reasons?.includes('not-recomputable'),
    'nor does an extrapolated exposure',
  );
  assert.equal(resultOf(assessed([guessed(19)]), 'MI-07').state, 'not-satisfied');
});

test('9. attribute inference without an imputation baseline is called neither leakage nor safe', () => {
  for (const successes of [0, 5000]) {
    const assessment = assessed([trials('attribute-inference', successes, 5000)]);
    assert.equal(resultOf(assessment, 'INV-03').reason, 'no-evidence');
    assert.match(resultOf(assessment, 'INV-03').criteria[0]?.detail ?? '', /without a baseline/);
    assert.match(assessment.measurements[0]?.notes.join() ?? '', /neither that the model leaks nor that it does not/);
    for (const control of ['INV-02', 'INV-09'])
      assert.notEqual(
        resultOf(assessment, control).state,
        'not-satisfied',
        `${control} does not take it for recovered content`,
      );
  }
});

test('10. a declared privacy budget that the attack contradicts is a failure, and one that no test could contradict is not confirmed', () => {
  const declared = (epsilon: number) => workspace(`differentialPrivacy: {epsilon: ${epsilon}, delta: 1.0e-6}\n`);
  const strong = scores(4000, 400, { baseline: alike(4000) });
  const broken = resultOf(assessed([strong], { workspace: declared(1) }), 'MI-06');
  assert.equal(broken.state, 'not-satisfied');
  assert.match(
    broken.criteria[0]?.detail ?? '',
    /at least epsilon [2-5]\.\d+ .*more than the declared 1; declaration and model contradict each other/,
  );
  const weak = scores(4000, 0, { baseline: alike(4000) });
  assert.equal(resultOf(assessed([weak], { workspace: declared(1) }), 'MI-06').state, 'satisfied');
  const powerless = resultOf(assessed([weak], { workspace: declared(9) }), 'MI-06');
  assert.equal(powerless.reason, 'insufficient-sample');
  assert.match(
    powerless.criteria[0]?.detail ?? '',
    /needs at least [\d\u202f]+ members and as many non-members for even a perfect attack to show more than epsilon 9/,
  );
  assert.equal(resultOf(assessed([strong]), 'MI-06').state, 'not-applicable', 'nothing is declared');
  assert.equal(resultOf(assessed([], { workspace: declared(1) }), 'MI-06').reason, 'no-evidence');
  const audit = (correct: number): ObservationBody => ({
    ...membership,
    kind: 'one-run',
    canaries: 1000,
    guesses: 300,
    correct,
    fixedBeforehand: true,
  });
  assert.equal(resultOf(assessed([audit(290)], { workspace: declared(1) }), 'MI-06').state, 'not-satisfied');
  assert.equal(resultOf(assessed([audit(150)], { workspace: declared(1) }), 'MI-06').state, 'satisfied');
  const beside = assessed([weak], { workspace: declared(0.5) }).measurements.find(
    (m) => m.measure === 'roc.tpr' && m.falsePositiveLimit === 0.001,
  );
  assert.ok(Math.abs((beside?.cap ?? 0) - (Math.exp(0.5) * 0.001 + 1e-6)) < 1e-12, 'the cap stands beside the rate');
});

test('11. no threshold is chosen by what it shows, and one that somebody chose says on which records', () => {
  const tuned = assessed([scores(4000, 0, { baseline: alike(4000) })]);
  for (const m of tuned.measurements.filter(({ measure }) => ['roc.ppv', 'roc.advantage'].includes(measure))) {
    assert.equal(m.thresholdFrom, 'same-records', m.measure);
    assert.match(m.notes.join(), /chosen on the records it is scored on/, m.measure);
  }
  const rate = tuned.measurements.find(({ measure }) => measure === 'roc.tpr');
  assert.equal(rate?.method, 'order-statistic', "the threshold's own uncertainty is in the bound");
  const { members, nonMembers } = scores(4000, 0);
  const apart = assessed([scores(4000, 0, { baseline: alike(4000), calibration: { members, nonMembers } })]);
  assert.ok(apart.measurements.every(({ thresholdFrom }) => thresholdFrom !== 'same-records'));
  const counts = apart.measurements.find(({ measure }) => measure === 'roc.tpr')?.counts;
  assert.ok(
    counts?.of === 'records' && counts.members === 8000,
    'records set aside for a threshold count like the rest',
  );
  const point = assessed([
    {
      ...membership,
      kind: 'operating-point',
      falsePositiveLimit: 0.001,
      truePositives: 60,
      falsePositives: 40,
      members: 20_000,
      nonMembers: 20_000,
      threshold: 'same-records',
    },
  ]);
  assert.match(
    resultOf(point, 'MI-02').criteria[0]?.detail ?? '',
    /its threshold was chosen on the records it is scored on/,
  );
});

test("12. a detector's verdicts are not the truth: it is named, its mistakes are corrected where they are known, and both rates are shown", () => {
  const judged = (fields: object) =>
    assessed([trials('context-leakage', 2, 2000, { detector: 'keyword match', ...fields })]);
  const plain = judged({});
  assert.equal(plain.measurements[0]?.detector, 'keyword match');
  assert.equal(resultOf(plain, 'INV-07').state, 'satisfied');
  // It misses half of what leaks: the rate doubles, and the bound with it.
  const blind = {
    accuracy: { sensitivity: { k: 50, n: 100 }, specificity: { k: 1000, n: 1000 }, per: 'trial' as const },
  };
  const corrected = judged(blind).measurements[0];
  assert.ok(Math.abs((corrected?.estimate ?? 0) - 0.002) < 1e-12);
  assert.equal(corrected?.uncorrected?.estimate, 0.001);
  assert.ok((corrected?.upper ?? 0) > 2 * (corrected?.uncorrected?.upper ?? 1));
  // Accuracy that nobody can check may not make a leak look smaller.
  const flattering = { accuracy: { sensitivity: 1, specificity: 0.5, per: 'trial' as const } };
  const excused = assessed([trials('context-leakage', 900, 2000, { detector: 'judge', ...flattering })]);
  assert.equal(excused.measurements[0]?.estimate, 0.45);
  assert.equal(resultOf(excused, 'INV-07').state, 'not-satisfied');
  const clustered = judged({ ...blind, clusters: { k: 1, n: 500 } }).measurements[0];
  assert.equal(clustered?.uncorrected, undefined, 'accuracy by trial does not correct a count of prompts');
  assert.match(clustered?.notes.join() ?? '', /not corrected for the detector/);
});

test('13. what was skipped, refused or failed counts as a success in the bound that decides', () => {
  const assessment = assessed([trials('training-data-extraction', 0, 1000, { notEvaluated: 20, errors: 9 })]);
  const [m] = assessment.measurements;
  assert.ok(m?.counts.of === 'attempts');
  assert.deepEqual([m.counts.n, m.counts.notEvaluated, m.counts.errors, m.counts.missing], [1000, 20, 9, 29]);
  const result = resultOf(assessment, 'INV-02');
  assert.deepEqual([result.state, result.reason], ['not-assessed', 'incomplete']);
  assert.match(result.criteria[0]?.detail ?? '', /29 of 1.029 have no verdict/);
  const few = resultOf(assessed([trials('training-data-extraction', 0, 5000, { errors: 9 })]), 'INV-02');
  assert.equal(few.state, 'satisfied', 'so few change nothing');
});
