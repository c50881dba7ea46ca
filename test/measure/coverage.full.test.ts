import assert from 'node:assert/strict';
import { test } from 'node:test';
import binomialLogPmf from '@stdlib/stats-base-dists-binomial-logpmf';
import {
  auc,
  clopperPearson,
  clopperPearsonUpper,
  countsAt,
  discoverableFrom,
  discoverableFromSamples,
  epsilonAtThreshold,
  epsilonOverGrid,
  exposureFromSample,
  type Interval,
  maxAdvantage,
  normal,
  oneRunEpsilon,
  pairedDifference,
  positivePredictiveValue,
  presetCounts,
  roganGladen,
  seededRandom,
  sortedScores,
  tprCap,
  unpairedDifference,
  wilson,
} from '../../src/statistics/index.ts';

/* How often each interval holds the truth, by seeded simulation: the same every time. */

/** The share of rounds in which the interval holds the truth. */
function coverage(rounds: number, truth: number, interval: () => Interval): number {
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    const { lower, upper } = interval();
    if (lower <= truth && truth <= upper) held++;
  }
  return held / rounds;
}

/** At least nominal, but for what chance does to so many rounds (three standard errors). */
function atLeastNominal(share: number, rounds: number, what: string): void {
  assert.ok(
    share >= 0.95 - 3 * Math.sqrt((0.95 * 0.05) / rounds),
    `${what} held the truth in ${(100 * share).toFixed(2)}% of rounds`,
  );
}

function withinAPoint(share: number, what: string): void {
  assert.ok(Math.abs(share - 0.95) <= 0.01, `${what} held the truth in ${(100 * share).toFixed(2)}% of rounds`);
}

function binomial(n: number, p: number, random: () => number): number {
  let k = 0;
  for (let i = 0; i < n; i++) if (random() < p) k++;
  return k;
}

test('exact intervals cover at least as often as they say, for every proportion, by summing all outcomes', () => {
  for (const n of [1, 7, 60, 300])
    for (let step = 1; step < 200; step++) {
      const p = step / 200;
      let two = 0;
      let one = 0;
      for (let k = 0; k <= n; k++) {
        const chance = Math.exp(binomialLogPmf(k, n, p));
        const { lower, upper } = clopperPearson(k, n);
        if (lower <= p && p <= upper) two += chance;
        if (p <= clopperPearsonUpper(k, n)) one += chance;
      }
      assert.ok(two >= 0.95 - 1e-9, `two-sided, n=${n}, p=${p}: ${two}`);
      assert.ok(one >= 0.95 - 1e-9, `one-sided, n=${n}, p=${p}: ${one}`);
    }
});

test('score intervals and their differences cover within a point', () => {
  const random = seededRandom(3);
  const rounds = 20_000;
  withinAPoint(
    coverage(rounds, 0.3, () => wilson(binomial(200, 0.3, random), 200)),
    'Wilson',
  );
  withinAPoint(
    coverage(rounds, 0.1, () =>
      unpairedDifference({ k: binomial(300, 0.6, random), n: 300 }, { k: binomial(250, 0.5, random), n: 250 }),
    ),
    'Newcombe unpaired',
  );
  withinAPoint(
    coverage(rounds, 0.1, () => {
      const cells = { both: 0, attackOnly: 0, baselineOnly: 0, neither: 0 };
      for (let i = 0; i < 300; i++) {
        const u = random();
        cells[u < 0.4 ? 'both' : u < 0.6 ? 'attackOnly' : u < 0.7 ? 'baselineOnly' : 'neither']++;
      }
      return pairedDifference(cells);
    }),
    'Newcombe paired',
  );
});

test('DeLong intervals cover within a point', () => {
  const random = seededRandom(12);
  // P(member > non-member) for unit normals that are 0.6 apart.
  const truth = 0.6643133;
  const draw = (n: number, shift: number): Float64Array =>
    Float64Array.from({ length: n }, () => normal(random) + shift);
  withinAPoint(
    coverage(8000, truth, () => auc(sortedScores(draw(200, 0.6), draw(150, 0)))),
    'DeLong',
  );
});

