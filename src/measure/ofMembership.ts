import { createHash } from 'node:crypto';
import type { TestFor } from '../evidence/observation.ts';
import type { ScorePair, ThresholdOrigin } from '../evidence/observations/tests.ts';
import { maxAdvantages, positivePredictiveValue } from '../statistics/advantage.ts';
import { clopperPearson, clopperPearsonUpper } from '../statistics/binomial.ts';
import { unpairedDifference } from '../statistics/difference.ts';
import { exposureFromRank, exposureFromSample } from '../statistics/exposure.ts';
import { gaussianEpsilon, muAtThreshold, presetCounts } from '../statistics/gaussian.ts';
import { lowRate, operatingPointBounds, rateResolution } from '../statistics/lowRate.ts';
import {
  countsAt,
  epsilonAtThreshold,
  oneRunEpsilon,
  type PrivacyBudget,
  type ThresholdCounts,
  tprCap,
} from '../statistics/privacy.ts';
import {
  type Auc,
  auc,
  bestThreshold,
  logCurve,
  operatingPoints,
  type ScoreSample,
  sortedScores,
} from '../statistics/roc.ts';
import type { Counts } from './counts.ts';
import {
  type BaselineFacts,
  CONFIDENCE,
  type Maker,
  type MeasurementDetail,
  type MeasurementOf,
  maker,
} from './measurement.ts';
import { measureTest } from './ofTrials.ts';

/* Membership inference, and nothing else. */

/** The false-positive limits at which membership tests are reported (Carlini et al. 2022). */
const FALSE_POSITIVE_LIMITS = [0.001, 0.01] as const;
/** Shares of members among those an attacker meets; one half would flatter it (Jebreel et al., Revisiting LiRA). */
const PRIORS = [0.01, 0.1] as const;

type MembershipTest = TestFor<'membership'>;
type Make = Maker<'membership'>;
type Measured = MeasurementOf<'membership'>;
type Shared = Pick<MeasurementDetail, 'baseline' | 'scores' | 'constant' | 'duplicatesDeclared'>;
type RecordCounts = Extract<Counts, { of: 'records' }>;

/** What numbers are held against while they are computed. */
export interface MeasureOptions {
  /** The declared budget, whose delta and cap membership tests are held against. */
  privacy?: PrivacyBudget;
  /** From how many bits a canary counts as exposed. */
  exposureLimit?: number;
  /** How many tests accuse the declared budget; they share one error. */
  accusing?: number;
}

export function measureMembership(
  test: MembershipTest,
  { privacy, exposureLimit, accusing = 1 }: MeasureOptions,
): Measured[] {
  switch (test.kind) {
    case 'scores':
      return ofScores(test, privacy, accusing);
    case 'operating-point':
      return ofOperatingPoint(test, privacy, accusing);
    case 'one-run':
      return [ofOneRun(test, privacy, accusing)];
    case 'canaries':
      return ofCanaries(test, exposureLimit);
    default:
      return measureTest(test, maker<'membership'>(test));
  }
}

/** What one threshold did, and what is said of it wherever it is used. */
interface Reading extends ThresholdCounts {
  limit: number;
  origin: ThresholdOrigin | undefined;
  counts: Partial<RecordCounts>;
  shared: Shared;
  notes: string[];
}

