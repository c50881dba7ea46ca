import type { TestFor } from '../evidence/observation.ts';
import type { ScorePair, ThresholdOrigin } from '../evidence/observations/tests.ts';
import { maxAdvantage, positivePredictiveValue } from '../statistics/advantage.ts';
import { clopperPearson, clopperPearsonUpper } from '../statistics/binomial.ts';
import { unpairedDifference } from '../statistics/difference.ts';
import { exposureFromRank, exposureFromSample } from '../statistics/exposure.ts';
import {
  chooseThreshold,
  countsAt,
  epsilonAtThreshold,
  oneRunEpsilon,
  type PrivacyBudget,
  splitScores,
  type ThresholdCounts,
  tprCap,
} from '../statistics/privacy.ts';
import { auc, bestThreshold, logCurve, operatingPoints, type ScoreSample, sortedScores } from '../statistics/roc.ts';
import { CONFIDENCE, type Maker, type MeasurementDetail, type MeasurementOf, maker } from './measurement.ts';
import { measureTest } from './ofTrials.ts';

/* Membership inference, and nothing else. */

/** The false-positive limits at which membership tests are reported (Carlini et al. 2022). */
const FALSE_POSITIVE_LIMITS = [0.001, 0.01] as const;
/** Shares of members among those an attacker meets; one half would flatter it (Jebreel et al., Revisiting LiRA). */
const PRIORS = [0.01, 0.1] as const;

type MembershipTest = TestFor<'membership'>;
type Make = Maker<'membership'>;
type Measured = MeasurementOf<'membership'>;
type Shared = Pick<MeasurementDetail, 'comparable'>;

export function measureMembership(test: MembershipTest, privacy: PrivacyBudget | undefined): Measured[] {
  switch (test.kind) {
    case 'scores':
      return ofScores(test, privacy);
    case 'operating-point':
      return ofOperatingPoint(test, privacy);
    case 'one-run':
      return [ofOneRun(test, privacy)];
    case 'canaries':
      return ofCanaries(test);
    default:
      return measureTest(test, maker<'membership'>(test));
  }
}

/** What one threshold did, and what is said of it wherever it is used. */
interface Reading extends ThresholdCounts {
  limit: number;
  origin: ThresholdOrigin | undefined;
  counts: Record<string, number>;
  shared: Shared;
  notes: string[];
}

function ofScores(test: Extract<MembershipTest, { kind: 'scores' }>, privacy: PrivacyBudget | undefined): Measured[] {
  const make = maker<'membership'>(test);
  const sample = sortedScores(test.members, test.nonMembers);
  const calibration = test.calibration && sortedScores(test.calibration.members, test.calibration.nonMembers);
  const baseline = test.baseline && auc(sortedScores(test.baseline.members, test.baseline.nonMembers), CONFIDENCE);
  const shared: Shared = baseline ? { comparable: baseline.lower <= 0.5 && baseline.upper >= 0.5 } : {};
  const declared = test.duplicatesDeclared ? [`duplicates declared ${test.duplicatesDeclared}`] : [];
  const counts: Record<string, number> = {
    members: sample.members.length,
    nonMembers: sample.nonMembers.length,
    ...(calibration
      ? { calibrationMembers: calibration.members.length, calibrationNonMembers: calibration.nonMembers.length }
      : {}),
    ...(test.duplicateRecords === undefined ? {} : { duplicateRecords: test.duplicateRecords }),
  };
  const origin: ThresholdOrigin = calibration ? 'calibration' : 'same-records';
  const points = operatingPoints(calibration ?? sample, FALSE_POSITIVE_LIMITS);
  const readings = points.map((point, index): Reading & { threshold: number } => ({
    ...countsAt(point.threshold, sample.members, sample.nonMembers),
    threshold: point.threshold,
    limit: FALSE_POSITIVE_LIMITS[index] as number,
    origin,
    counts,
    shared,
    notes: declared,
  }));
  return [
    make('roc.auc', { ...area(sample), counts, curve: logCurve(sample), ...shared, notes: declared }),
    ...readings.map((reading) => truePositiveRate(reading, make, privacy)),
    ...readings.flatMap((reading) => predictiveValues(reading, make)),
    ofAdvantage(sample, calibration, make, { counts, ...shared }),
    ...fromSplit(test, calibration, make, privacy, shared),
    ...(test.groups ?? []).flatMap((group) => ofGroup(group, readings, make, privacy)),
    ...(baseline
      ? [
          make('baseline.auc', {
            ...area(baseline),
            counts,
            ...shared,
            notes: ['scores of a baseline that never saw the model'],
          }),
        ]
      : []),
  ];
}

/** An area with its interval and variance; a variance that does not exist is left out. */
function area(from: ScoreSample | ReturnType<typeof auc>) {
  const { variance, ...rest } = 'estimate' in from ? from : auc(from, CONFIDENCE);
  return Number.isFinite(variance) ? { ...rest, variance } : rest;
}

