import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clopperPearsonLower,
  clopperPearsonUpper,
  failingBound,
  lowRate,
  maxAdvantage,
  operatingPointBounds,
  passingPower,
  rateResolution,
  recordsToPass,
  seededRandom,
  sortedScores,
} from '../../src/statistics/index.ts';
import { blocks, leaking } from './support/systems.ts';

/* The true-positive rate at a low false-positive rate: the bound that passes, the bound that fails, and what ties do. */

const LIMIT = 0.03;
const RATE = 0.01;

/** Three standard errors above 5%, over so many rounds. */
function atMostFivePercent(passed: number, rounds: number, what: string): void {
  assert.ok(passed / rounds <= 0.05 + 3 * Math.sqrt(0.0475 / rounds), `${what}: ${passed} of ${rounds} passed`);
}

test('a system at 1.01 times the limit passes in at most 5% of samples, wherever below the rate its mass lies', () => {
  const random = seededRandom(501);
  const rounds = 300;
  for (const sizes of [
    { members: 1000, nonMembers: 1000 },
    { members: 3000, nonMembers: 1000 },
  ])
    for (const [from, to] of [
      [-1, -0.5],
      [0, 0.001],
      [0, 0.01],
      [0.009, 0.01],
    ] as const) {
      let passed = 0;
      for (let round = 0; round < rounds; round++)
        if (lowRate(leaking({ rate: RATE, recognised: 1.01 * LIMIT, from, to }, sizes, random), RATE).upper <= LIMIT)
          passed++;
      atMostFivePercent(passed, rounds, `mass from ${from} to ${to}, ${sizes.members} members`);
    }
});

test('the same holds where scores are tied in blocks, drawn by lot inside them', () => {
  const random = seededRandom(502);
  const rounds = 300;
  // Shares of members and of non-members in each block, the most suspicious first; what is left over is not tied.
  for (const tied of [
    [[0.03, 0.02]],
    [
      [0, 0.008],
      [0.05, 0.005],
    ],
    [[0.05, 0.009]],
    [
      [0, 0.009],
      [0.03, 0.001],
    ],
  ] as const) {
    let passed = 0;
    let truth = 0;
    for (let round = 0; round < rounds; round++) {
      const drawn = blocks(tied, RATE, { members: 1500, nonMembers: 1500 }, random);
      truth = drawn.recognised;
      if (lowRate(drawn.sample, RATE).upper <= truth / 1.01) passed++;
    }
    atMostFivePercent(passed, rounds, `blocks ${JSON.stringify(tied)}, truth ${truth}`);
  }
});

test('the estimate inside a tied block is its share of the block, not the line to the far end of the curve', () => {
  // One block holds 4% of non-members and 8% of members; 1% is a quarter of the way in.
  const members = Float64Array.from({ length: 100 }, (_, i) => (i < 8 ? 1 : -i));
  const nonMembers = Float64Array.from({ length: 100 }, (_, i) => (i < 4 ? 1 : -i));
  assert.equal(lowRate(sortedScores(members, nonMembers), 0.01).estimate, 0.02);
});

test('the two bounds hold the estimate between them, in both directions, whatever the scores', () => {
  const random = seededRandom(503);
  for (let round = 0; round < 300; round++) {
    const size = (): number => 1 + Math.floor(random() ** 3 * 3000);
    const steps = 1 + Math.floor(random() * 300);
    const draw = (n: number, power: number) =>
      Float64Array.from({ length: n }, () => Math.floor(random() ** power * steps));
    const sample = sortedScores(draw(size(), 0.5 + random()), draw(size(), 1));
    const alpha = 10 ** (-3 * random()) * 0.99;
    for (const tail of ['high', 'low'] as const) {
      const { lower, estimate, upper } = lowRate(sample, alpha, tail);
      assert.ok(0 <= lower && lower <= estimate && estimate <= upper && upper <= 1, `${lower} ${estimate} ${upper}`);
    }
  }
});

test('turning the scores round changes places between the two directions', () => {
  const random = seededRandom(504);
  const scores = (n: number) => Float64Array.from({ length: n }, () => Math.floor(random() * 500));
  const [members, nonMembers] = [scores(800), scores(900)];
  const turned = (one: Float64Array) => one.map((score) => -score);
  assert.deepEqual(
    lowRate(sortedScores(members, nonMembers), 0.05, 'low'),
    lowRate(sortedScores(turned(members), turned(nonMembers)), 0.05, 'high'),
  );
});

test('private systems, and systems just below the limit, never fail', () => {
  const random = seededRandom(505);
  let failed = 0;
  for (const recognised of [RATE, 0.99 * LIMIT])
    for (const n of [200, 1000, 3000])
      for (let round = 0; round < 150; round++) {
        const sizes = { members: n, nonMembers: n };
        const sample = leaking({ rate: RATE, recognised, from: 0, to: RATE }, sizes, random);
        for (const tail of ['high', 'low'] as const)
          if (lowRate(sample, RATE, tail, 0.95, 0.975).lower > LIMIT) failed++;
      }
  assert.equal(failed, 0);
});

