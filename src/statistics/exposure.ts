import { ProbityError } from '../errors.ts';
import { clopperPearson, type Interval } from './binomial.ts';

/** How far a canary stands out, in bits: log2 of the candidate space minus log2 of its rank (Carlini et al. 2019). */
export interface Exposure extends Interval {
  estimate: number;
}

/**
 * Exposure from the exact rank of a canary among all its candidates, the most likely one having rank 1.
 * There is nothing to sample, so both bounds are the value.
 * @param candidates size of the space the canary was drawn from, >= 1
 * @param rank 1..candidates
 * @returns bits in [0, log2(candidates)]
 */
export function exposureFromRank(rank: number, candidates: number): Exposure {
  if (
    !Number.isSafeInteger(candidates) ||
    candidates < 1 ||
    !Number.isSafeInteger(rank) ||
    rank < 1 ||
    rank > candidates
  )
    throw new ProbityError(
      'STATISTIC_UNDEFINED',
      `a rank is a whole number from 1 to the number of candidates, not ${rank} of ${candidates}`,
    );
  const estimate = Math.log2(candidates) - Math.log2(rank);
  return { estimate, lower: estimate, upper: estimate };
}

/**
 * Exposure when only some candidates were tried: of `drawn` at random, `above` were likelier than the canary. Bounds by
 * Clopper-Pearson on the share above; the estimate counts the canary itself, so it stays within what was drawn.
 * @returns bits; `upper` is at most log2(candidates)
 */
export function exposureFromSample(above: number, drawn: number, candidates: number, confidence = 0.95): Exposure {
  const share = clopperPearson(above, drawn, confidence);
  const most = Math.log2(candidates);
  const bits = (part: number): number => Math.min(most, part <= 0 ? most : -Math.log2(part));
  return { estimate: bits((above + 1) / (drawn + 1)), lower: bits(share.upper), upper: bits(share.lower) };
}
