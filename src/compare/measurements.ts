import type { AssessedMeasurement, Assessment } from '../assess/assessment.ts';
import type { Reason } from '../assess/outcome.ts';
import { sampleSize } from '../measure/counts.ts';
import { MEASURES, type MeasureName } from '../measure/measures.ts';
import {
  areaEitherWay,
  type Bounded,
  boundedDifference,
  differenceShown,
  rateAt,
  rateDifference,
  rateDifferenceShown,
} from '../statistics/change.ts';
import { type Difference, pairedDifference, unpairedDifference } from '../statistics/difference.ts';
import type { AttackClass, StatedSurface } from '../terms.ts';
import { COMPARISON_ERROR } from './error.ts';

/** Why two numbers say nothing of a change, whatever their difference. */
export type NotCompared =
  | 'no-interval'
  | 'other-parameters'
  | 'target'
  | 'cannot-show'
  | 'comparison'
  | 'no-power'
  | 'incomplete'
  | 'contradictory';

export type NumberChange = 'better' | 'worse' | 'no-evidence';

/** One number in two assessments. */
export interface MeasurementChange {
  attackClass: AttackClass;
  technique: string;
  surface: StatedSurface;
  probe: string;
  measure: MeasureName;
  target?: string;
  detector?: string;
  falsePositiveLimit?: number;
  group?: string;
  change: NumberChange;
  /** New minus old, in the measure's own unit; more is more leakage. Null ends where the evidence gives no interval. */
  difference: { estimate: number; lower: number | null; upper: number | null };
  /** The confidence of this interval, the error shared over all comparisons. */
  confidence: number;
  /** The difference that these samples would have shown in 80% of cases, where they are compared. */
  couldShow?: number;
  /** Why nothing is said of a change although the numbers differ, where that is so. */
  because?: NotCompared;
  old: { id: string; estimate: number; sample: number; collected?: string };
  new: { id: string; estimate: number; sample: number; collected?: string };
}

/** A test that only one of the two assessments has. */
interface OnlyIn {
  attackClass: AttackClass;
  technique: string;
  surface: StatedSurface;
  probe: string;
  measure: MeasureName;
  target?: string;
  group?: string;
}

export interface MeasurementChanges {
  measurements: MeasurementChange[];
  onlyOld: OnlyIn[];
  onlyNew: OnlyIn[];
}

/** Measures that say something of their own; the others follow from the same records, or are of no system. */
const COMPARED: ReadonlySet<MeasureName> = new Set([
  'rate',
  'advantage',
  'roc.auc',
  'roc.tpr',
  'canary.share',
  'reconstruction',
  'extraction',
  'disclosure',
] satisfies MeasureName[]);

/**
 * Every number that both assessments have, by class, technique, surface, probe, target, measure and rate. The error is
 * shared (Bonferroni) over all pairs that have an interval.
 */
export function compareMeasurements(before: Assessment, after: Assessment): MeasurementChanges {
  const old = latest(before.measurements);
  const fresh = latest(after.measurements);
  const pairs = [...fresh].flatMap(([key, b]) => {
    const a = old.get(key);
    return a ? [{ a, b }] : [];
  });
  const exposed = (one: Assessment): unknown => one.profile.parameters['mi-canary-exposure'];
  const sameLimit = exposed(before) === exposed(after);
  const compared = pairs.filter(({ a, b }) => differenceOf(a, b, 0.95, sameLimit) !== undefined).length;
  const confidence = 1 - COMPARISON_ERROR / Math.max(1, compared);
  const missing = (from: ReadonlyMap<string, AssessedMeasurement>, there: ReadonlyMap<string, unknown>): OnlyIn[] =>
    [...from].filter(([key]) => !there.has(key)).map(([, m]) => onlyIn(m));
  return {
    measurements: pairs.map(({ a, b }) => changeOf(a, b, confidence, sameLimit)).sort(inOrder),
    onlyOld: missing(old, fresh).sort(inOrder),
    onlyNew: missing(fresh, old).sort(inOrder),
  };
}

/** What makes two numbers of different assessments the same question. */
function questionOf(m: AssessedMeasurement): string {
  const { attackClass, technique, surface, probe, target, detector, measure, falsePositiveLimit, prior, group } = m;
  return JSON.stringify([
    attackClass,
    technique,
    surface,
    probe,
    target ?? '',
    detector ?? '',
    measure,
    falsePositiveLimit ?? '',
    prior ?? '',
    group ?? '',
  ]);
}

/**
 * One measurement a question: runs put together before single ones, else the latest, else the largest. Nothing that it found
 * chooses it.
 */
