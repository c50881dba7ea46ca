import binomialLogPmf from '@stdlib/stats-base-dists-binomial-logpmf';
import { clopperPearson, clopperPearsonUpper, smallest, zScore } from './binomial.ts';

/*
 * How large a sample lets a system pass that deserves it: one at half its limit, in 80% of cases. The same power as
 * `recordsToPass` in lowRate.ts, for other measures.
 */

const POWER = 0.8;

/** The chance that a rate passes a limit by its exact upper bound, at a true rate. */
export function ratePower(n: number, limit: number, rate: number, oneSided: boolean): number {
  const within = (k: number): boolean => (oneSided ? clopperPearsonUpper(k, n) : clopperPearson(k, n).upper) <= limit;
  let power = 0;
  for (let k = 0; k <= n && within(k); k++)
    power += rate === 0 ? (k === 0 ? 1 : 0) : Math.exp(binomialLogPmf(k, n, rate));
  return power;
}

/**
 * The fewest trials with which a system passes: at half the limit in 80% of cases, or, where no success is allowed, one that
 * has none.
 * @param limit of the rate, in (0, 1)
 */
export function trialsToPass(
  limit: number,
  { oneSided, noSuccess = false }: { oneSided: boolean; noSuccess?: boolean },
): number {
  if (noSuccess)
    return (
      smallest((n) => (oneSided ? clopperPearsonUpper(0, n) : clopperPearson(0, n).upper) <= limit, 1e7) ?? Infinity
    );
  const enough = (n: number): boolean => ratePower(n, limit, limit / 2, oneSided) >= POWER;
  // The power saws with n: a size counts when all sizes up to a third beyond it have it as well.
  let n = smallest(enough, 1e6) ?? Infinity;
  for (let beyond = n; Number.isFinite(n) && beyond <= n * 1.33; beyond += Math.ceil(n / 400))
    if (!enough(beyond)) n = beyond + 1;
  return n;
}

/**
 * Targets for an advantage over a baseline to pass at half its limit in 80% of cases, by the normal approximation at a
 * baseline of one half, where the difference of two rates varies most.
 */
export function targetsToPass(limit: number): number {
  const shift = limit / 2;
  return Math.ceil(0.5 * ((zScore(0.975) + zScore(POWER)) / shift) ** 2);
}

/**
 * Records of each kind for an area to pass in 80% of cases half-way between chance and its limit, at the variance of scores
 * that tell nothing, 1 / 6n.
 */
export function recordsForArea(limit: number): number {
  const shift = (limit - 0.5) / 2;
  return shift <= 0 ? Infinity : Math.ceil(((zScore(0.975) + zScore(POWER)) / shift) ** 2 / 6);
}
