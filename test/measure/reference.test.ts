import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  auc,
  bestThreshold,
  countsAt,
  discoverableFromChances,
  discoverableFromSamples,
  epsilonAtThreshold,
  maxAdvantage,
  oneRunEpsilon,
  oneRunPValue,
  operatingPoints,
  roganGladen,
  type ScoreSample,
  seededRandom,
  sortedScores,
} from '../../src/statistics/index.ts';

/* Against implementations of others; reference/more.py says which, and made the values. */

interface Case {
  seed: number;
  members: number;
  nonMembers: number;
  shift: number;
  grid: number;
  auc: number;
  variance: number | null;
}
interface Counts {
  k: number;
  n: number;
}
interface Reference {
  roc: (Case & { advantage: number; tpr: { limit: number; truePositives: number; falsePositives: number }[] })[];
  proc: Case[];
  epsilon: {
    members: number;
    nonMembers: number;
    confidence: number;
    bounds: { truePositives: number; falsePositives: number; epsilon: number }[];
  }[];
  oneRun: { canaries: number; guesses: number; correct: number; delta: number; epsilon: number; pAtOne: number }[];
  extraction: {
    n: number;
    p: number;
    samples: number;
    successes: number[];
    chances: number[];
    estimate: number;
    exact: number;
    lower: number;
    upper: number;
  }[];
  detector: (Counts & { sensitivity: Counts; specificity: Counts; estimate: number; lower: number; upper: number })[];
}
const reference: Reference = JSON.parse(readFileSync(new URL('reference/more.json', import.meta.url), 'utf8'));

function close(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not ${expected}`);
}

/** The samples of the script, by the same generator. */
function drawn({ seed, members, nonMembers, shift, grid }: Case): ScoreSample {
  const random = seededRandom(seed);
  const onGrid = (value: number): number => (grid ? Math.floor(value * grid) / grid : value);
  const first = Float64Array.from({ length: members }, () => {
    const u = random();
    return onGrid(u + shift * u);
  });
  const second = Float64Array.from({ length: nonMembers }, () => onGrid(random()));
  return sortedScores(first, second);
}

test('AUC to 1e-12 and DeLong variance to 1e-9: scikit-learn and scipy, from 2 to 400 000 records, with ties and extreme imbalance', () => {
  assert.ok(reference.roc.length >= 40);
  for (const one of reference.roc) {
    const what = `seed ${one.seed}`;
    const sample = drawn(one);
    const area = auc(sample);
    close(area.estimate, one.auc, 1e-12, `AUC, ${what}`);
    close(area.variance, one.variance ?? Number.NaN, 1e-9, `variance, ${what}`);
    close(maxAdvantage(sample, { rounds: 1 }).estimate, one.advantage, 1e-12, `advantage, ${what}`);
    const { truePositives, members, falsePositives, nonMembers } = countsAt(
      bestThreshold(sample),
      sample.members,
      sample.nonMembers,
    );
    close(truePositives / members - falsePositives / nonMembers, one.advantage, 1e-12, `best threshold, ${what}`);
    const points = operatingPoints(
      sample,
      one.tpr.map(({ limit }) => limit),
    );
    one.tpr.forEach(({ limit, truePositives: tp, falsePositives: fp }, index) => {
      assert.deepEqual([points[index]?.truePositives, points[index]?.falsePositives], [tp, fp], `at ${limit}, ${what}`);
    });
  }
});

test('AUC and DeLong variance agree with pROC in R', () => {
  assert.ok(reference.proc.length >= 30);
  for (const one of reference.proc) {
    const area = auc(drawn(one));
    close(area.estimate, one.auc, 1e-12, `AUC, seed ${one.seed}`);
    if (one.variance !== null) close(area.variance, one.variance, 1e-9, `variance, seed ${one.seed}`);
  }
});

test("the bound on epsilon at a threshold is TensorFlow Privacy's, for accusing and for clearing", () => {
  let shown = 0;
  for (const { members, nonMembers, confidence, bounds } of reference.epsilon)
    for (const { truePositives, falsePositives, epsilon } of bounds) {
      close(
        epsilonAtThreshold({ truePositives, members, falsePositives, nonMembers }, 0, confidence),
        epsilon,
        1e-9,
        `${truePositives}/${members}, ${falsePositives}/${nonMembers}`,
      );
      if (epsilon > 0) shown++;
    }
  assert.ok(shown > 20, `${shown} bounds above zero`);
});

test("the one-run audit is jax_privacy's", () => {
  for (const { delta, epsilon, pAtOne, ...audit } of reference.oneRun) {
    close(oneRunEpsilon(audit, delta), epsilon, 1e-9, JSON.stringify(audit));
    close(oneRunPValue(audit, { epsilon: 1, delta }), pAtOne, 1e-9, `p-value, ${JSON.stringify(audit)}`);
  }
});

test('repeated sampling: exact and sampled shares agree with scipy', () => {
  for (const { n, p, samples, successes, chances, ...expected } of reference.extraction) {
    const sampled = discoverableFromSamples(successes, samples, { n, p });
    for (const name of ['estimate', 'lower', 'upper'] as const)
      close(sampled[name], expected[name], 1e-9, `${name} for n=${n}, p=${p}, ${samples} samples`);
    close(discoverableFromChances(chances, { n, p }).estimate, expected.exact, 1e-12, 'exact share');
  }
});

test('the correction for a detector spans all that its parts allow', () => {
  for (const { k, n, sensitivity, specificity, ...expected } of reference.detector) {
    const corrected = roganGladen({ k, n }, { sensitivity, specificity });
    for (const name of ['estimate', 'lower', 'upper'] as const)
      close(corrected[name], expected[name], 1e-9, `${name} of ${k}/${n}`);
  }
});