function latest(all: readonly AssessedMeasurement[]): Map<string, AssessedMeasurement> {
  const parts = new Set(all.flatMap((m) => m.pooled ?? []));
  const chosen = new Map<string, AssessedMeasurement>();
  for (const m of all) {
    if (!COMPARED.has(m.measure) || parts.has(m.id)) continue;
    const key = questionOf(m);
    const before = chosen.get(key);
    if (!before || newer(m, before) > 0) chosen.set(key, m);
  }
  return chosen;
}

function newer(a: AssessedMeasurement, b: AssessedMeasurement): number {
  return (
    (a.collected ?? '').localeCompare(b.collected ?? '', 'en') ||
    sampleSize(a.counts) - sampleSize(b.counts) ||
    (a.id < b.id ? 1 : -1)
  );
}

function changeOf(
  a: AssessedMeasurement,
  b: AssessedMeasurement,
  confidence: number,
  sameLimit: boolean,
): MeasurementChange {
  const difference = differenceOf(a, b, confidence, sameLimit);
  const direction: NumberChange =
    difference === undefined || (difference.lower <= 0 && difference.upper >= 0)
      ? 'no-evidence'
      : difference.lower > 0
        ? 'worse'
        : 'better';
  const because =
    difference === undefined
      ? isStated(a) || isStated(b) || sameQuestion(a, b, sameLimit)
        ? ('no-interval' as const)
        : ('other-parameters' as const)
      : direction === 'no-evidence'
        ? undefined
        : direction === 'better'
          ? doubtOf(b, BETTER_DOUBTS)
          : doubtOf(b, WORSE_DOUBTS);
  const { attackClass, technique, surface, probe, measure, target, detector, falsePositiveLimit, group } = b;
  const side = (m: AssessedMeasurement) => ({
    id: m.id,
    estimate: m.estimate,
    sample: sampleSize(m.counts),
    ...(m.collected === undefined ? {} : { collected: m.collected }),
  });
  return {
    attackClass,
    technique,
    surface,
    probe,
    measure,
    ...(target === undefined ? {} : { target }),
    ...(detector === undefined ? {} : { detector }),
    ...(falsePositiveLimit === undefined ? {} : { falsePositiveLimit }),
    ...(group === undefined ? {} : { group }),
    change: because === undefined ? direction : 'no-evidence',
    difference: difference ?? { estimate: b.estimate - a.estimate, lower: null, upper: null },
    confidence,
    ...(difference ? { couldShow: couldShow(a, b, difference, confidence) } : {}),
    ...(because ? { because } : {}),
    old: side(a),
    new: side(b),
  };
}

/** What of a warrant keeps a smaller number from being an improvement of the system. */
const BETTER_DOUBTS: readonly Reason[] = [
  'contradictory',
  'unrelated-target',
  'invalid-comparison',
  'cannot-show',
  'no-power',
  'incomplete',
];
/** More leakage than before is believed sooner: only of another system, or where success shows nothing. */
const WORSE_DOUBTS: readonly Reason[] = ['unrelated-target'];

const DOUBT_NAMES: Partial<Record<Reason, NotCompared>> = {
  contradictory: 'contradictory',
  'unrelated-target': 'target',
  'invalid-comparison': 'comparison',
  'cannot-show': 'cannot-show',
  'no-power': 'no-power',
  incomplete: 'incomplete',
};

function doubtOf(m: AssessedMeasurement, doubts: readonly Reason[]): NotCompared | undefined {
  if (m.shows === 'neither') return 'cannot-show';
  if (m.comparable === false) return 'comparison';
  const reason = m.warrant.open.find((one) => doubts.includes(one));
  return reason && DOUBT_NAMES[reason];
}

function isStated({ counts }: AssessedMeasurement): boolean {
  return counts.of === 'nothing';
}

/** Whether a target counts as recovered under the same conditions in both. */
function sameQuestion(a: AssessedMeasurement, b: AssessedMeasurement, sameLimit: boolean): boolean {
  if (a.measure === 'canary.share' && !sameLimit) return false;
  const conditions = (m: AssessedMeasurement): string =>
    JSON.stringify([m.similarity ?? '', m.discoverability ?? '', m.budget?.queries ?? '']);
  return conditions(a) === conditions(b);
}