test('few records on either side keep a private system from passing, and do not keep a leak from failing', () => {
  const random = seededRandom(508);
  const still = { rate: 0.001, recognised: 0.001, from: 0, to: 0.001 };
  for (let round = 0; round < 5; round++)
    assert.ok(lowRate(leaking(still, { members: 3, nonMembers: 100_000 }, random), 0.001).upper > 0.6);
  for (const sizes of [
    { members: 5000, nonMembers: 80 },
    { members: 200, nonMembers: 100_000 },
    { members: 1000, nonMembers: 1000 },
  ])
    assert.ok(passingPower(0.001, 0.01, 0, sizes) < 0.8, JSON.stringify(sizes));
  const separated = (members: number, nonMembers: number) =>
    sortedScores(new Float64Array(members).fill(1), new Float64Array(nonMembers).fill(0));
  assert.ok(lowRate(separated(5000, 200), 0.001).lower > 0.01);
  assert.ok(lowRate(separated(3, 100_000), 0.001).lower > 0.1);
  assert.equal(lowRate(separated(3, 100_000), 0.001).upper, 1);
  // Even the last of the non-members may accuse less than the rate.
  assert.equal(lowRate(separated(3, 1), 0.2).upper, 1);
});

test('a rate above one half, all scores alike and one record a class are answered, not crashed on', () => {
  const alike = sortedScores(new Float64Array(400).fill(0.5), new Float64Array(400).fill(0.5));
  for (const alpha of [0.001, 0.01, 0.7]) {
    const found = lowRate(alike, alpha);
    assert.ok(Math.abs(found.estimate - alpha) < 1e-12);
    assert.ok(found.lower <= alpha && found.upper >= alpha);
    assert.deepEqual(rateResolution(alike, alpha).constant, true);
  }
  const one = lowRate(sortedScores(Float64Array.of(1), Float64Array.of(0)), 0.01);
  assert.deepEqual([one.lower <= one.estimate, one.upper], [true, 1]);
  assert.throws(() => lowRate(alike, 0), { code: 'STATISTIC_UNDEFINED' });
});

test('scores so coarse that no threshold comes near the rate say so; rounding that leaves one does not', () => {
  const coarse = (steps: number) => {
    const random = seededRandom(506);
    const draw = () => Float64Array.from({ length: 10_000 }, () => Math.floor(random() * steps) / steps);
    return sortedScores(draw(), draw());
  };
  assert.equal(rateResolution(coarse(10), 0.01).near, false);
  assert.equal(rateResolution(coarse(200), 0.01).near, true);
  assert.equal(rateResolution(coarse(200), 0.001).near, false);
  assert.equal(rateResolution(coarse(1e6), 0.001).near, true);
});

test('a failing bound is the line from the origin to one threshold, each rate at half the error', () => {
  const counts = { truePositives: 412, members: 1000, falsePositives: 30, nonMembers: 1000 };
  const caught = clopperPearsonLower(412, 1000, 0.975);
  const accused = clopperPearsonUpper(30, 1000, 0.975);
  assert.equal(failingBound(counts, 0.01), caught * (0.01 / accused));
  assert.equal(failingBound(counts, 0.5), caught);
});

test('an operating point that accuses nobody, or too few to be sure of the rate, reaches no rate', () => {
  const at = (falsePositives: number) =>
    operatingPointBounds({ truePositives: 3, members: 1000, falsePositives, nonMembers: 10_000 }, 0.001);
  assert.equal(at(0).reachesRate, false);
  assert.equal(at(10).reachesRate, false);
  assert.equal(at(25).reachesRate, true);
});

test('the sample that is named lets a system at half the limit pass in at least 80% of samples', () => {
  const random = seededRandom(507);
  const n = recordsToPass(RATE, LIMIT, true);
  assert.ok(n !== undefined);
  const rounds = 200;
  let passed = 0;
  for (let round = 0; round < rounds; round++) {
    const system = { rate: RATE, recognised: LIMIT / 2, from: -1, to: -0.5 };
    if (lowRate(leaking(system, { members: n, nonMembers: n }, random), RATE).upper <= LIMIT) passed++;
  }
  assert.ok(passed / rounds >= 0.8 - 3 * Math.sqrt(0.16 / rounds), `${passed} of ${rounds} with ${n}`);
  // And one step less would not have promised it.
  const leak = (LIMIT / 2 - RATE) / (1 - RATE);
  assert.ok(passingPower(RATE, LIMIT, leak, { members: n, nonMembers: n }) >= 0.8);
  assert.ok(passingPower(RATE, LIMIT, leak, { members: 0.9 * n, nonMembers: Math.round(0.9 * n) }) < 0.8);
});

test('the largest advantage is never certain: not of scores all alike, nor of perfect separation', () => {
  const alike = maxAdvantage(sortedScores(new Float64Array(100).fill(1), new Float64Array(100).fill(1)));
  assert.equal(alike.estimate, 0);
  assert.ok(alike.upper > 0.03);
  const apart = maxAdvantage(sortedScores(new Float64Array(100).fill(1), new Float64Array(100).fill(0)));
  assert.equal(apart.estimate, 1);
  assert.ok(apart.lower < 0.97);
});
