import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  auc,
  clopperPearson,
  clopperPearsonUpper,
  logCurve,
  operatingPoints,
  pairedDifference,
  sortedScores,
  trialsNeeded,
  unpairedDifference,
  wilson,
} from '../../src/statistics/index.ts';

interface Reference {
  clopperPearson: { k: number; n: number; lower: number; upper: number; oneSided: number }[];
  wilson: { k: number; n: number; lower: number; upper: number }[];
  unpaired: { attack: { k: number; n: number }; baseline: { k: number; n: number }; lower: number; upper: number }[];
  paired: { both: number; attackOnly: number; baselineOnly: number; neither: number; lower: number; upper: number }[];
  roc: {
    members: number[];
    nonMembers: number[];
    auc: number;
    variance: number;
    lower?: number;
    upper?: number;
    tpr: { limit: number; truePositives: number; falsePositives: number }[];
  }[];
}

const reference: Reference = JSON.parse(readFileSync(new URL('reference/reference.json', import.meta.url), 'utf8'));

function close(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not ${expected}`);
}

/** A small seeded generator (mulberry32), so that simulations repeat. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test('exact intervals agree with scipy to 1e-9', () => {
  assert.ok(reference.clopperPearson.length > 50);
  for (const { k, n, lower, upper, oneSided } of reference.clopperPearson) {
    const interval = clopperPearson(k, n);
    close(interval.lower, lower, 1e-9, `lower of ${k}/${n}`);
    close(interval.upper, upper, 1e-9, `upper of ${k}/${n}`);
    close(clopperPearsonUpper(k, n), oneSided, 1e-9, `one-sided upper of ${k}/${n}`);
  }
});

test('with no successes the one-sided bound is its closed form', () => {
  for (const n of [1, 60, 300, 100_000]) close(clopperPearsonUpper(0, n), 1 - 0.05 ** (1 / n), 1e-12, `0/${n}`);
});

test('score intervals agree with statsmodels', () => {
  for (const { k, n, lower, upper } of reference.wilson) {
    const interval = wilson(k, n);
    close(interval.lower, Math.max(0, lower), 1e-9, `lower of ${k}/${n}`);
    close(interval.upper, Math.min(1, upper), 1e-9, `upper of ${k}/${n}`);
  }
});

test('differences agree with statsmodels when unpaired and with the paper when paired', () => {
  for (const { attack, baseline, lower, upper } of reference.unpaired) {
    const difference = unpairedDifference(attack, baseline);
    close(difference.lower, lower, 1e-9, 'unpaired lower');
    close(difference.upper, upper, 1e-9, 'unpaired upper');
  }
  for (const { lower, upper, ...outcomes } of reference.paired) {
    const difference = pairedDifference(outcomes);
    close(difference.lower, lower, 1e-9, 'paired lower');
    close(difference.upper, upper, 1e-9, 'paired upper');
  }
});

test('AUC agrees with scikit-learn to 1e-12 and its variance with the definition to 1e-9', () => {
  for (const one of reference.roc) {
    const area = auc(sortedScores(Float64Array.from(one.members), Float64Array.from(one.nonMembers)));
    close(area.estimate, one.auc, 1e-12, 'AUC');
    close(area.variance, one.variance, 1e-9, 'variance');
    if (one.lower !== undefined && one.upper !== undefined && area.method === 'delong-logit') {
      close(area.lower, one.lower, 1e-9, 'AUC lower');
      close(area.upper, one.upper, 1e-9, 'AUC upper');
    }
  }
});

test('operating points agree with the ROC curve of scikit-learn', () => {
  for (const one of reference.roc) {
    const sample = sortedScores(Float64Array.from(one.members), Float64Array.from(one.nonMembers));
    const points = operatingPoints(
      sample,
      one.tpr.map(({ limit }) => limit),
    );
    one.tpr.forEach(({ limit, truePositives, falsePositives }, index) => {
      assert.equal(points[index]?.truePositives, truePositives, `true positives at ${limit}`);
      assert.equal(points[index]?.falsePositives, falsePositives, `false positives at ${limit}`);
    });
  }
});

test('records with equal scores are accused together', () => {
  const sample = sortedScores(Float64Array.of(5, 5, 1), Float64Array.of(5, 0, 0, 0));
  const [strict, loose] = operatingPoints(sample, [0.1, 0.25]);
  assert.deepEqual(strict, { threshold: Infinity, truePositives: 0, falsePositives: 0 });
  assert.equal(loose?.truePositives, 3);
});

test('a strictly increasing change of the scores changes nothing', () => {
  const random = seeded(7);
  const members = Float64Array.from({ length: 200 }, () => Math.round((random() + 0.1) * 50) / 50);
  const nonMembers = Float64Array.from({ length: 300 }, () => Math.round(random() * 50) / 50);
  const stretch = (values: Float64Array) => values.map((value) => Math.exp(3 * value) - 4);
  const plain = sortedScores(members, nonMembers);
  const stretched = sortedScores(stretch(members), stretch(nonMembers));
  assert.deepEqual(auc(plain), auc(stretched));
  assert.deepEqual(logCurve(plain), logCurve(stretched));
});

test('separated, tied and single records give a defined, wide result', () => {
  const perfect = auc(sortedScores(Float64Array.of(3, 4), Float64Array.of(1, 2)));
  assert.equal(perfect.estimate, 1);
  assert.equal(perfect.method, 'exact-degenerate');
  assert.ok(perfect.lower < 0.5 && perfect.upper === 1);
  const tied = auc(sortedScores(new Float64Array(1000), new Float64Array(1000)));
  assert.equal(tied.estimate, 0.5);
  assert.ok(tied.lower < 0.5 && tied.upper > 0.5);
  const single = auc(sortedScores(Float64Array.of(1), Float64Array.of(0)));
  assert.ok(single.lower <= 0.05);
});

test('scores of one class, and scores that are no numbers, are refused', () => {
  assert.throws(() => sortedScores(Float64Array.of(1), new Float64Array()), /no non-members/);
  assert.throws(() => sortedScores(Float64Array.of(1, Number.NaN), Float64Array.of(1)), /score 2 of the members/);
  assert.throws(() => sortedScores(Float64Array.of(Infinity), Float64Array.of(1)), /finite/);
  assert.throws(() => clopperPearson(2, 1), /whole counts/);
  assert.throws(() => clopperPearson(0.5, 1), /whole counts/);
});

test('exact intervals cover at least as often as they say', () => {
  const random = seeded(42);
  for (const [p, n] of [
    [0.01, 300],
    [0.2, 40],
  ] as const) {
    let covered = 0;
    for (let round = 0; round < 2000; round++) {
      let k = 0;
      for (let i = 0; i < n; i++) if (random() < p) k++;
      const { lower, upper } = clopperPearson(k, n);
      if (lower <= p && p <= upper) covered++;
    }
    assert.ok(covered / 2000 >= 0.945, `covered ${covered} of 2000 at p=${p}`);
  }
});

test('DeLong intervals cover within a point of what they say', () => {
  const random = seeded(11);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const shift = 0.6;
  // P(member > non-member) for unit normals that are `shift` apart.
  const truth = 0.6643133;
  let covered = 0;
  const rounds = 1500;
  for (let round = 0; round < rounds; round++) {
    const area = auc(
      sortedScores(
        Float64Array.from({ length: 150 }, () => normal() + shift),
        Float64Array.from({ length: 150 }, normal),
      ),
    );
    if (area.lower <= truth && truth <= area.upper) covered++;
  }
  assert.ok(Math.abs(covered / rounds - 0.95) <= 0.0125, `covered ${covered} of ${rounds}`);
});

test('the sample that a claim needs is the smallest that carries it', () => {
  assert.equal(trialsNeeded(0, 0.01, { oneSided: true }), 299);
  const n = trialsNeeded(0, 0.01) ?? 0;
  assert.ok(clopperPearson(0, n).upper <= 0.01 && clopperPearson(0, n - 1).upper > 0.01);
  assert.equal(trialsNeeded(0.02, 0.01), undefined);
});
