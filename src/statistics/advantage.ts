import { clopperPearson, type Interval } from './binomial.ts';
import { unpairedDifference } from './difference.ts';
import { poisson, seededRandom } from './random.ts';
import { forEachValue, type ScoreSample } from './roc.ts';

/** The largest TPR - FPR over all thresholds, in [0, 1] (Yeom et al. 2018). */
export interface MaxAdvantage extends Interval {
  estimate: number;
}

/** Cells that the resampling distinguishes; with fewer distinct scores than this nothing is rounded. */
const CELLS = 1024;

/**
 * The largest advantage over thresholds chosen on these very records, which is optimistic for the attacker, with a
 * seeded bootstrap. Resampling the maximum itself would miss the truth near zero nearly every time, because a maximum over
 * noise is never zero; so the whole curve TPR - FPR is resampled, and the 95% quantile of its largest departure is the
 * half-width (Bickel & Krieger 1989). Records are resampled with Poisson weights (Chamandy et al. 2012). Covers at
 * least as often as it says in large samples. Resampling sees no spread where the curve has none (all scores alike, or
 * perfect separation), so the interval is never narrower than Newcombe's at the chosen threshold: no finite sample is certain.
 */
export function maxAdvantage(
  sample: ScoreSample,
  options: { confidence?: number; rounds?: number; seed?: number } = {},
): MaxAdvantage {
  const { confidence = 0.95, rounds = 499, seed = 1 } = options;
  const n1 = sample.members.length;
  const n0 = sample.nonMembers.length;
  const cell = Math.max(1, (n1 + n0) / CELLS);
  const members: number[] = [];
  const nonMembers: number[] = [];
  let estimate = 0;
  // At the chosen threshold: nobody is accused until one is better than that.
  let missed = n1;
  let cleared = n0;
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
    if (advantage > estimate) {
      estimate = advantage;
      missed = seen1;
      cleared = seen0;
    }
    if (pending1 + pending0 >= cell) close();
  });
  close();
  const random = seededRandom(seed);
  const departures = new Float64Array(rounds);
  const [cells1, cells0] = [cellsOf(members), cellsOf(nonMembers)];
  for (let round = 0; round < rounds; round++) departures[round] = departure(cells1, cells0, random);
  departures.sort();
  const half = departures[Math.min(rounds - 1, Math.ceil(confidence * (rounds + 1)) - 1)] as number;
  const chosen = unpairedDifference({ k: n1 - missed, n: n1 }, { k: n0 - cleared, n: n0 }, confidence);
  return {
    estimate,
    lower: Math.max(0, Math.min(estimate - half, chosen.lower)),
    upper: Math.min(1, Math.max(estimate + half, chosen.upper)),
  };
}

/** A histogram to be resampled: counts, their sum, and what one draw needs of each. */
interface Cells {
  counts: readonly number[];
  total: number;
  limits: Float64Array;
  drawn: Int32Array;
}

function cellsOf(counts: readonly number[]): Cells {
  return {
    counts,
    total: counts.reduce((sum, count) => sum + count, 0),
    limits: Float64Array.from(counts, (count) => Math.exp(-count)),
    drawn: new Int32Array(counts.length),
  };
}

/** Draws every cell anew; returns the sum. */
function redraw({ counts, limits, drawn }: Cells, random: () => number): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    const fresh = count === 0 ? 0 : poisson(count, random, limits[i]);
    drawn[i] = fresh;
    total += fresh;
  }
  return total;
}

/** The largest distance between a resampled TPR - FPR curve and the observed one. */
function departure(members: Cells, nonMembers: Cells, random: () => number): number {
  const m1 = Math.max(1, redraw(members, random));
  const m0 = Math.max(1, redraw(nonMembers, random));
  let largest = 0;
  let gap = 0;
  for (let i = 0; i < members.counts.length; i++) {
    const resampled = (nonMembers.drawn[i] as number) / m0 - (members.drawn[i] as number) / m1;
    const observed =
      (nonMembers.counts[i] as number) / nonMembers.total - (members.counts[i] as number) / members.total;
    gap += resampled - observed;
    largest = Math.max(largest, Math.abs(gap));
  }
  return largest;
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
