import { createHash } from 'node:crypto';
import type { AttackClass, Observation, Source, StatedSurface, TestResult, Tool } from '../evidence/observation.ts';
import { isTestResult } from '../evidence/observation.ts';
import { clopperPearson, clopperPearsonUpper } from './binomial.ts';
import { pairedDifference, unpairedDifference } from './difference.ts';
import { auc, type CurvePoint, logCurve, operatingPoints, type ScoreSample, sortedScores } from './roc.ts';

/** The false-positive limits at which membership tests are reported (Carlini et al. 2022). */
const FALSE_POSITIVE_LIMITS = [0.001, 0.01] as const;

type MeasureName = 'roc.auc' | 'roc.tpr' | 'baseline.auc' | 'rate' | 'advantage';

/** A statistic computed from one observation. */
export interface Measurement {
  /** Stable from run to run for the same statistic of the same test in the same file. */
  id: string;
  measure: MeasureName;
  attackClass: AttackClass;
  technique: string;
  surface: StatedSurface;
  probe: string;
  detector?: string;
  tool?: Tool;
  collected?: string;
  /** For `roc.tpr`: the false-positive limit. */
  falsePositiveLimit?: number;
  estimate: number;
  /** Two-sided bounds; null when the evidence has no counts to compute them from. */
  lower: number | null;
  upper: number | null;
  /** One-sided upper bound at the same confidence, where a criterion may ask for it. */
  upperOneSided?: number;
  confidence: number;
  method: string;
  /** Named counts behind the numbers: members, nonMembers, truePositives, falsePositives, k, n, .. */
  counts: Record<string, number>;
  source: Source[];
  /** False when the comparison behind the number does not hold: populations that differ without the model, or other targets for the baseline. Undefined when nothing was there to check it. */
  comparable?: boolean;
  curve?: CurvePoint[];
  notes: string[];
}

const CONFIDENCE = 0.95;

/** Every measurement of every test result, in the order of the observations. Pure. */
export function measure(observations: readonly Observation[]): Measurement[] {
  return observations.filter(isTestResult).flatMap(measureOne);
}

function measureOne(test: TestResult): Measurement[] {
  if (test.kind === 'scores') return measureScores(test);
  const make = maker(test);
  if (test.kind === 'trials') {
    const counted = test.clusters ?? test.trials;
    const notes =
      test.clusters && test.clusters.n !== test.trials.n
        ? [`${test.trials.k} of ${test.trials.n} trials, counted as ${test.clusters.n} prompts or records`]
        : [];
    if (test.notEvaluated > 0) notes.push(`${test.notEvaluated} attempts had no verdict and are not counted`);
    if (test.errors > 0) notes.push(`${test.errors} attempts failed technically and are not counted`);
    const counts = { k: counted.k, n: counted.n, trials: test.trials.n, trialSuccesses: test.trials.k, notEvaluated: test.notEvaluated, errors: test.errors };
    if (counted.n === 0) return [];
    return [
      make('rate', {
        estimate: counted.k / counted.n,
        ...clopperPearson(counted.k, counted.n, CONFIDENCE),
        upperOneSided: clopperPearsonUpper(counted.k, counted.n, CONFIDENCE),
        method: 'clopper-pearson',
        counts,
        notes,
      }),
    ];
  }
  if (test.kind === 'advantage') {
    const difference = test.paired ? pairedDifference(test.paired, CONFIDENCE) : unpairedDifference(test.attack, test.baseline, CONFIDENCE);
    return [
      make('advantage', {
        ...difference,
        method: test.paired ? 'newcombe-paired' : 'newcombe-unpaired',
        counts: {
          attackK: test.attack.k,
          attackN: test.attack.n,
          baselineK: test.baseline.k,
          baselineN: test.baseline.n,
          n: Math.min(test.attack.n, test.baseline.n),
          ...test.paired,
        },
        ...(test.sameTargets ? {} : { comparable: false }),
        notes: test.baselineMethod ? [`baseline: ${test.baselineMethod}`] : [],
      }),
    ];
  }
  if (test.kind === 'operating-point') {
    return [
      make('roc.tpr', {
        falsePositiveLimit: test.falsePositiveLimit,
        estimate: test.truePositives / test.members,
        ...clopperPearson(test.truePositives, test.members, CONFIDENCE),
        method: 'clopper-pearson',
        counts: { truePositives: test.truePositives, falsePositives: test.falsePositives, members: test.members, nonMembers: test.nonMembers },
        notes: achievedRate(test.falsePositives, test.nonMembers),
      }),
    ];
  }
  const name = test.measure === 'roc.auc' || test.measure === 'roc.tpr' || test.measure === 'advantage' ? test.measure : 'rate';
  return [
    make(name, {
      ...(test.falsePositiveLimit === undefined ? {} : { falsePositiveLimit: test.falsePositiveLimit }),
      estimate: test.value,
      lower: null,
      upper: null,
      method: 'stated',
      counts: {},
      notes: ['stated without counts: it can fail a criterion, never satisfy one'],
    }),
  ];
}

