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

/** What one criterion came to. */
export interface Outcome {
  state: Exclude<State, 'risk-accepted'>;
  reason?: Reason;
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
  /** The sample that would be needed, where a larger one could settle the question. */
  needs?: Need[];
  /** The cases that did not decide, each in one line. */
  others?: string[];
  /** Ids of every measurement that was held against the threshold. */
  considered?: string[];
}

export function satisfied(fields: Partial<Outcome> & Pick<Outcome, 'detail'>): Outcome {
  return { state: 'satisfied', observed: null, bound: null, threshold: null, evidence: [], ...fields };
}

export function notSatisfied(fields: Partial<Outcome> & Pick<Outcome, 'detail'>): Outcome {
  return { state: 'not-satisfied', observed: null, bound: null, threshold: null, evidence: [], ...fields };
}

export function notAssessed(reason: Reason, fields: Partial<Outcome> & Pick<Outcome, 'detail'>): Outcome {
  return { state: 'not-assessed', reason, observed: null, bound: null, threshold: null, evidence: [], ...fields };
}

export function notApplicable(detail: string): Outcome {
  return { state: 'not-applicable', observed: null, bound: null, threshold: null, detail, evidence: [] };
}

/** An outcome in one line, as it stands among those that did not decide. */
export function inOneLine({ state, reason, detail }: Outcome): string {
  return `${state}${reason ? ` (${reason})` : ''}: ${detail}`;
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

/** The state and reason that several outcomes come to together. */
export function combine(outcomes: readonly Outcome[]): { state: Outcome['state']; reason?: Reason } {
  const worst = [...outcomes].sort(compareOutcomes)[0];
  if (!worst) return { state: 'not-applicable' };
  return worst.reason ? { state: worst.state, reason: worst.reason } : { state: worst.state };
}
