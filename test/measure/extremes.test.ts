import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  auc,
  aucSampleFactor,
  clopperPearson,
  disclosureAt,
  disclosureBand,
  discoverableFromChances,
  discoverableFromSamples,
  epsilonAtThreshold,
  exposureFromRank,
  exposureFromSample,
  logCurve,
  maxAdvantage,
  nonMembersToShow,
  oneRunEpsilon,
  operatingPoints,
  pairedDifference,
  positivePredictiveValue,
  recordsToContradict,
  roganGladen,
  seededRandom,
  sorted,
  sortedScores,
  targetsNeeded,
  tprCap,
  unpairedDifference,
} from '../../src/statistics/index.ts';

test('scores of one class, NaN, infinities and nothing at all are refused in one clear line', () => {
  const one = Float64Array.of(1);
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    assert.throws(() => sortedScores(Float64Array.of(0, bad), one), /score 2 of the members is not a finite number/);
    assert.throws(() => sortedScores(one, Float64Array.of(bad)), /score 1 of the non-members is not a finite number/);
  }
  assert.throws(() => sortedScores(new Float64Array(), one), /no members/);
  assert.throws(() => sortedScores(one, new Float64Array()), /no non-members/);
});

test('a million ties: half, with the interval of a coin, and nobody accused', () => {
  const sample = sortedScores(new Float64Array(1e6).fill(0.5), new Float64Array(1e6).fill(0.5));
  const area = auc(sample);
  assert.equal(area.estimate, 0.5);
  assert.equal(area.method, 'exact-degenerate');
  assert.ok(area.lower < 0.5 && area.upper > 0.5);
  assert.deepEqual(operatingPoints(sample, [0.01]), [{ threshold: Infinity, truePositives: 0, falsePositives: 0 }]);
  assert.equal(maxAdvantage(sample, { rounds: 9 }).estimate, 0);
  const almost = Float64Array.from({ length: 1e6 }, (_, i) => (i < 3 ? 1 : 0));
  assert.ok(Math.abs(auc(sortedScores(almost, new Float64Array(1e6))).estimate - (0.5 + 1.5e-6)) < 1e-15);
});

test('one record of each class gives a defined result that claims nothing', () => {
  const sample = sortedScores(Float64Array.of(2), Float64Array.of(1));
  const area = auc(sample);
  assert.deepEqual([area.estimate, area.upper], [1, 1]);
  assert.ok(area.lower <= 0.05);
  assert.ok(maxAdvantage(sample).lower === 0);
  assert.equal(epsilonAtThreshold({ truePositives: 1, members: 1, falsePositives: 0, nonMembers: 1 }), 0);
  assert.ok(logCurve(sample).length <= 1);
});

test('the largest and smallest doubles are scores like any other', () => {
  const members = Float64Array.of(Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -0);
  const area = auc(sortedScores(members, Float64Array.of(0, -5e-324)));
  assert.equal(area.estimate, (2 + 0 + 2 + 1.5) / 8);
});

test('sorting by bits is sorting by value', () => {
  const random = seededRandom(5);
  const special = [0, -0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 1, -1, 2 ** -1022, 1 / 3];
  for (const make of [
    () => random() - 0.5,
    () => Math.floor(random() * 5),
    () => (random() - 0.5) * 10 ** Math.floor(random() * 600 - 300),
    () => 7,
    () => -random(),
  ]) {
    const values = Float64Array.from({ length: 100_000 }, (_, i) =>
      i % 1000 === 0 ? (special[i % special.length] as number) : make(),
    );
    const untouched = values.slice();
    const ours = sorted(values);
    assert.deepEqual(values, untouched);
    const theirs = values.toSorted();
    for (let i = 0; i < values.length; i++)
      if (!Object.is(ours[i], theirs[i])) assert.fail(`place ${i}: ${ours[i]}, not ${theirs[i]}`);
  }
});

test('statistics refuse what is not theirs', () => {
  assert.throws(() => roganGladen({ k: 1, n: 10 }, { sensitivity: 0.5, specificity: 0.5 }), /no better than chance/);
  assert.throws(() => roganGladen({ k: 1, n: 10 }, { sensitivity: 1.2, specificity: 0.5 }), /lies in \[0, 1\]/);
  assert.throws(() => exposureFromRank(0, 10), /whole number from 1/);
  assert.throws(() => exposureFromRank(11, 10), /whole number from 1/);
  assert.throws(() => exposureFromSample(3, 2, 10), /whole counts/);
  assert.throws(() => discoverableFromChances([0.2, 1.2], { n: 1, p: 0.5 }), /chance 2 is 1.2/);
  assert.throws(() => discoverableFromChances([], { n: 1, p: 0.5 }), /no targets/);
  assert.throws(() => discoverableFromChances([0.1], { n: 0, p: 0.5 }), /whole n >= 1/);
  assert.throws(() => discoverableFromSamples([3], 2, { n: 1, p: 0.5 }), /target 1 has 3 successes of 2/);
  assert.throws(() => disclosureAt([{ queries: 5, recovered: 3 }], 2, 5), /3 of 2 items/);
  assert.throws(
    () =>
      disclosureAt(
        [
          { queries: 5, recovered: 1 },
          { queries: 5, recovered: 1 },
        ],
        2,
        5,
      ),
    /queries do not rise/,
  );
  assert.throws(
    () =>
      disclosureAt(
        [
          { queries: 5, recovered: 1 },
          { queries: 6, recovered: 0 },
        ],
        2,
        5,
      ),
    /cannot fall/,
  );
  assert.throws(() => oneRunEpsilon({ canaries: 5, guesses: 6, correct: 1 }), /whole counts/);
});

