import { ProbityError } from '../errors.ts';
import { clopperPearson, type Interval } from './binomial.ts';

/** Distinct sensitive items recovered once so many queries were spent. */
export interface DisclosurePoint {
  queries: number;
  recovered: number;
}

/** What an attacker holds when the budget is spent; shares of the items in [0, 1]. */
export interface Disclosure extends Interval {
  estimate: number;
  recovered: number;
  /** Queries at which the count was read: the first reading at or past the budget, else the last there is. */
  queries: number;
  /** False when the test stopped before the budget was spent. */
  reached: boolean;
}

/** A curve with an exact 95% band, ready to be drawn; shares in [0, 1]. */
export interface DisclosureBand extends Interval {
  queries: number;
  share: number;
}

/**
 * Refuses what is not a curve of distinct items.
 * @throws ProbityError STATISTIC_UNDEFINED unless queries rise, counts never fall and stay within the items
 */
function checkCurve(curve: readonly DisclosurePoint[], items: number): void {
  if (curve.length === 0) throw new ProbityError('STATISTIC_UNDEFINED', 'a disclosure curve needs a point');
  curve.forEach(({ queries, recovered }, index) => {
    const before = curve[index - 1];
    if (recovered > items)
      throw new ProbityError('STATISTIC_UNDEFINED', `${recovered} of ${items} items cannot have been recovered`);
    if (before && queries <= before.queries)
      throw new ProbityError('STATISTIC_UNDEFINED', `queries do not rise at ${queries}`);
    if (before && recovered < before.recovered)
      throw new ProbityError(
        'STATISTIC_UNDEFINED',
        `distinct items recovered cannot fall, as they do at ${queries} queries`,
      );
  });
}

/**
 * The share of sensitive items recovered within a query budget, Clopper-Pearson over the items. Between two readings the
 * later one counts, so the share is never too small.
 * @param items distinct sensitive items that could have been recovered, >= 1
 * @param budget queries allowed, >= 1
 */
export function disclosureAt(
  curve: readonly DisclosurePoint[],
  items: number,
  budget: number,
  confidence = 0.95,
): Disclosure {
  checkCurve(curve, items);
  const reading = curve.find((point) => point.queries >= budget) ?? (curve.at(-1) as DisclosurePoint);
  return {
    estimate: reading.recovered / items,
    ...clopperPearson(reading.recovered, items, confidence),
    recovered: reading.recovered,
    queries: reading.queries,
    reached: reading.queries >= budget,
  };
}

/** The whole curve with its band, at most `count` points, the first and last always among them. */
export function disclosureBand(curve: readonly DisclosurePoint[], items: number, count = 64): DisclosureBand[] {
  checkCurve(curve, items);
  const step = Math.max(1, (curve.length - 1) / (count - 1));
  const kept = new Set(
    Array.from({ length: Math.min(count, curve.length) }, (_, i) => Math.min(curve.length - 1, Math.round(i * step))),
  );
  return curve
    .filter((_, index) => kept.has(index))
    .map(({ queries, recovered }) => ({ queries, share: recovered / items, ...clopperPearson(recovered, items) }));
}
