import type { AttackClass } from '../terms.ts';
import type { Assessment, Result } from './assessment.ts';
import { BASES, type Basis, STATES, type State, strain } from './outcome.ts';

/** A result that counts as kept: satisfied, or a risk accepted over something that was assessed. */
function isKept(result: Pick<Result, 'state' | 'underlying'>): boolean {
  return result.state === 'satisfied' || (result.state === 'risk-accepted' && result.underlying === 'not-satisfied');
}

/** Counts by state, of one class. */
function countsOf(results: readonly Pick<Result, 'state'>[]): Record<State, number> {
  return Object.fromEntries(
    STATES.map((state) => [state, results.filter((result) => result.state === state).length]),
  ) as Record<State, number>;
}

/** The state of a class: every applicable result has to be kept for it to be satisfied. */
function stateOf(
  results: readonly Pick<Result, 'state' | 'underlying'>[],
): Assessment['verdicts']['inversion']['state'] {
  if (results.some(({ state }) => state === 'not-satisfied')) return 'not-satisfied';
  const applicable = results.filter((result) => result.state !== 'not-applicable');
  return applicable.length > 0 && applicable.every(isKept) ? 'satisfied' : 'not-assessed';
}

/** The verdict of one class. Nothing of the other enters it. */
export function verdictOf(
  all: readonly Result[],
  attackClass: AttackClass,
  outside: readonly 'vendor-training'[],
): Assessment['verdicts']['inversion'] {
  const results = all.filter((result) => result.attackClass === attackClass);
  const accepted = results.filter(({ state }) => state === 'risk-accepted');
  const measured = results
    .flatMap((result) => result.criteria.map((criterion) => ({ control: result.control, criterion })))
    .filter(
      ({ criterion }) =>
        criterion.bound !== null &&
        typeof criterion.threshold === 'number' &&
        (criterion.state === 'satisfied' || criterion.state === 'not-satisfied'),
    )
    .sort((a, b) => strain(b.criterion) - strain(a.criterion));
  const top = measured[0];
  const worst =
    top?.criterion.measurement !== undefined &&
    typeof top.criterion.observed === 'number' &&
    typeof top.criterion.threshold === 'number'
      ? {
          control: top.control,
          criterion: top.criterion.id,
          measurement: top.criterion.measurement,
          observed: top.criterion.observed,
          bound: top.criterion.bound,
          threshold: top.criterion.threshold,
        }
      : null;
  return {
    state: stateOf(results),
    counts: countsOf(results),
    passes: Object.fromEntries(
      BASES.map((basis) => [basis, results.filter((one) => one.state === 'satisfied' && one.basis === basis).length]),
    ) as Record<Basis, number>,
    accepted: {
      overFailing: accepted.filter(({ underlying }) => underlying === 'not-satisfied').length,
      withoutEvidence: accepted.filter(({ underlying }) => underlying !== 'not-satisfied').length,
    },
    outside: [...outside],
    worst,
  };
}