/** The difference of two numbers with its interval; undefined where what was handed in gives none. */
function differenceOf(
  a: AssessedMeasurement,
  b: AssessedMeasurement,
  confidence: number,
  sameLimit: boolean,
): Difference | undefined {
  if (!sameQuestion(a, b, sameLimit)) return undefined;
  const [x, y] = [a.counts, b.counts];
  if (a.measure === 'roc.auc') {
    const [one, other] = [areaOf(a, confidence), areaOf(b, confidence)];
    return one && other && boundedDifference(one, other);
  }
  if (a.measure === 'roc.tpr') {
    const [one, other] = [rateOf(a, confidence), rateOf(b, confidence)];
    return one && other && boundedDifference(one, other);
  }
  if (x.of === 'attempts' && y.of === 'attempts')
    return x.n > 0 && y.n > 0 ? rateDifference(x, y, confidence) : undefined;
  if (x.of === 'pairs' && y.of === 'pairs')
    return boundedDifference(advantageOf(x, confidence), advantageOf(y, confidence));
  const [one, other] = [proportionOf(a), proportionOf(b)];
  return one && other && rateDifference(one, other, confidence);
}

/** The difference that these samples would have shown. */
function couldShow(a: AssessedMeasurement, b: AssessedMeasurement, difference: Difference, confidence: number): number {
  const [x, y] = [a.counts, b.counts];
  if (x.of === 'attempts' && y.of === 'attempts') return rateDifferenceShown(x, y, confidence);
  const [one, other] = [proportionOf(a), proportionOf(b)];
  return one && other ? rateDifferenceShown(one, other, confidence) : differenceShown(difference, confidence);
}

function areaOf({ counts, estimate, variance }: AssessedMeasurement, confidence: number): Bounded | undefined {
  if (counts.of !== 'records') return undefined;
  return areaEitherWay({ estimate, variance, smaller: Math.min(counts.members, counts.nonMembers) }, confidence);
}

/** The worse of the two directions of the scores, each tail at half of the error. */
function rateOf(
  { counts, estimate, falsePositiveLimit, turned, beyond }: AssessedMeasurement,
  confidence: number,
): Bounded | undefined {
  if (counts.of !== 'records' || falsePositiveLimit === undefined) return undefined;
  const { members, nonMembers, truePositives, falsePositives } = counts;
  if (truePositives === undefined || falsePositives === undefined) return undefined;
  const each = turned ? 1 - (1 - confidence) / 2 : confidence;
  const straight = rateAt({ members, nonMembers, truePositives, falsePositives, beyond }, falsePositiveLimit, each);
  if (!turned) return { estimate, ...straight };
  if (turned.truePositives === undefined || turned.falsePositives === undefined) return undefined;
  const reversed = rateAt(
    {
      members,
      nonMembers,
      truePositives: turned.truePositives,
      falsePositives: turned.falsePositives,
      beyond: turned.beyond,
    },
    falsePositiveLimit,
    each,
  );
  return {
    estimate: Math.max(estimate, turned.estimate),
    lower: Math.max(straight.lower, reversed.lower),
    upper: Math.max(straight.upper, reversed.upper),
  };
}

function advantageOf(counts: Extract<AssessedMeasurement['counts'], { of: 'pairs' }>, confidence: number): Bounded {
  const { both, attackOnly, baselineOnly, neither, attackK, attackN, baselineK, baselineN } = counts;
  return both !== undefined && attackOnly !== undefined && baselineOnly !== undefined && neither !== undefined
    ? pairedDifference({ both, attackOnly, baselineOnly, neither }, confidence)
    : unpairedDifference({ k: attackK, n: attackN }, { k: baselineK, n: baselineN }, confidence);
}

/** Shares of targets, items and canaries; sampled ones have no counts of their own. */
function proportionOf({ counts, method }: AssessedMeasurement) {
  if (method === 'discoverable-sampled' || counts.of === 'records' || counts.of === 'attempts') return undefined;
  if (!('k' in counts) || counts.k === undefined || counts.n < 1) return undefined;
  return { k: counts.k, n: counts.n, missing: 0 };
}

function onlyIn({ attackClass, technique, surface, probe, measure, target, group }: AssessedMeasurement): OnlyIn {
  return {
    attackClass,
    technique,
    surface,
    probe,
    measure,
    ...(target === undefined ? {} : { target }),
    ...(group === undefined ? {} : { group }),
  };
}

const MEASURE_ORDER = Object.keys(MEASURES);

function inOrder(a: OnlyIn & { falsePositiveLimit?: number }, b: OnlyIn & { falsePositiveLimit?: number }): number {
  const text = (one: OnlyIn): string =>
    JSON.stringify([
      one.attackClass === 'inversion' ? 1 : 0,
      one.surface,
      one.technique,
      one.probe,
      one.target ?? '',
      one.group ?? '',
    ]);
  const [x, y] = [text(a), text(b)];
  if (x !== y) return x < y ? -1 : 1;
  return (
    MEASURE_ORDER.indexOf(a.measure) - MEASURE_ORDER.indexOf(b.measure) ||
    (a.falsePositiveLimit ?? 0) - (b.falsePositiveLimit ?? 0)
  );
}