function ofScores(
  test: Extract<MembershipTest, { kind: 'scores' }>,
  declaredBudget: PrivacyBudget | undefined,
  tests: number,
): Measured[] {
  // A budget bounds what one copy of a record gives away; that many copies give away more contradicts nothing.
  const severalCopies = (test.copies ?? 1) > 1;
  const privacy = severalCopies ? undefined : declaredBudget;
  const make = maker<'membership'>(test);
  const sample = sampleOf(test, Math.max);
  const reversed = test.clusters ? sampleOf(test, Math.min) : sample;
  const parts = test.clusters && sortedScores(test.members, test.nonMembers);
  const byPart = (of: (records: ScoreSample) => number[]) => (parts ? { byPart: Math.max(...of(parts)) } : {});
  const calibration = test.calibration && sortedScores(test.calibration.members, test.calibration.nonMembers);
  const evaluation = calibration ? (parts ?? sortedScores(test.members, test.nonMembers)) : sample;
  const baseline = test.baseline && baselineFacts(test.baseline, test);
  const shared: Shared = {
    scores: digestOf(sample),
    ...(rateResolution(sample, FALSE_POSITIVE_LIMITS[0]).constant ? { constant: true } : {}),
    ...(baseline ? { baseline: baseline.facts } : {}),
    ...(test.duplicatesDeclared ? { duplicatesDeclared: test.duplicatesDeclared } : {}),
  };
  const declared = [
    ...(test.duplicatesDeclared ? [`duplicates declared ${test.duplicatesDeclared}`] : []),
    ...(severalCopies
      ? [`records were put into training up to ${test.copies} times; a budget of one copy is not held against them`]
      : []),
  ];
  const counts: RecordCounts = {
    of: 'records',
    members: sample.members.length,
    nonMembers: sample.nonMembers.length,
    ...(test.clusters ? { memberScores: test.members.length, nonMemberScores: test.nonMembers.length } : {}),
    ...(calibration
      ? { calibrationMembers: calibration.members.length, calibrationNonMembers: calibration.nonMembers.length }
      : {}),
    ...(test.duplicateRecords === undefined ? {} : { duplicateRecords: test.duplicateRecords }),
  };
  const origin: ThresholdOrigin = calibration ? 'calibration' : 'same-records';
  const points = operatingPoints(calibration ?? sample, FALSE_POSITIVE_LIMITS);
  const readings = points.map(
    (point, index): Reading => ({
      ...countsAt(point.threshold, evaluation.members, evaluation.nonMembers),
      limit: FALSE_POSITIVE_LIMITS[index] as number,
      origin,
      counts,
      shared,
      notes: declared,
    }),
  );
  return [
    make('roc.auc', {
      ...bothWays(area(sample), area(reversed)),
      ...byPart((records) => [area(records).estimate, 1 - area(records).estimate]),
      counts,
      curve: logCurve(sample),
      ...shared,
      resolution: rateResolution(sample, FALSE_POSITIVE_LIMITS[1]),
      notes: declared,
    }),
    ...FALSE_POSITIVE_LIMITS.map((limit) => ({
      ...ofRate({ sample, reversed }, limit, { counts, shared, notes: declared }, make, privacy),
      ...byPart((records) => [lowRate(records, limit).estimate, lowRate(records, limit, 'low').estimate]),
    })),
    ...readings.flatMap((reading) => predictiveValues(reading, make)),
    ofAdvantage(evaluation, calibration, make, { counts, ...shared }),
    ...(severalCopies ? [] : ofPrivacy(sample, make, privacy, tests, shared)),
    ...(test.groups ?? []).flatMap((group) => ofGroup(group, make, privacy, shared)),
    ...(baseline
      ? [
          make('baseline.auc', {
            ...area(baseline.area),
            counts,
            ...shared,
            notes: ['scores of a baseline that never saw the model'],
          }),
        ]
      : []),
  ];
}

/**
 * Scores sorted, with one score for whatever belongs together: a person is recognised, or wrongly accused, when one of the
 * records is. An attacker who reads scores the other way round takes the lowest of them.
 */
