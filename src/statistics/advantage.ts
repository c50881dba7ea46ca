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
  for (let round = 0; round < rounds; round++) departures[round] = departure(members, nonMembers, random);
  departures.sort();
  const half = departures[Math.min(rounds - 1, Math.ceil(confidence * (rounds + 1)) - 1)] as number;
  const chosen = unpairedDifference({ k: n1 - missed, n: n1 }, { k: n0 - cleared, n: n0 }, confidence);
  return {
    estimate,
    lower: Math.max(0, Math.min(estimate - half, chosen.lower)),
    upper: Math.min(1, Math.max(estimate + half, chosen.upper)),
  };
}

/** The largest distance between a resampled TPR - FPR curve and the observed one. */
function departure(members: readonly number[], nonMembers: readonly number[], random: () => number): number {
  const draw = (counts: readonly number[]): number[] =>
    counts.map((count) => (count === 0 ? 0 : poisson(count, random)));
  const drawn1 = draw(members);
  const drawn0 = draw(nonMembers);
  const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const [n1, n0, m1, m0] = [total(members), total(nonMembers), Math.max(1, total(drawn1)), Math.max(1, total(drawn0))];
  let largest = 0;
  let gap = 0;
  for (let i = 0; i < members.length; i++) {
    const resampled = (drawn0[i] as number) / m0 - (drawn1[i] as number) / m1;
    const observed = (nonMembers[i] as number) / n0 - (members[i] as number) / n1;
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
