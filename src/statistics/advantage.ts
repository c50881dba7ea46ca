import { clopperPearson, type Interval } from './binomial.ts';
import { type Proportion, unpairedDifference } from './difference.ts';
import { poissonSampler, seededRandom } from './random.ts';
import { forEachValue, type ScoreSample } from './roc.ts';

/** The largest TPR - FPR over all thresholds, in [0, 1] (Yeom et al. 2018). */
export interface MaxAdvantage extends Interval {
  estimate: number;
}

export interface BandOptions {
  /** In (0, 1); default 0.95. */
  confidence?: number;
  /** How often the curve is resampled; default 499. */
  rounds?: number;
  seed?: number;
}

/** Cells that the resampling distinguishes; with fewer distinct scores than this nothing is rounded. */
const CELLS = 1024;

/**
 * The largest advantage over thresholds chosen on these very records, which is optimistic for the attacker, with a
 * seeded bootstrap. Resampling the maximum itself would miss the truth near zero nearly every time, because a maximum over
 * noise is never zero; so the whole curve TPR - FPR is resampled, and the 95% quantile of its largest departure is the
 * half-width (Bickel & Krieger 1989). Records are resampled with Poisson weights (Chamandy et al. 2012), drawn cell by cell
 * from tables. Covers at least as often as it says in large samples. Resampling sees no spread where the curve has none
 * (all scores alike, or perfect separation), so the interval is never narrower than Newcombe's at the chosen threshold: no
 * finite sample is certain.
 */
export function maxAdvantage(sample: ScoreSample, options: BandOptions = {}): MaxAdvantage {
  return maxAdvantages(sample, options).asScored;
}

/**
 * {@link maxAdvantage} of the scores as they are, and of the same with members and non-members changing places (`turned`).
 * The curve of the one is that of the other with its sign changed, so one resampling gives the half-width of both.
 */
export function maxAdvantages(
  sample: ScoreSample,
  { confidence = 0.95, rounds = 499, seed = 1 }: BandOptions = {},
): { asScored: MaxAdvantage; turned: MaxAdvantage } {
  const n1 = sample.members.length;
  const n0 = sample.nonMembers.length;
  const cell = Math.max(1, (n1 + n0) / CELLS);
  const members: number[] = [];
  const nonMembers: number[] = [];
  // What is missed at the chosen thresholds: nobody is accused until one is better than that.
  const chosen = { advantage: 0, missed1: n1, missed0: n0 };
  const turned = { advantage: 0, missed1: n1, missed0: n0 };
  let seen1 = 0;
  let seen0 = 0;
  let pending1 = 0;
  let pending0 = 0;
  const close = (): void => {
    if (pending1 + pending0 === 0) return;
    members.push(pending1);
    nonMembers.push(pending0);
    pending1 = 0;
    pending0 = 0;
  };
  forEachValue(sample, (m, nm) => {
    seen1 += m;
    seen0 += nm;
    pending1 += m;
    pending0 += nm;
    // Accusing everything above a value misses those at or below it.
    const advantage = seen0 / n0 - seen1 / n1;
    const better = advantage > 0 ? chosen : turned;
    if (Math.abs(advantage) > better.advantage) {
      better.advantage = Math.abs(advantage);
      better.missed1 = seen1;
      better.missed0 = seen0;
    }
    if (pending1 + pending0 >= cell) close();
  });
  close();
  const departures = departuresOf(members, nonMembers, rounds, seededRandom(seed)).sort();
  const half = departures[Math.min(rounds - 1, Math.ceil(confidence * (rounds + 1)) - 1)] as number;
  const accused1 = (missed: number): Proportion => ({ k: n1 - missed, n: n1 });
  const accused0 = (missed: number): Proportion => ({ k: n0 - missed, n: n0 });
  const band = (estimate: number, found: Proportion, wronged: Proportion): MaxAdvantage => {
    const atThreshold = unpairedDifference(found, wronged, confidence);
    return {
      estimate,
      lower: Math.max(0, Math.min(estimate - half, atThreshold.lower)),
      upper: Math.min(1, Math.max(estimate + half, atThreshold.upper)),
    };
  };
  return {
    asScored: band(chosen.advantage, accused1(chosen.missed1), accused0(chosen.missed0)),
    turned: band(turned.advantage, accused0(turned.missed0), accused1(turned.missed1)),
  };
}

/**
 * The largest distance between each resampled TPR - FPR curve and the observed one.
 * @param members counts a cell, `nonMembers` likewise
 */
function departuresOf(
  members: readonly number[],
  nonMembers: readonly number[],
  rounds: number,
  random: () => number,
): Float64Array {
  const cells = members.length;
  const [n1, n0] = [sum(members), sum(nonMembers)];
  const observed = Float64Array.from(members, (count, i) => (nonMembers[i] as number) / n0 - count / n1);
  const [draw1, draw0] = [poissonSampler(members), poissonSampler(nonMembers)];
  const [drawn1, drawn0] = [new Int32Array(cells), new Int32Array(cells)];
  return new Float64Array(rounds).map(() => {
    const weight1 = 1 / Math.max(1, draw1(random, drawn1));
    const weight0 = 1 / Math.max(1, draw0(random, drawn0));
    let largest = 0;
    let gap = 0;
    for (let i = 0; i < cells; i++) {
      gap += (drawn0[i] as number) * weight0 - (drawn1[i] as number) * weight1 - (observed[i] as number);
      largest = Math.max(largest, Math.abs(gap));
    }
    return largest;
  });
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** How often an accusation is right, in [0, 1]. */
export interface PredictiveValue extends Interval {
  estimate: number;
}

/**
 * The positive predictive value at a prior share of members: pi TPR / (pi TPR + (1 - pi) FPR) (Jebreel et al., Revisiting
 * LiRA). The interval combines Clopper-Pearson bounds of TPR and FPR at half the error each, so it covers at least as
 * often as it says.
 * @param prior share of members among those an attacker meets, in (0, 1)
 * @returns undefined when nobody is accused, and then no accusation is right or wrong
 */
export function positivePredictiveValue(
  {
    truePositives,
    members,
    falsePositives,
    nonMembers,
  }: { truePositives: number; members: number; falsePositives: number; nonMembers: number },
  prior: number,
  confidence = 0.95,
): PredictiveValue | undefined {
  if (truePositives + falsePositives === 0) return undefined;
  const shared = 1 - (1 - confidence) / 2;
  const caught = clopperPearson(truePositives, members, shared);
  const accused = clopperPearson(falsePositives, nonMembers, shared);
  const value = (tpr: number, fpr: number): number =>
    tpr === 0 ? 0 : (prior * tpr) / (prior * tpr + (1 - prior) * fpr);
  return {
    estimate: value(truePositives / members, falsePositives / nonMembers),
    lower: value(caught.lower, accused.upper),
    upper: value(caught.upper, accused.lower),
  };
}