function truePositiveRate(reading: Reading, make: Make, privacy: PrivacyBudget | undefined, group?: string): Measured {
  const { truePositives, members, falsePositives, nonMembers, limit, origin, counts, shared, notes } = reading;
  return make('roc.tpr', {
    falsePositiveLimit: limit,
    estimate: truePositives / members,
    ...clopperPearson(truePositives, members, CONFIDENCE),
    method: 'clopper-pearson',
    counts: { ...counts, members, nonMembers, truePositives, falsePositives },
    ...shared,
    ...(group === undefined ? {} : { group }),
    ...(origin ? { thresholdFrom: origin } : {}),
    ...(privacy ? { cap: tprCap(limit, privacy) } : {}),
    notes: [achievedRate(falsePositives, nonMembers), originOf(origin), ...notes],
  });
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
  fields: Shared & Pick<MeasurementDetail, 'counts'>,
): Measured {
  if (!calibration)
    return make('roc.advantage', {
      ...maxAdvantage(sample, { confidence: CONFIDENCE }),
      method: 'bootstrap-band',
      ...fields,
      thresholdFrom: 'same-records',
      notes: ['optimistic for the attacker: its best threshold was chosen on the records it is scored on'],
    });
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

/** The privacy loss shown by one threshold, chosen on records that are not counted. */
function fromSplit(
  test: Extract<MembershipTest, { kind: 'scores' }>,
  setAside: ScoreSample | undefined,
  make: Make,
  privacy: PrivacyBudget | undefined,
  shared: Shared,
): Measured[] {
  const parts = setAside
    ? { calibration: setAside, evaluation: { members: test.members, nonMembers: test.nonMembers } }
    : splitScores(test.members, test.nonMembers);
  if (!parts) return [];
  const { calibration, evaluation } = parts;
  const threshold = chooseThreshold(
    calibration,
    { members: evaluation.members.length, nonMembers: evaluation.nonMembers.length },
    privacy?.delta,
  );
  const how = setAside
    ? originOf('calibration')
    : 'threshold chosen on one record in five, drawn by a seeded generator; the others are counted';
  return [ofThreshold(countsAt(threshold, evaluation.members, evaluation.nonMembers), make, privacy, [how], shared)];
}

function ofThreshold(
  counts: ThresholdCounts,
  make: Make,
  privacy: PrivacyBudget | undefined,
  notes: string[],
  shared: Shared = {},
): Measured {
  const delta = privacy?.delta ?? 0;
  const epsilon = epsilonAtThreshold(counts, delta, CONFIDENCE);
  return make('privacy.epsilonLower', {
    estimate: epsilon,
    lower: epsilon,
    upper: null,
    method: 'clopper-pearson-threshold',
    counts: { ...counts },
    delta,
    ...shared,
    thresholdFrom: 'calibration',
    notes: [...notes, `for delta = ${delta}`],
  });
}

/**
 * A group at the thresholds of the whole test, as an attacker would have them: of its members, the share recognised; and
 * the area over its own members and non-members.
 */
function ofGroup(
  group: ScorePair & { group: string },
  readings: readonly (Reading & { threshold: number })[],
  make: Make,
  privacy: PrivacyBudget | undefined,
): Measured[] {
  const own = { members: group.members.length, nonMembers: group.nonMembers.length };
  const shared = readings[0]?.shared ?? {};
  const areas =
    own.members > 0 && own.nonMembers > 0
      ? [
          make('roc.auc', {
            ...area(sortedScores(group.members, group.nonMembers)),
            counts: own,
            group: group.group,
            ...shared,
            notes: [],
          }),
        ]
      : [];
  if (own.members === 0) return areas;
  return [
    ...areas,
    ...readings.map((reading) => {
      const { truePositives } = countsAt(reading.threshold, group.members, group.nonMembers);
      const inGroup = {
        ...reading,
        truePositives,
        members: own.members,
        notes: [...reading.notes, 'threshold and false-positive rate of the whole test'],
      };
      return truePositiveRate(inGroup, make, privacy, group.group);
    }),
  ];
}

function ofOperatingPoint(
  test: Extract<MembershipTest, { kind: 'operating-point' }>,
  privacy: PrivacyBudget | undefined,
): Measured[] {
  const make = maker<'membership'>(test);
  const { truePositives, falsePositives, members, nonMembers, threshold: origin } = test;
  const reading: Reading = {
    truePositives,
    falsePositives,
    members,
    nonMembers,
    limit: test.falsePositiveLimit,
    origin,
    counts: {},
    shared: {},
    notes: [],
  };
  // A threshold tuned on these records would make the bound on epsilon too large.
  const loss =
    origin === 'calibration'
      ? [ofThreshold({ truePositives, falsePositives, members, nonMembers }, make, privacy, [originOf(origin)])]
      : [];
  return [truePositiveRate(reading, make, privacy), ...predictiveValues(reading, make), ...loss];
}

function ofOneRun(test: Extract<MembershipTest, { kind: 'one-run' }>, privacy: PrivacyBudget | undefined): Measured {
  const { canaries, guesses, correct } = test;
  const delta = privacy?.delta ?? 0;
  const epsilon = oneRunEpsilon({ canaries, guesses, correct }, delta, CONFIDENCE);
  return maker<'membership'>(test)('privacy.epsilonLower', {
    estimate: epsilon,
    lower: epsilon,
    upper: null,
    method: 'one-run',
    counts: { canaries, guesses, correct },
    delta,
    notes: [
      `${correct} of ${guesses} guesses right about ${canaries} canaries, each put into training by a fair coin`,
      `for delta = ${delta}`,
    ],
  });
}

function ofCanaries(test: Extract<MembershipTest, { kind: 'canaries' }>): Measured[] {
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
        counts: { n: measured.length, candidates, ...(sampled > 0 ? { sampled } : {}) },
        notes: [
          `the canary that stands out most, ${largest(measured).id}; median ${(sorted[Math.floor((sorted.length - 1) / 2)] as number).toFixed(2)} bits, most possible ${Math.log2(candidates).toFixed(2)}`,
        ],
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
        counts: {},
        notes: [
          `extrapolated from a fitted distribution for ${extrapolated.length} canaries, not counted: it can fail a criterion, never satisfy one`,
        ],
      }),
    );
  return results;
}