test('the band for the largest advantage covers, with none and with one', () => {
  const random = seededRandom(21);
  const rounds = 400;
  const draw = (n: number, shift: number): Float64Array =>
    Float64Array.from({ length: n }, () => normal(random) + shift);
  const at = (shift: number, truth: number): number =>
    coverage(rounds, truth, () =>
      maxAdvantage(sortedScores(draw(150, shift), draw(150, 0)), { rounds: 199, seed: Math.floor(random() * 1e9) }),
    );
  atLeastNominal(at(0, 0), rounds, 'no advantage');
  // Largest TPR - FPR of unit normals one apart: 2 Phi(1/2) - 1.
  atLeastNominal(at(1, 0.3829249), rounds, 'an advantage of 38%');
});

test('predictive values, sampled ranks and corrected rates cover at least as often as they say', () => {
  const random = seededRandom(31);
  const rounds = 4000;
  const [tpr, fpr, prior] = [0.05, 0.01, 0.1];
  const truth = (prior * tpr) / (prior * tpr + (1 - prior) * fpr);
  atLeastNominal(
    coverage(rounds, truth, () => {
      const counts = {
        truePositives: binomial(400, tpr, random),
        members: 400,
        falsePositives: binomial(500, fpr, random),
        nonMembers: 500,
      };
      return positivePredictiveValue(counts, prior) ?? { lower: 0, upper: 1 };
    }),
    rounds,
    'predictive value',
  );
  atLeastNominal(
    coverage(rounds, -Math.log2(0.02), () => exposureFromSample(binomial(400, 0.02, random), 400, 1_000_000)),
    rounds,
    'exposure by sampled rank',
  );
  const [sensitivity, specificity, rate] = [0.9, 0.97, 0.04];
  const flaggedShare = rate * sensitivity + (1 - rate) * (1 - specificity);
  atLeastNominal(
    coverage(rounds, rate, () =>
      roganGladen(
        { k: binomial(300, flaggedShare, random), n: 300 },
        {
          sensitivity: { k: binomial(100, sensitivity, random), n: 100 },
          specificity: { k: binomial(200, specificity, random), n: 200 },
        },
      ),
    ),
    rounds,
    'Rogan-Gladen with a validated detector',
  );
  atLeastNominal(
    coverage(rounds, rate, () =>
      roganGladen({ k: binomial(300, flaggedShare, random), n: 300 }, { sensitivity, specificity }),
    ),
    rounds,
    'Rogan-Gladen with a known detector',
  );
});

test('the share that repeated sampling brings out: bounds hold for easy, hard and borderline targets', () => {
  const random = seededRandom(41);
  const rounds = 1500;
  const wanted = { n: 20, p: 0.5 };
  const least = discoverableFrom(wanted);
  for (const [name, q, truth] of [
    ['clear-cut', () => (random() < 0.1 ? 0.3 : 0), 0.1],
    ['just discoverable', () => (random() < 0.2 ? least * 1.0001 : 0), 0.2],
    ['just not discoverable', () => (random() < 0.2 ? least * 0.9999 : 0), 0],
  ] as const)
    for (const samples of [5, 20, 60]) {
      const share = coverage(rounds, truth, () =>
        discoverableFromSamples(
          Array.from({ length: 100 }, () => binomial(samples, q(), random)),
          samples,
          wanted,
        ),
      );
      atLeastNominal(share, rounds, `${name}, ${samples} samples`);
    }
});

/** Randomised response: a member answers 1 with chance e^eps / (1 + e^eps), a non-member with the rest. It is exactly eps-private. */
function randomisedResponse(
  n: number,
  epsilon: number,
  random: () => number,
): { members: Float64Array; nonMembers: Float64Array } {
  const truthful = 1 / (1 + Math.exp(-epsilon));
  const answers = (chance: number): Float64Array => Float64Array.from({ length: n }, () => (random() < chance ? 1 : 0));
  return { members: answers(truthful), nonMembers: answers(1 - truthful) };
}

/** The bound as an assessment computes it: thresholds at preset ranks, the error shared among them. */
function measuredEpsilon(n: number, epsilon: number, random: () => number): number {
  const { members, nonMembers } = randomisedResponse(n, epsilon, random);
  const tried = presetCounts(sortedScores(members, nonMembers));
  return Math.max(...tried.map((counts) => epsilonAtThreshold(counts, 0, 1 - 0.05 / tried.length)));
}