type ScoresTest = Extract<TestResult, { kind: 'scores' }>;

function measureScores(test: ScoresTest): Measurement[] {
  const sample = sortedScores(test.members, test.nonMembers);
  const make = maker(test);
  const counts: Record<string, number> = { members: sample.members.length, nonMembers: sample.nonMembers.length };
  if (test.duplicateRecords !== undefined) counts.duplicateRecords = test.duplicateRecords;
  const declared = test.duplicatesDeclared ? [`duplicates declared ${test.duplicatesDeclared}`] : [];
  const baseline = test.baseline ? auc(sortedScores(test.baseline.members, test.baseline.nonMembers), CONFIDENCE) : undefined;
  const comparable = baseline === undefined ? {} : { comparable: baseline.lower <= 0.5 && baseline.upper >= 0.5 };
  const { variance: _variance, method, ...area } = auc(sample, CONFIDENCE);
  const measurements = [make('roc.auc', { ...area, method, counts, curve: logCurve(sample), ...comparable, notes: declared })];
  measurements.push(...truePositiveRates(sample, make, counts, comparable, declared));
  if (baseline) {
    const { variance: _unused, method: baselineMethod, ...baselineArea } = baseline;
    measurements.push(
      make('baseline.auc', { ...baselineArea, method: baselineMethod, counts, ...comparable, notes: ['scores of a baseline that never saw the model'] }),
    );
  }
  return measurements;
}

function truePositiveRates(
  sample: ScoreSample,
  make: Maker,
  counts: Record<string, number>,
  comparable: { comparable?: boolean },
  declared: string[],
): Measurement[] {
  return operatingPoints(sample, FALSE_POSITIVE_LIMITS).map((point, index) =>
    make('roc.tpr', {
      falsePositiveLimit: FALSE_POSITIVE_LIMITS[index] as number,
      estimate: point.truePositives / sample.members.length,
      ...clopperPearson(point.truePositives, sample.members.length, CONFIDENCE),
      method: 'clopper-pearson',
      counts: { ...counts, truePositives: point.truePositives, falsePositives: point.falsePositives },
      ...comparable,
      notes: [...achievedRate(point.falsePositives, sample.nonMembers.length), ...declared],
    }),
  );
}

function achievedRate(falsePositives: number, nonMembers: number): string[] {
  const upper = clopperPearsonUpper(falsePositives, nonMembers, CONFIDENCE);
  return [`achieved false-positive rate ${falsePositives}/${nonMembers}, upper 95% bound ${(100 * upper).toPrecision(3)}%`];
}

type Filled = Pick<Measurement, 'estimate' | 'lower' | 'upper' | 'method' | 'counts' | 'notes'> & Partial<Measurement>;
type Maker = (name: MeasureName, filled: Filled) => Measurement;

function maker(test: TestResult): Maker {
  return (name, filled) => {
    const { path, sha256: _digest, at } = test.source;
    const key = [name, filled.falsePositiveLimit ?? '', test.attackClass, test.technique, test.surface, test.probe, test.detector ?? '', path, at];
    return {
      id: `M-${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 10)}`,
      measure: name,
      attackClass: test.attackClass,
      technique: test.technique,
      surface: test.surface,
      probe: test.probe,
      ...(test.detector ? { detector: test.detector } : {}),
      ...(test.tool ? { tool: test.tool } : {}),
      ...(test.collected ? { collected: test.collected } : {}),
      confidence: CONFIDENCE,
      source: [test.source],
      ...filled,
    };
  };
}
