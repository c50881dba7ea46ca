import type { Source } from '../terms.ts';

export const STATES = ['satisfied', 'not-satisfied', 'not-assessed', 'not-applicable', 'risk-accepted'] as const;
export type State = (typeof STATES)[number];

/** Why a result is not assessed, in the order in which the first of several is named. */
export const REASONS = [
  'contradictory',
  'unrelated-target',
  'invalid-comparison',
  'cannot-show',
  'no-power',
  'incomplete',
  'insufficient-sample',
  'stale',
  'not-yet',
  'not-recomputable',
  'untested-surface',
  'no-evidence',
] as const;
export type Reason = (typeof REASONS)[number];

/** How much of something a sample must hold, and how much it holds. */
export interface Need {
  of: string;
  atLeast: number;
  has: number;
}

/** What a pass rests on: a strong test, a weak one, what people state, or what records and inventories show. */
export const BASES = ['strong', 'weak', 'statement', 'record'] as const;
export type Basis = (typeof BASES)[number];

/** By what an attack is known to be able to succeed. */
export type PowerBasis = 'control' | 'planted' | 'tool' | 'none';

/** What judging a measurement against one criterion found out about it. */
export interface Judgement {
  measurement: string;
  power: { basis: PowerBasis; control?: string };
  bar: string[];
  needs: Need[];
  open: Reason[];
}

/** A case that did not decide. */
export interface Other {
  state: Exclude<State, 'risk-accepted'>;
  reason?: Reason;
  detail: string;
}

/** What one criterion came to. */
export interface Outcome {
  state: Exclude<State, 'risk-accepted'>;
  /** The first of `reasons`. */
  reason?: Reason;
  /** Everything that keeps it from being assessed, in the order of REASONS. */
  reasons?: Reason[];
  /** What was found: a number for measurements, words for checks; null when nothing was. */
  observed: number | string | null;
  /** The interval bound that was compared. */
  bound: number | null;
  threshold: number | string | null;
  /** Id of the measurement that decided. */
  measurement?: string;
  /** One or more sentences a reader can act on. */
  detail: string;
  evidence: Source[];
  /** What a pass rests on. */
  basis?: Basis;
  /** The sample that would be needed, where a larger one could settle the question. */
  needs?: Need[];
  /** The cases that did not decide. */
  others?: Other[];
  /** Ids of every measurement that was held against the threshold. */
  considered?: string[];
  /** What was found out about each of them. */
  judgements?: Judgement[];
}

type Fields = Partial<Omit<Outcome, 'state' | 'reason'>> & Pick<Outcome, 'detail'>;

export function satisfied(fields: Fields): Outcome {
  return { state: 'satisfied', observed: null, bound: null, threshold: null, evidence: [], ...fields };
}

export function notSatisfied(fields: Fields): Outcome {
  return { state: 'not-satisfied', observed: null, bound: null, threshold: null, evidence: [], ...fields };
}

/** @param reasons one or several; they are put in the order of REASONS */
export function notAssessed(reasons: Reason | readonly Reason[], fields: Fields): Outcome {
  const ordered = inOrder(typeof reasons === 'string' ? [reasons] : reasons);
  const [reason] = ordered;
  return {
    state: 'not-assessed',
    ...(reason ? { reason, reasons: ordered } : {}),
    observed: null,
    bound: null,
    threshold: null,
    evidence: [],
    ...fields,
  };
}

export function notApplicable(detail: string): Outcome {
  return { state: 'not-applicable', observed: null, bound: null, threshold: null, detail, evidence: [] };
}

/** Reasons in the order in which they are named, each once. */
export function inOrder(reasons: Iterable<Reason>): Reason[] {
  const given = new Set(reasons);
  return REASONS.filter((reason) => given.has(reason));
}

/** An outcome as it stands among those that did not decide. */
export function aside({ state, reason, detail }: Outcome): Other {
  return { state, ...(reason ? { reason } : {}), detail };
}

const STATE_RANK: Record<Outcome['state'], number> = {
  'not-satisfied': 0,
  'not-assessed': 1,
  satisfied: 2,
  'not-applicable': 3,
};

/** Orders outcomes from the worst: failing, then unassessed by reason, then the larger share of the threshold used. */
export function compareOutcomes(a: Outcome, b: Outcome): number {
  return STATE_RANK[a.state] - STATE_RANK[b.state] || reasonRank(a) - reasonRank(b) || strain(b) - strain(a);
}

function reasonRank(outcome: Outcome): number {
  return outcome.reason ? REASONS.indexOf(outcome.reason) : 0;
}

/** How much of its threshold a bound uses up; above 1 it is exceeded. */
export function strain(outcome: Pick<Outcome, 'bound' | 'observed' | 'threshold'>): number {
  const value = outcome.bound ?? (typeof outcome.observed === 'number' ? outcome.observed : undefined);
  if (value === undefined || typeof outcome.threshold !== 'number') return 0;
  return outcome.threshold === 0 ? (value > 0 ? Infinity : 0) : value / outcome.threshold;
}

/** The worst of several outcomes with the others beside it; every reason of those as bad as it is kept. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  const ranked = [...outcomes].sort(compareOutcomes);
  const [worst, ...rest] = ranked;
  if (!worst) return notApplicable('nothing to judge');
  const others = [...(worst.others ?? []), ...rest.flatMap((one) => [aside(one), ...(one.others ?? [])])];
  const alike = ranked.filter(({ state }) => state === worst.state);
  const reasons = inOrder(alike.flatMap((one) => one.reasons ?? []));
  return {
    ...worst,
    ...(worst.state === 'not-assessed' && reasons[0] ? { reason: reasons[0], reasons } : {}),
    ...(others.length > 0 ? { others } : {}),
  };
}

/**
 * Of several tests of which one that holds is enough: a failing one fails, then one that holds holds, and otherwise the
 * nearest is named. The others stand beside it.
 */
export function bestUnlessFailing(outcomes: readonly Outcome[]): Outcome {
  const failing = outcomes.some(({ state }) => state === 'not-satisfied');
  const holding = outcomes.filter(({ state }) => state === 'satisfied');
  if (failing || holding.length === 0) return worstOf(outcomes);
  const [best, ...rest] = [...holding.toSorted(compareOutcomes), ...outcomes.filter((one) => !holding.includes(one))];
  return rest.length === 0 ? (best as Outcome) : { ...(best as Outcome), others: rest.map(aside) };
}

/** The state and reasons that several outcomes come to together. */
export function combine(outcomes: readonly Outcome[]): {
  state: Outcome['state'];
  reason?: Reason;
  reasons?: Reason[];
} {
  const { state, reason, reasons } = worstOf(outcomes);
  return { state, ...(reason ? { reason } : {}), ...(reasons ? { reasons } : {}) };
}
