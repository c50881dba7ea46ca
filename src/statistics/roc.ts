import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import { ProbityError } from '../errors.ts';
import { type Interval, zScore } from './binomial.ts';
import { sorted } from './sort.ts';

/**
 * Membership scores, one per record, higher = more likely a member. Both arrays are sorted ascending and hold only
 * finite numbers; make them with {@link sortedScores}.
 */
export interface ScoreSample {
  members: Float64Array;
  nonMembers: Float64Array;
}

/** The area under the ROC curve with its variance, both unitless. */
export interface Auc extends Interval {
  estimate: number;
  /** DeLong's variance of the estimate; NaN when a class has fewer than two records. */
  variance: number;
  method: 'delong-logit' | 'exact-degenerate';
}

/** What the attacker gets when it accuses every record with a score of at least `threshold`. */
export interface OperatingPoint {
  /** Infinity when no threshold keeps the false-positive rate within the limit: nobody is accused. */
  threshold: number;
  truePositives: number;
  falsePositives: number;
}

/**
 * Sorts scores and refuses what no statistic is defined for.
 * @throws ProbityError STATISTIC_UNDEFINED when a class is empty or a score is not finite
 */
export function sortedScores(members: Float64Array, nonMembers: Float64Array): ScoreSample {
  for (const [name, values] of [
    ['members', members],
    ['non-members', nonMembers],
  ] as const) {
    if (values.length === 0)
      throw new ProbityError(
        'STATISTIC_UNDEFINED',
        `there are no ${name} among the scores, so nothing separates the two`,
      );
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]))
        throw new ProbityError('STATISTIC_UNDEFINED', `score ${i + 1} of the ${name} is not a finite number`);
  }
  return { members: sorted(members), nonMembers: sorted(nonMembers) };
}