test('randomised response with known epsilon: the bound exceeds it no more often than stated, and approaches it', () => {
  const random = seededRandom(51);
  for (const epsilon of [0, 0.5, 1, 2, 4]) {
    const rounds = 2000;
    let exceeded = 0;
    for (let round = 0; round < rounds; round++) if (measuredEpsilon(250, epsilon, random) > epsilon) exceeded++;
    atLeastNominal(1 - exceeded / rounds, rounds, `epsilon ${epsilon}`);
  }
  const gaps = [300, 3000, 30_000, 300_000].map((n) => 1 - measuredEpsilon(n, 1, random));
  assert.ok(
    gaps.every((gap, index) => index === 0 || gap < (gaps[index - 1] ?? 0)),
    `the gap closes: ${gaps.map((gap) => gap.toFixed(3)).join(', ')}`,
  );
  assert.ok((gaps.at(-1) ?? 1) < 0.02, `at 300 000 records the bound is within 2% of epsilon 1: ${gaps.at(-1)}`);
});

test('a grid fixed beforehand, shared out evenly, errs no more often than stated', () => {
  const random = seededRandom(61);
  const rounds = 2000;
  let exceeded = 0;
  for (let round = 0; round < rounds; round++) {
    const { members, nonMembers } = randomisedResponse(200, 1, random);
    if (epsilonOverGrid(members, nonMembers, [0.2, 0.5, 0.8, 1]) > 1) exceeded++;
  }
  atLeastNominal(1 - exceeded / rounds, rounds, 'grid');
});

test('one-run audits of randomised response err no more often than stated', () => {
  const random = seededRandom(81);
  for (const epsilon of [0, 1, 3]) {
    const rounds = 1500;
    let exceeded = 0;
    for (let round = 0; round < rounds; round++)
      if (
        oneRunEpsilon({ canaries: 200, guesses: 200, correct: binomial(200, 1 / (1 + Math.exp(-epsilon)), random) }) >
        epsilon
      )
        exceeded++;
    atLeastNominal(1 - exceeded / rounds, rounds, `epsilon ${epsilon}`);
  }
});

/** Upper tail of the standard normal, by a series good to 1e-15 for the arguments used here. */
function upperNormal(x: number): number {
  if (x < 0) return 1 - upperNormal(-x);
  let term = x;
  let sum = x;
  for (let i = 1; i < 200; i++) {
    term *= (x * x) / (2 * i + 1);
    sum += term;
  }
  return 0.5 - (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

test('no optimal attacker crosses the cap, and some reach it', () => {
  // Randomised response lies on the cap.
  for (const epsilon of [0.1, 1, 3]) {
    const truthful = 1 / (1 + Math.exp(-epsilon));
    assert.ok(Math.abs(tprCap(1 - truthful, { epsilon, delta: 0 }) - truthful) < 1e-12);
  }
  // The Gaussian mechanism at noise sigma, for every epsilon with its exact delta (Balle & Wang 2018): the most powerful
  // attacker's ROC, TPR = Q(Q^-1(FPR) - 1/sigma), stays below every cap and touches it.
  const sigma = 1.3;
  for (const epsilon of [0.3, 1, 2]) {
    const delta =
      1 -
      upperNormal(1 / (2 * sigma) - epsilon * sigma) -
      Math.exp(epsilon) * (1 - upperNormal(-1 / (2 * sigma) - epsilon * sigma));
    let nearest = 1;
    for (let t = -4; t <= 5; t += 0.01) {
      const room = tprCap(upperNormal(t), { epsilon, delta }) - upperNormal(t - 1 / sigma);
      assert.ok(room > -1e-12, `epsilon ${epsilon}: crossed by ${-room} at threshold ${t}`);
      nearest = Math.min(nearest, room);
    }
    assert.ok(nearest < 1e-4, `epsilon ${epsilon}: the cap is reached to ${nearest}`);
  }
  // Simulated: where the counts' own bounds are used, the Laplace mechanism's attacker stays below too.
  const random = seededRandom(91);
  const epsilon = 1;
  const laplace = (centre: number): number => {
    const u = random() - 0.5;
    return centre - (Math.sign(u) * Math.log(1 - 2 * Math.abs(u))) / epsilon;
  };
  let crossed = 0;
  const rounds = 1000;
  for (let round = 0; round < rounds; round++) {
    const members = Float64Array.from({ length: 400 }, () => laplace(1));
    const nonMembers = Float64Array.from({ length: 400 }, () => laplace(0));
    const { truePositives, falsePositives } = countsAt(1, members, nonMembers);
    if (
      clopperPearson(truePositives, 400).lower >
      tprCap(clopperPearson(falsePositives, 400).upper, { epsilon, delta: 0 })
    )
      crossed++;
  }
  assert.ok(crossed / rounds <= 0.05, `crossed in ${crossed} of ${rounds}`);
});
