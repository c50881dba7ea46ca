import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  maxAdvantage,
  maxAdvantages,
  normal,
  poissonSampler,
  seededRandom,
  sortedScores,
} from '../../src/statistics/index.ts';

test('Poisson counts come as often as they should, at means from tables and above', () => {
  const random = seededRandom(1701);
  const rounds = 40_000;
  for (const mean of [1, 2, 7, 30, 31, 400]) {
    const draw = poissonSampler([mean, 0, mean]);
    const into = new Int32Array(3);
    const seen: number[] = [];
    for (let i = 0; i < rounds; i++) {
      assert.equal(
        draw(random, into),
        into.reduce((sum, count) => sum + count, 0),
      );
      assert.equal(into[1], 0);
      for (const at of [0, 2]) seen[into[at] as number] = (seen[into[at] as number] ?? 0) + 1;
    }
    let below = 0;
    let seenBelow = 0;
    let logChance = -mean;
    for (let count = 0; count < seen.length; count++) {
      below += Math.exp(logChance);
      seenBelow += seen[count] ?? 0;
      logChance += Math.log(mean / (count + 1));
      // Kolmogorov's distance at one in 10 000; the rounded normal adds what it is off by (Berry-Esseen's order).
      const slack = 2.23 / Math.sqrt(2 * rounds) + (mean > 30 ? 0.1 / Math.sqrt(mean) : 0);
      assert.ok(
        Math.abs(seenBelow / (2 * rounds) - below) < slack,
        `at most ${count} of mean ${mean}: ${seenBelow / (2 * rounds)}, not ${below}`,
      );
    }
  }
});

test('turning scores around changes the sign of the curve, and not its band', () => {
  const random = seededRandom(9);
  const draw = (n: number, shift: number): Float64Array =>
    Float64Array.from({ length: n }, () => normal(random) + shift);
  const sample = sortedScores(draw(400, 0.3), draw(300, 0));
  const { asScored, turned } = maxAdvantages(sample);
  assert.deepEqual(asScored, maxAdvantage(sample));
  const around = maxAdvantage({ members: sample.nonMembers, nonMembers: sample.members }, { seed: 2 });
  assert.equal(turned.estimate, around.estimate);
  // Two samplings of the same quantile.
  const width = (band: { estimate: number; upper: number }): number => band.upper - band.estimate;
  assert.ok(Math.abs(width(turned) / width(around) - 1) < 0.1);
});