/** The place of the first sorted value that is at least (or, strictly, above) `limit`; the length when there is none. */
export function firstAtLeast(sorted: Float64Array, limit: number, strictly = false): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle] as number;
    if (value < limit || (strictly && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Visits the distinct score values in ascending order with how many members and non-members hold each. */
export function forEachValue(
  sample: ScoreSample,
  visit: (members: number, nonMembers: number, value: number) => void,
): void {
  const { members, nonMembers } = sample;
  let i = 0;
  let j = 0;
  while (i < members.length || j < nonMembers.length) {
    const x = i < members.length ? (members[i] as number) : Infinity;
    const y = j < nonMembers.length ? (nonMembers[j] as number) : Infinity;
    const value = Math.min(x, y);
    const i0 = i;
    const j0 = j;
    while (i < members.length && members[i] === value) i++;
    while (j < nonMembers.length && nonMembers[j] === value) j++;
    visit(i - i0, j - j0, value);
  }
}

/**
 * Area under the ROC curve: the chance that a member outscores a non-member, ties counting one half (Mann-Whitney).
 * Interval after DeLong, DeLong & Clarke-Pearson 1988, in the linear-merge form of Sun & Xu 2014, on the logit scale.
 * Where the variance is zero or undefined (perfect separation, one record, only ties) the logit interval does not
 * exist; an exact binomial interval over the smaller class is given instead, which is wider.
 */
export function auc(sample: ScoreSample, confidence = 0.95): Auc {
  const n1 = sample.members.length;
  const n0 = sample.nonMembers.length;
  // The same merge twice, written out: with tens of millions of records a call for every value would take most of the time.
  const { members, nonMembers } = sample;
  let doubledU = 0;
  for (let i = 0, j = 0; i < n1; ) {
    const value = members[i] as number;
    const from = i;
    while (i < n1 && members[i] === value) i++;
    while (j < n0 && (nonMembers[j] as number) < value) j++;
    const below = j;
    while (j < n0 && nonMembers[j] === value) j++;
    doubledU += (i - from) * (below + j);
  }
  const estimate = doubledU / (2 * n1 * n0);
  const sumMembers = squaredPlacements(members, nonMembers, estimate);
  const sumNonMembers = squaredPlacements(nonMembers, members, 1 - estimate);
  const variance = n1 > 1 && n0 > 1 ? sumMembers / (n1 - 1) / n1 + sumNonMembers / (n0 - 1) / n0 : Number.NaN;

  return { estimate, variance, ...aucInterval(estimate, variance, Math.min(n1, n0), confidence) };
}

/**
 * The interval of {@link auc} at any confidence, from what is kept of it.
 * @param variance DeLong's; none where it is zero or undefined
 * @param smaller how many records the smaller class has
 */
export function aucInterval(
  estimate: number,
  variance: number | undefined,
  smaller: number,
  confidence = 0.95,
): Interval & Pick<Auc, 'method'> {
  if (variance === undefined || !(variance > 0) || estimate <= 0 || estimate >= 1)
    return { ...degenerateInterval(estimate, smaller, confidence), method: 'exact-degenerate' };
  const z = zScore(1 - (1 - confidence) / 2);
  const centre = Math.log(estimate / (1 - estimate));
  const half = (z * Math.sqrt(variance)) / (estimate * (1 - estimate));
  return { lower: logistic(centre - half), upper: logistic(centre + half), method: 'delong-logit' };
}

/** Sum over `of` of the squared distance between the share of `among` below it, ties counting one half, and `mean`. */
function squaredPlacements(of: Float64Array, among: Float64Array, mean: number): number {
  let sum = 0;
  for (let i = 0, j = 0; i < of.length; ) {
    const value = of[i] as number;
    const from = i;
    while (i < of.length && of[i] === value) i++;
    while (j < among.length && (among[j] as number) < value) j++;
    const below = j;
    while (j < among.length && among[j] === value) j++;
    const distance = (below + j) / (2 * among.length) - mean;
    sum += (i - from) * distance * distance;
  }
  return sum;
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Clopper-Pearson with a success count that need not be whole. */
function degenerateInterval(p: number, n: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  const k = p * n;
  return {
    lower: k <= 0 ? 0 : k >= n ? tail ** (1 / n) : betaQuantile(tail, k, n - k + 1),
    upper: k >= n ? 1 : k <= 0 ? 1 - tail ** (1 / n) : betaQuantile(1 - tail, k + 1, n - k),
  };
}

/**
 * The operating points at several false-positive limits. For each limit the smallest threshold t among the scores with
 * FP(t)/n0 <= limit; records tied at t are accused together (Carlini et al. 2022). Logarithmic in the number of records.
 * @param limits false-positive rates in [0, 1]
 * @returns one point per limit, in the order given
 */
export function operatingPoints(sample: ScoreSample, limits: readonly number[]): OperatingPoint[] {
  const { members, nonMembers } = sample;
  return limits.map((limit) => {
    // The comparison is made on counts, so that 1/1000 of 1000 records is one record and not 0.9999 of one.
    const allowed = Math.floor(limit * nonMembers.length * (1 + 1e-12));
    // The highest non-member that must not be accused; everything strictly above may be.
    const spared = nonMembers[nonMembers.length - 1 - allowed];
    const i = spared === undefined ? 0 : firstAtLeast(members, spared, true);
    const j = spared === undefined ? 0 : firstAtLeast(nonMembers, spared, true);
    return {
      threshold: Math.min(members[i] ?? Infinity, nonMembers[j] ?? Infinity),
      truePositives: members.length - i,
      falsePositives: nonMembers.length - j,
    };
  });
}

/** The threshold with the largest TPR - FPR (Yeom et al. 2018); Infinity, accusing nobody, when none is above zero. */
export function bestThreshold(sample: ScoreSample): number {
  const n1 = sample.members.length;
  const n0 = sample.nonMembers.length;
  let missed = 0;
  let cleared = 0;
  let best = { threshold: Infinity, advantage: 0 };
  forEachValue(sample, (m, nm, value) => {
    const advantage = cleared / n0 - missed / n1;
    if (advantage > best.advantage) best = { threshold: value, advantage };
    missed += m;
    cleared += nm;
  });
  return best.threshold;
}

/** One point of a ROC curve drawn with its band; rates in [0, 1]. */
export interface CurvePoint extends Interval {
  falsePositiveRate: number;
  truePositiveRate: number;
}

/**
 * The ROC at `count` false-positive limits spaced evenly on a log axis from 1/n0 to 1, ready to be drawn on log-log axes.
 * The band holds the whole curve at once, since it is read as one: Dvoretzky, Kiefer & Wolfowitz's bound with Massart's
 * constant on members and on non-members, half the error each. It decides nothing. Repeated points are dropped.
 */
export function logCurve(sample: ScoreSample, count = 64, confidence = 0.95): CurvePoint[] {
  const n0 = sample.nonMembers.length;
  const n1 = sample.members.length;
  const limits = Array.from({ length: count }, (_, i) => n0 ** -(1 - i / (count - 1)));
  const rateAt = (limit: number): number =>
    limit >= 1 ? 1 : limit < 0 ? 0 : (operatingPoints(sample, [limit])[0] as OperatingPoint).truePositives / n1;
  const across = uniformHalfWidth(n0, 1 - (1 - confidence) / 2);
  const up = uniformHalfWidth(n1, 1 - (1 - confidence) / 2);
  const curve: CurvePoint[] = [];
  let last = '';
  for (const point of operatingPoints(sample, limits)) {
    const key = `${point.falsePositives}/${point.truePositives}`;
    if (key === last || point.falsePositives === 0) continue;
    last = key;
    const falsePositiveRate = point.falsePositives / n0;
    curve.push({
      falsePositiveRate,
      truePositiveRate: point.truePositives / n1,
      lower: Math.max(0, rateAt(falsePositiveRate - across) - up),
      upper: Math.min(1, rateAt(falsePositiveRate + across) + up),
    });
  }
  return curve;
}

/** How far an empirical distribution of n values may lie from the true one, everywhere at once (Massart 1990). */
function uniformHalfWidth(n: number, confidence: number): number {
  return Math.sqrt(Math.log(2 / (1 - confidence)) / (2 * n));
}
