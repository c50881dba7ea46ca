import assert from 'node:assert/strict';
import test from 'node:test';
import type { AssessedMeasurement, Assessment } from '../../src/assess/assessment.ts';
import { compareMeasurements } from '../../src/compare/measurements.ts';
import { areaEitherWay, boundedDifference, rateAt, rateDifference } from '../../src/statistics/change.ts';
import { lowRate } from '../../src/statistics/lowRate.ts';
import { normal, seededRandom } from '../../src/statistics/random.ts';
import { auc, sortedScores } from '../../src/statistics/roc.ts';
import { alike, scores, trials } from '../support/assessing.ts';
import { few } from '../support/few.ts';

/* How often comparisons speak of a change, where there is none and where there is one. Seeded. */

const random = seededRandom(20261128);

function binomial(n: number, p: number): number {
  let k = 0;
  for (let i = 0; i < n; i++) if (random() < p) k++;
  return k;
}

/** True rates of the probes of a system, and how far the scores of members lie above the others, on a share of them. */
interface System {
  rates: readonly number[];
  leak: number;
  shift: number;
}

const TRIALS = 400;
/** An assessment with one measurement of each kind, whose numbers are then drawn anew. */
const template = few([
  { path: 'probe.yaml', bodies: [trials('prompt-leakage', 1, TRIALS, { toolDetector: true })] },
  { path: 'scores.csv', bodies: [scores(600, 0, { baseline: alike(600) })] },
]);
const like = (measure: string, rate?: number): AssessedMeasurement => {
  const found = template.measurements.find((m) => m.measure === measure && m.falsePositiveLimit === rate);
  assert.ok(found, measure);
  return found;
};

/** The numbers of one assessment of a system with samples of its own, as the measures compute them. */
function assessed({ rates, leak, shift }: System, records: number): Assessment {
  const draw = (member: boolean): Float64Array =>
    Float64Array.from({ length: records }, () => normal(random) + (member && random() < leak ? shift : 0));
  const sample = sortedScores(draw(true), draw(false));
  const area = auc(sample);
  const sizes = { of: 'records' as const, members: records, nonMembers: records };
  const measurements: AssessedMeasurement[] = [
    ...rates.map((rate, index): AssessedMeasurement => {
      const m = like('rate');
      const k = binomial(TRIALS, rate);
      assert.ok(m.counts.of === 'attempts');
      return { ...m, probe: `probe ${index}`, estimate: k / TRIALS, counts: { ...m.counts, k, trialSuccesses: k } };
    }),
    { ...like('roc.auc'), estimate: area.estimate, variance: area.variance, counts: sizes },
    ...[0.001, 0.01].map((limit): AssessedMeasurement => {
      const { truePositives, falsePositives, ...straight } = lowRate(sample, limit);
      const turned = lowRate(sample, limit, 'low');
      return { ...like('roc.tpr', limit), ...straight, turned, counts: { ...sizes, truePositives, falsePositives } };
    }),
  ];
  return { ...template, measurements };
}

const SYSTEMS: readonly [what: string, system: System][] = [
  ['private', { rates: [0, 0, 0.001, 0.002, 0.005], leak: 0, shift: 0 }],
  ['leaking a little', { rates: [0.01, 0.02, 0.03, 0.05, 0.08], leak: 0.01, shift: 4 }],
  ['leaking', { rates: [0.1, 0.2, 0.4, 0.6, 0.9], leak: 0.2, shift: 2 }],
];
const PAIRS = 400;

for (const [what, system] of SYSTEMS)
  test(`two assessments of a ${what} system say "changed" in at most 5% of cases`, () => {
    let changed = 0;
    for (let i = 0; i < PAIRS; i++) {
      const { measurements } = compareMeasurements(assessed(system, 1500), assessed(system, 1500));
      assert.ok(measurements.length >= 8);
      if (measurements.some(({ change }) => change !== 'no-evidence')) changed++;
    }
    assert.ok(changed <= PAIRS * 0.05, `${changed} of ${PAIRS}`);
  });

test('a change that the samples could have shown is shown in 80% of cases, and in the right direction', () => {
  const before: System = { rates: [0.02, 0.02, 0.02, 0.02, 0.02], leak: 0, shift: 0 };
  let seen = 0;
  let wrong = 0;
  for (let i = 0; i < 60; i++) {
    const old = assessed(before, 600);
    const promised = compareMeasurements(old, assessed(before, 600)).measurements.find(
      ({ probe }) => probe === 'probe 0',
    );
    const raised = Math.min(0.9, 0.02 + (promised?.couldShow ?? 1));
    const after = assessed({ ...before, rates: [raised, 0.02, 0.02, 0.02, 0.02] }, 600);
    for (const { probe, change } of compareMeasurements(old, after).measurements) {
      if (probe === 'probe 0' && change === 'worse') seen++;
      if (change === 'better' || (probe !== 'probe 0' && change !== 'no-evidence')) wrong++;
    }
  }
  assert.ok(seen >= 48, `${seen} of 60`);
  assert.ok(wrong <= 3, String(wrong));
});

test('each interval covers the true difference at least as often as it says, at 95% and far out', () => {
  for (const [confidence, rounds] of [
    [0.95, 2000],
    [0.998, 2000],
  ] as const) {
    const allowed = (1 - confidence) * rounds;
    const most = allowed + 3 * Math.sqrt(allowed);
    for (const [p, q, n] of [
      [0.01, 0.01, 300],
      [0.001, 0.02, 500],
      [0.3, 0.35, 150],
      [0, 0.05, 100],
    ] as const) {
      let missed = 0;
      for (let i = 0; i < rounds; i++) {
        const { lower, upper } = rateDifference(
          { k: binomial(n, p), n, missing: 0 },
          { k: binomial(n, q), n, missing: 0 },
          confidence,
        );
        if (q - p < lower || q - p > upper) missed++;
      }
      assert.ok(missed <= most, `rates ${p} and ${q} of ${n} at ${confidence}: missed ${missed}, allowed ${most}`);
    }
  }
  // Scores of a binormal system: the area and the rate are known.
  const area = 0.6381632;
  const rate = 0.0047;
  let areas = 0;
  let rates = 0;
  const rounds = 600;
  const sample = () =>
    sortedScores(
      Float64Array.from({ length: 1200 }, () => normal(random) + 0.5),
      Float64Array.from({ length: 1200 }, () => normal(random)),
    );
  for (let i = 0; i < rounds; i++) {
    const facts = sample();
    const { estimate, variance } = auc(facts);
    const one = areaEitherWay({ estimate, variance, smaller: 1200 }, 0.95);
    if (area < one.lower || area > one.upper) areas++;
    const found = lowRate(facts, 0.001);
    const at = rateAt({ ...found, members: 1200, nonMembers: 1200 }, 0.001, 0.95);
    if (rate < at.lower || rate > at.upper) rates++;
  }
  assert.ok(areas <= rounds * 0.05 + 3 * Math.sqrt(rounds * 0.05), `areas missed ${areas}`);
  assert.ok(rates <= rounds * 0.05 + 3 * Math.sqrt(rounds * 0.05), `rates missed ${rates}`);
  const { lower, upper } = boundedDifference({ estimate: 1, lower: 1, upper: 1 }, { estimate: 0, lower: 0, upper: 0 });
  assert.deepEqual([lower, upper], [-1, -1]);
});