function sampleOf(
  { members, nonMembers, clusters, calibration }: Extract<MembershipTest, { kind: 'scores' }>,
  strongest: (a: number, b: number) => number,
): ScoreSample {
  // No threshold of these numbers is chosen by what it shows, so records set aside for choosing one count like the rest.
  if (!clusters)
    return calibration
      ? sortedScores(joined(members, calibration.members), joined(nonMembers, calibration.nonMembers))
      : sortedScores(members, nonMembers);
  const together = (scores: Float64Array, numbers: Float64Array): Float64Array => {
    const best = new Map<number, number>();
    for (let i = 0; i < scores.length; i++) {
      const number = numbers[i] as number;
      const score = scores[i] as number;
      const before = best.get(number);
      best.set(number, before === undefined ? score : strongest(before, score));
    }
    return Float64Array.from(best.values());
  };
  return sortedScores(together(members, clusters.members), together(nonMembers, clusters.nonMembers));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** An area, and the one of an attacker who reads the scores the other way round. */
function bothWays<A extends { estimate: number; lower: number; upper: number }>(found: A, reversed: A = found) {
  return {
    ...found,
    turned: { estimate: 1 - reversed.estimate, lower: 1 - reversed.upper, upper: 1 - reversed.lower },
  };
}

/** Each of the two directions of scores may fail by itself; together they err as often as one bound would. */
const FAILING = 1 - (1 - CONFIDENCE) / 2;

/** The rate of members recognised at a false-positive limit, in both directions of the scores. */
function ofRate(
  { sample, reversed = sample }: { sample: ScoreSample; reversed?: ScoreSample },
  limit: number,
  { counts, shared, notes }: Pick<Reading, 'counts' | 'shared' | 'notes'>,
  make: Make,
  privacy: PrivacyBudget | undefined,
  group?: string,
): Measured {
  const { truePositives, falsePositives, ...numbers } = lowRate(sample, limit, 'high', CONFIDENCE, FAILING);
  const nonMembers = sample.nonMembers.length;
  return make('roc.tpr', {
    falsePositiveLimit: limit,
    ...numbers,
    turned: lowRate(reversed, limit, 'low', CONFIDENCE, FAILING),
    method: 'order-statistic',
    resolvable: nonMembers * limit >= 1 - 1e-9,
    resolution: rateResolution(sample, limit),
    counts: {
      of: 'records',
      ...counts,
      members: sample.members.length,
      nonMembers,
      truePositives,
      falsePositives,
    },
    ...shared,
    ...(group === undefined ? {} : { group }),
    ...(privacy ? { cap: tprCap(limit, privacy) } : {}),
    notes: [achievedRate(falsePositives, nonMembers), ...notes],
  });
}

/**
 * What a baseline tells. One that is constant, or the attack's own score in the same or the other order, could not have
 * seen a difference, or is no baseline.
 */
function baselineFacts(pair: ScorePair, attack: ScorePair): { area: Auc; facts: BaselineFacts } {
  const sample = sortedScores(pair.members, pair.nonMembers);
  const found = auc(sample, CONFIDENCE);
  const values = new Set<number>();
  for (const scores of [sample.members, sample.nonMembers])
    for (let i = 0; i < scores.length && values.size < LEAST_VALUES; i++) values.add(scores[i] as number);
  const copy = isMonotone(pair.members, attack.members) && isMonotone(pair.nonMembers, attack.nonMembers);
  const { estimate, lower, upper } = found;
  return { area: found, facts: { estimate, lower, upper, sees: values.size >= LEAST_VALUES, copy } };
}

/** A baseline of fewer distinct values tells records apart no better than a coin with as many sides. */
const LEAST_VALUES = 2;

/** So many records are looked at before all are: two columns that have nothing to do with each other differ early. */
const FIRST_RECORDS = 2000;

/** Whether two columns order their records the same way, or exactly the other way round: one is made of the other. */
function isMonotone(one: Float64Array, other: Float64Array): boolean {
  if (one.length !== other.length || one.length < 3) return false;
  const first = Math.min(one.length, FIRST_RECORDS);
  if (!ordersAlike(one.subarray(0, first), other.subarray(0, first))) return false;
  return first === one.length || ordersAlike(one, other);
}

function ordersAlike(one: Float64Array, other: Float64Array): boolean {
  const order = Uint32Array.from({ length: one.length }, (_, i) => i).sort(
    (a, b) => (other[a] as number) - (other[b] as number),
  );
  let rising = true;
  let falling = true;
  let moves = false;
  for (let i = 1; i < order.length && (rising || falling); i++) {
    const [before, after] = [order[i - 1] as number, order[i] as number];
    const step = (one[after] as number) - (one[before] as number);
    if (step === 0) continue;
    if (other[after] === other[before]) return false;
    moves = true;
    if (step < 0) rising = false;
    else falling = false;
  }
  return moves && (rising || falling);
}

/** SHA-256 over both sorted columns, hex, as little-endian doubles. */
function digestOf({ members, nonMembers }: ScoreSample): string {
  const hash = createHash('sha256');
  for (const column of [members, nonMembers])
    hash.update(String(column.length)).update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest('hex');
}

/** An area with its interval and variance; a variance that does not exist is left out. */
function area(from: ScoreSample | ReturnType<typeof auc>) {
  const { variance, ...rest } = 'estimate' in from ? from : auc(from, CONFIDENCE);
  return Number.isFinite(variance) ? { ...rest, variance } : rest;
}

function achievedRate(falsePositives: number, nonMembers: number): string {
  const upper = clopperPearsonUpper(falsePositives, nonMembers, CONFIDENCE);
  return `achieved false-positive rate ${falsePositives}/${nonMembers}, upper 95% bound ${(100 * upper).toPrecision(3)}%`;
}

function originOf(origin: ThresholdOrigin | undefined): string {
  if (origin === 'calibration') return 'threshold chosen on records set aside for it';
  return origin
    ? 'threshold chosen on the records it is scored on'
    : 'nothing says on which records the threshold was chosen';
}

function predictiveValues({ limit, origin, counts, shared, notes, ...reading }: Reading, make: Make): Measured[] {
  return PRIORS.flatMap((prior) => {
    const value = positivePredictiveValue(reading, prior, CONFIDENCE);
    if (!value) return [];
    return [
      make('roc.ppv', {
        falsePositiveLimit: limit,
        prior,
        ...value,
        method: 'clopper-pearson-combined',
        counts: {
          of: 'records',
          ...counts,
          members: reading.members,
          nonMembers: reading.nonMembers,
          truePositives: reading.truePositives,
          falsePositives: reading.falsePositives,
        },
        ...shared,
        ...(origin ? { thresholdFrom: origin } : {}),
        notes: [originOf(origin), ...notes],
      }),
    ];
  });
}

function ofAdvantage(
  sample: ScoreSample,
  calibration: ScoreSample | undefined,
  make: Make,
  fields: Shared & { counts: RecordCounts },
): Measured {
  if (!calibration) {
    const { asScored, turned } = maxAdvantages(sample, { confidence: CONFIDENCE });
    return make('roc.advantage', {
      ...asScored,
      turned,
      method: 'bootstrap-band',
      ...fields,
      thresholdFrom: 'same-records',
      notes: ['optimistic for the attacker: its best threshold was chosen on the records it is scored on'],
    });
  }
  const { truePositives, members, falsePositives, nonMembers } = countsAt(
    bestThreshold(calibration),
    sample.members,
    sample.nonMembers,
  );
  return make('roc.advantage', {
    ...unpairedDifference({ k: truePositives, n: members }, { k: falsePositives, n: nonMembers }, CONFIDENCE),
    method: 'newcombe-unpaired',
    ...fields,
    counts: { ...fields.counts, truePositives, falsePositives },
    thresholdFrom: 'calibration',
    notes: [originOf('calibration')],
  });
}

/**
 * The privacy loss that preset thresholds show, in both directions, by the bound that assumes nothing of the mechanism and
 * by the one for Gaussian mechanisms. No threshold is chosen by what it shows, so every record counts.
 * @param tests how many tests accuse the same declaration; `sharedLower` holds for all of them together
 */
function ofPrivacy(
  sample: ScoreSample,
  make: Make,
  privacy: PrivacyBudget | undefined,
  tests: number,
  shared: Shared,
): Measured[] {
  const tried = presetCounts(sample);
  if (tried.length === 0) return [];
  const delta = privacy?.delta ?? 0;
  const each = (confidence: number): number => 1 - (1 - confidence) / tried.length;
  const largest = (confidence: number) =>
    tried
      .map((counts) => ({ counts, epsilon: epsilonAtThreshold(counts, delta, each(confidence)) }))
      .reduce((a, b) => (b.epsilon > a.epsilon ? b : a));
  const { counts, epsilon } = largest(CONFIDENCE);
  const sharing = 1 - (1 - CONFIDENCE) / tests;
  const muAt = (confidence: number): number => Math.max(...tried.map((one) => muAtThreshold(one, each(confidence))));
  const epsilonOf = (mu: number): number | null => (delta > 0 ? gaussianEpsilon(mu, delta) : null);
  const mu = muAt(CONFIDENCE);
  return [
    make('privacy.epsilonLower', {
      estimate: epsilon,
      lower: epsilon,
      upper: null,
      method: 'preset-thresholds',
      counts: { of: 'records', ...counts },
      delta,
      gaussian: { mu, epsilon: epsilonOf(mu), sharedEpsilon: epsilonOf(muAt(sharing)) },
      sharedLower: largest(sharing).epsilon,
      ...shared,
      notes: [`the largest over ${tried.length} preset thresholds, the error shared`, `for delta = ${delta}`],
    }),
  ];
}

/**
 * A group at its own thresholds, as an attacker who knows the group would set them: of its members, the share recognised;
 * and the area over its own members and non-members.
 */
function ofGroup(
  { group, members, nonMembers }: ScorePair & { group: string },
  make: Make,
  privacy: PrivacyBudget | undefined,
  { scores: _scores, ...shared }: Shared,
): Measured[] {
  if (members.length === 0 || nonMembers.length === 0) return [];
  const sample = sortedScores(members, nonMembers);
  const own = { of: 'records' as const, members: members.length, nonMembers: nonMembers.length };
  return [
    make('roc.auc', { ...bothWays(area(sample)), counts: own, group, ...shared, notes: [] }),
    ...FALSE_POSITIVE_LIMITS.map((limit) =>
      ofRate({ sample }, limit, { counts: own, shared, notes: ["at the group's own threshold"] }, make, privacy, group),
    ),
  ];
}

function ofOperatingPoint(
  test: Extract<MembershipTest, { kind: 'operating-point' }>,
  privacy: PrivacyBudget | undefined,
  tests: number,
): Measured[] {
  const make = maker<'membership'>(test);
  const { truePositives, falsePositives, members, nonMembers, threshold: origin, falsePositiveLimit: limit } = test;
  const point: ThresholdCounts = { truePositives, falsePositives, members, nonMembers };
  const { lower, upper, reachesRate } = operatingPointBounds(point, limit, CONFIDENCE);
  const reading: Reading = { ...point, limit, origin, counts: {}, shared: {}, notes: [] };
  const delta = privacy?.delta ?? 0;
  const epsilon = epsilonAtThreshold(point, delta, CONFIDENCE);
  return [
    make('roc.tpr', {
      falsePositiveLimit: limit,
      estimate: truePositives / members,
      lower,
      upper,
      method: 'operating-point',
      resolvable: reachesRate,
      counts: { of: 'records', ...point },
      ...(origin ? { thresholdFrom: origin } : {}),
      ...(privacy ? { cap: tprCap(limit, privacy) } : {}),
      notes: [achievedRate(falsePositives, nonMembers), originOf(origin)],
    }),
    ...predictiveValues(reading, make),
    // A threshold tuned on these records would make the bound on epsilon too large.
    ...(origin === 'calibration'
      ? [
          make('privacy.epsilonLower', {
            estimate: epsilon,
            lower: epsilon,
            upper: null,
            method: 'clopper-pearson-threshold',
            counts: { of: 'records', ...point },
            delta,
            sharedLower: epsilonAtThreshold(point, delta, 1 - (1 - CONFIDENCE) / tests),
            thresholdFrom: 'calibration',
            notes: [originOf(origin), `for delta = ${delta}`],
          }),
        ]
      : []),
  ];
}

function ofOneRun(
  test: Extract<MembershipTest, { kind: 'one-run' }>,
  privacy: PrivacyBudget | undefined,
  tests: number,
): Measured {
  const { canaries, guesses, correct, fixedBeforehand = false } = test;
  const delta = privacy?.delta ?? 0;
  // A count of guesses that was picked among all that were possible takes its share of the error.
  const tried = fixedBeforehand ? 1 : canaries;
  const at = (confidence: number): number =>
    oneRunEpsilon({ canaries, guesses, correct }, delta, 1 - (1 - confidence) / tried);
  return maker<'membership'>(test)('privacy.epsilonLower', {
    estimate: at(CONFIDENCE),
    lower: at(CONFIDENCE),
    upper: null,
    method: 'one-run',
    counts: { of: 'guesses', canaries, guesses, correct },
    delta,
    sharedLower: at(1 - (1 - CONFIDENCE) / tests),
    fixedBeforehand,
    notes: [
      `${correct} of ${guesses} guesses right about ${canaries} canaries, each put into training by a fair coin`,
      fixedBeforehand
        ? 'the number of guesses was fixed beforehand'
        : `the number of guesses was not fixed beforehand: corrected for ${canaries} possible ones`,
      `for delta = ${delta}`,
    ],
  });
}

function ofCanaries(
  test: Extract<MembershipTest, { kind: 'canaries' }>,
  exposureLimit: number | undefined,
): Measured[] {
  const make = maker<'membership'>(test);
  const { candidates } = test;
  const measured = test.canaries.flatMap((canary) => {
    if (canary.rank !== undefined) return [{ id: canary.id, ...exposureFromRank(canary.rank, candidates) }];
    if (canary.sampled)
      return [
        { id: canary.id, ...exposureFromSample(canary.sampled.above, canary.sampled.drawn, candidates, CONFIDENCE) },
      ];
    return [];
  });
  const extrapolated = test.canaries.flatMap((canary) =>
    canary.extrapolated === undefined ? [] : [{ id: canary.id, estimate: canary.extrapolated }],
  );
  const largest = <T extends { estimate: number }>(list: readonly T[]): T =>
    list.reduce((a, b) => (b.estimate > a.estimate ? b : a));
  const results: Measured[] = [];
  if (measured.length > 0) {
    const sorted = measured.map(({ estimate }) => estimate).sort((a, b) => a - b);
    const sampled = test.canaries.filter((canary) => canary.rank === undefined && canary.sampled).length;
    results.push(
      make('exposure', {
        estimate: largest(measured).estimate,
        lower: Math.max(...measured.map(({ lower }) => lower)),
        upper: Math.max(...measured.map(({ upper }) => upper)),
        method: sampled === 0 ? 'exact-rank' : 'sampled-rank',
        counts: { of: 'canaries', n: measured.length, candidates, ...(sampled > 0 ? { sampled } : {}) },
        notes: [
          `the canary that stands out most, ${largest(measured).id}; median ${(sorted[Math.floor((sorted.length - 1) / 2)] as number).toFixed(2)} bits, most possible ${Math.log2(candidates).toFixed(2)}`,
        ],
      }),
    );
  }
  if (measured.length > 0 && exposureLimit !== undefined) {
    const k = measured.filter(({ upper }) => upper > exposureLimit).length;
    const n = measured.length;
    results.push(
      make('canary.share', {
        estimate: k / n,
        ...clopperPearson(k, n, CONFIDENCE),
        upperOneSided: clopperPearsonUpper(k, n, CONFIDENCE),
        method: 'clopper-pearson',
        counts: { of: 'canaries', k, n, candidates },
        notes: [`canaries that may stand out by more than ${exposureLimit} bits`],
      }),
    );
  }
  if (extrapolated.length > 0)
    results.push(
      make('exposure', {
        estimate: largest(extrapolated).estimate,
        lower: null,
        upper: null,
        method: 'extrapolated',
        counts: { of: 'nothing' },
        notes: [
          `extrapolated from a fitted distribution for ${extrapolated.length} canaries, not counted: it can fail a criterion, never satisfy one`,
        ],
      }),
    );
  return results;
}
