import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  epsilonAtThreshold,
  gaussianDelta,
  gaussianEpsilon,
  gaussianMu,
  muAtThreshold,
  normal,
  presetCounts,
  seededRandom,
  sortedScores,
  type ThresholdCounts,
} from '../../src/statistics/index.ts';

/* Audits of Gaussian mechanisms, against jax_privacy and dp-accounting; reference/gaussian.py made the values. */

interface Reference {
  audits: (ThresholdCounts & { thresholds: number; delta: number; epsilon: number })[];
  epsilons: { mu: number; epsilon: number; delta: number }[];
}
const reference: Reference = JSON.parse(readFileSync(new URL('./reference/gaussian.json', import.meta.url), 'utf8'));

function close(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected}`,
  );
}

test('an audit from one threshold shows the loss that jax_privacy finds at the same share of the error', () => {
  for (const one of reference.audits) {
    const mu = muAtThreshold(one, 1 - 0.05 / one.thresholds);
    close(gaussianEpsilon(mu, one.delta), one.epsilon, 1e-8, JSON.stringify(one));
  }
});

test('the trade-off of a Gaussian mechanism agrees with dp-accounting', () => {
  for (const { mu, epsilon, delta } of reference.epsilons) {
    close(gaussianDelta(mu, epsilon), delta, 1e-12, `delta of mu ${mu} at ${epsilon}`);
    if (delta > 1e-12 && delta < 1) {
      close(gaussianEpsilon(mu, delta), epsilon, 1e-6, `epsilon of mu ${mu} at ${delta}`);
      close(gaussianMu({ epsilon, delta }), mu, 1e-6, `mu of ${epsilon}, ${delta}`);
    }
  }
});

/** The mu that all preset thresholds of a file show together. */
function shown(members: Float64Array, nonMembers: Float64Array): number {
  const tried = presetCounts(sortedScores(members, nonMembers));
  return Math.max(...tried.map((counts) => muAtThreshold(counts, 1 - 0.05 / tried.length)));
}

test('a mechanism is accused of more than it loses in fewer than 5% of audits, and most of its loss is shown', () => {
  const random = seededRandom(4401);
  for (const mu of [0.3, 1, 2]) {
    let accused = 0;
    let sum = 0;
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      const draw = (shift: number) => Float64Array.from({ length: 2000 }, () => normal(random) + shift);
      const found = shown(draw(mu), draw(0));
      if (found > mu) accused++;
      sum += found;
    }
    assert.ok(accused / rounds <= 0.05, `mu ${mu}: ${accused} of ${rounds}`);
    if (mu >= 1) assert.ok(sum / rounds >= 0.8 * mu, `mu ${mu}: ${sum / rounds} on average`);
  }
});

test('the Gaussian audit shows more than the one that assumes nothing', () => {
  const counts = { truePositives: 2500, members: 5000, falsePositives: 5, nonMembers: 5000 };
  const delta = 1e-5;
  assert.ok(gaussianEpsilon(muAtThreshold(counts), delta) > 1.5 * epsilonAtThreshold(counts, delta));
});

test('neither the order of rows nor the direction of scores changes what is shown', () => {
  const random = seededRandom(77);
  const members = Float64Array.from({ length: 500 }, () => normal(random) + 1);
  const nonMembers = Float64Array.from({ length: 700 }, () => normal(random));
  const mu = shown(members, nonMembers);
  assert.equal(shown(members.toReversed(), nonMembers.toSorted()), mu);
  const turned = (scores: Float64Array) => scores.map((score) => -score);
  assert.ok(Math.abs(shown(turned(members), turned(nonMembers)) - mu) < 1e-12);
});

test('scores that are all alike, one record, or nobody caught show no loss', () => {
  assert.equal(shown(new Float64Array(1000).fill(0.5), new Float64Array(1000).fill(0.5)), 0);
  assert.equal(shown(Float64Array.of(1), Float64Array.of(0)), 0);
  assert.equal(muAtThreshold({ truePositives: 0, members: 50, falsePositives: 0, nonMembers: 50 }), 0);
});