test('closed forms', () => {
  assert.equal(exposureFromRank(1, 1024).estimate, 10);
  assert.equal(exposureFromRank(1024, 1024).estimate, 0);
  assert.equal(tprCap(0, { epsilon: 1, delta: 0 }), 0);
  assert.equal(tprCap(1, { epsilon: 1, delta: 0 }), 1);
  assert.ok(Math.abs(tprCap(0.001, { epsilon: Math.log(8), delta: 1e-5 }) - 0.00801) < 1e-12);
  assert.ok(
    Math.abs(discoverableFromChances([0.5], { n: 1, p: 0.5 }).estimate - 1) < 1e-12,
    'one draw of an even chance',
  );
  const ppv = positivePredictiveValue({ truePositives: 10, members: 100, falsePositives: 1, nonMembers: 100 }, 0.01);
  assert.ok(Math.abs((ppv?.estimate ?? 0) - 0.001 / (0.001 + 0.0099)) < 1e-12);
  assert.equal(
    positivePredictiveValue({ truePositives: 0, members: 100, falsePositives: 0, nonMembers: 100 }, 0.01),
    undefined,
  );
  assert.deepEqual(roganGladen({ k: 5, n: 100 }, { sensitivity: 1, specificity: 1 }), {
    estimate: 0.05,
    ...clopperPearson(5, 100),
  });
  // All guesses right, no delta: epsilon where q^r = 5%.
  const q = 0.05 ** (1 / 50);
  assert.ok(Math.abs(oneRunEpsilon({ canaries: 50, guesses: 50, correct: 50 }) - Math.log(q / (1 - q))) < 1e-9);
});

test('the sample that is asked for is the smallest that does it', () => {
  assert.equal(nonMembersToShow(0.001), 2995);
  for (const epsilon of [0.5, 2, 8]) {
    const n = recordsToContradict({ epsilon, delta: 0 }) ?? 0;
    const perfect = (size: number): number =>
      epsilonAtThreshold({ truePositives: size, members: size, falsePositives: 0, nonMembers: size });
    assert.ok(perfect(n) > epsilon && perfect(n - 1) <= epsilon, `epsilon ${epsilon}: ${n}`);
  }
  const attack = { k: 520, n: 1000 };
  const baseline = { k: 500, n: 1000 };
  const n = targetsNeeded({ attack, baseline }, 0.05) ?? 0;
  assert.ok(unpairedDifference({ k: Math.ceil(0.52 * n), n }, { k: Math.floor(0.5 * n), n }).upper <= 0.05);
  assert.equal(targetsNeeded({ attack: { k: 600, n: 1000 }, baseline }, 0.05), undefined);
  const paired = { both: 40, attackOnly: 6, baselineOnly: 5, neither: 49 };
  const m = targetsNeeded({ paired }, 0.05) ?? 0;
  assert.ok(
    m > 100 &&
      pairedDifference({
        both: Math.round(0.4 * m),
        attackOnly: Math.ceil(0.06 * m),
        baselineOnly: Math.floor(0.05 * m),
        neither: Math.round(0.49 * m),
      }).upper <= 0.05,
  );
  // Four times the sample halves the spread.
  const factor = aucSampleFactor({ estimate: 0.5, variance: 0.01 }, 0.6) ?? 0;
  const half = (1.959963984540054 * Math.sqrt(0.01 / factor)) / 0.25;
  assert.ok(Math.abs(half - Math.log(0.6 / 0.4)) < 1e-9);
  assert.equal(aucSampleFactor({ estimate: 0.61, variance: 0.01 }, 0.6), undefined);
});

test('a disclosure is read at the budget or just after, never before', () => {
  const curve = [
    { queries: 100, recovered: 2 },
    { queries: 300, recovered: 5 },
    { queries: 900, recovered: 8 },
  ];
  assert.deepEqual([disclosureAt(curve, 100, 300).recovered, disclosureAt(curve, 100, 301).recovered], [5, 8]);
  const short = disclosureAt(curve, 100, 1000);
  assert.deepEqual([short.recovered, short.reached], [8, false]);
  assert.equal(
    disclosureBand(
      Array.from({ length: 1000 }, (_, i) => ({ queries: i + 1, recovered: i })),
      1000,
      64,
    ).length,
    64,
  );
  assert.deepEqual(
    disclosureBand(curve, 100).map(({ queries }) => queries),
    [100, 300, 900],
  );
});

test('drawing by seed repeats', () => {
  const members = Float64Array.from({ length: 500 }, (_, i) => i % 17);
  const nonMembers = Float64Array.from({ length: 500 }, (_, i) => i % 13);
  const sample = sortedScores(members, nonMembers);
  assert.deepEqual(maxAdvantage(sample), maxAdvantage(sample));
});
