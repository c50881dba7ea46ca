import type { GapChange, GoalpostKind, NotClosed } from '../../assess/history.ts';
import type { Comparison } from '../../compare/compare.ts';
import type { Gap } from '../../compare/gaps.ts';
import type { Goalpost } from '../../compare/goalposts.ts';
import type { MeasurementChange, NotCompared, NumberChange } from '../../compare/measurements.ts';
import { MEASURES } from '../../measure/measures.ts';
import { figure, percent, plural } from '../numbers.ts';
import { measureTitle, SURFACE_TITLES, stateText } from '../words.ts';

/* What a comparison says, in words. Exhaustive by type, as in `report/words.ts`. */

export const GAP_CHANGE_TITLES: Record<GapChange, string> = {
  new: 'New',
  reopened: 'Reopened',
  open: 'Still open',
  'evidence-gone': 'Not closed: its evidence is gone, or something was relabelled',
  closed: 'Closed',
};

const NOT_CLOSED_TITLES: Record<NotClosed, string> = {
  'control-removed': 'the control is no longer in the catalog',
  'switched-off': 'the control was switched off',
  'not-applicable': 'the control no longer applies to the system as it is declared',
  'control-changed': 'the control asks for something else than before',
  scope: 'a surface, or the training of a model, was taken out of the workspace',
  profile: 'the profile asks for less than before',
  target: 'another target was tested than the one that failed',
  'evidence-vanished': 'the evidence that showed it was not handed in again',
  'older-evidence': 'the evidence that takes its place is older',
  'not-repeated':
    'the test was not repeated so that it answers: with the same detector, enough attempts and nothing left open',
  'same-evidence': 'no new evidence was handed in; the same files are read in another way',
};

export const NUMBER_CHANGE_TITLES: Record<NumberChange, string> = {
  better: 'Better',
  worse: 'Worse',
  'no-evidence': 'No evidence of change',
};

const NOT_COMPARED_TITLES: Record<NotCompared, string> = {
  'no-interval': 'the evidence gives no interval for it',
  'other-parameters': 'the two were measured under different parameters',
  target: 'the new test is of something that the workspace does not declare',
  'cannot-show': 'the new test cannot show that nothing leaks',
  comparison: 'the new test compares what cannot be compared',
  'no-power': 'the new test was not shown to be able to succeed',
  incomplete: 'the new test is incomplete',
  contradictory: 'the new evidence contradicts itself',
};

const GOALPOST_TITLES: Record<GoalpostKind, string> = {
  profile: 'Profile',
  parameter: 'Parameter',
  catalog: 'Control catalog',
  'control-added': 'Control added',
  'control-removed': 'Control removed',
  'control-replaced': 'Control worded anew by an overlay',
  'control-off': 'Control switched off',
  acceptance: 'Risk acceptance',
  surface: 'Surface',
  model: 'Model',
  target: 'Target',
  'ignored-target': 'Target set aside',
  'privacy-budget': 'Declared privacy budget',
  'risk-tier': 'Risk tier',
  redaction: 'Masking of secrets',
  tool: 'Version of a tool',
  probity: 'Version of probity',
};

/** One gap in a sentence, without its name. */
export function gapInWords(gap: Omit<Gap, 'severity' | 'title'>): string {
  const { change, old, new: fresh } = gap;
  const state = (one: Gap['old']): string => (one ? stateText(one.state, one.reason).toLowerCase() : 'not there');
  const since =
    gap.since === undefined
      ? ''
      : `open since ${gap.since.slice(0, 10)}${(gap.assessments ?? 1) > 1 ? `, ${plural(gap.assessments ?? 1, 'assessment')} in a row` : ''}`;
  const accepted = gap.accepted ? `; the risk is accepted for now, the gap is not closed` : '';
  switch (change) {
    case 'new':
      return `${state(fresh)}; before: ${state(old)}${accepted}`;
    case 'reopened':
      return `${state(fresh)}; it had been closed${gap.closedBefore === undefined ? '' : ` as of ${gap.closedBefore.slice(0, 10)}`}${accepted}`;
    case 'open':
      return `${state(fresh)}${state(old) === state(fresh) ? '' : `, before: ${state(old)}`}${since && `; ${since}`}${accepted}`;
    case 'evidence-gone':
      return `${(gap.because ?? []).map((one) => NOT_CLOSED_TITLES[one]).join('; ')} (before: ${state(old)}${since && `, ${since}`})`;
    case 'closed':
      return `by ${(gap.by ?? []).slice(0, 3).join(', ') || 'what the workspace now states'}${(gap.by ?? []).length > 3 ? ` and ${(gap.by ?? []).length - 3} more` : ''}; it was ${state(old)}${since && `, ${since}`}`;
  }
}

/** What was measured, where: `True-positive rate at 0.1% false positives, Model interface, probe`. */
export function numberName(one: MeasurementChange): string {
  const rate = one.falsePositiveLimit === undefined ? '' : ` at ${percent(one.falsePositiveLimit)} false positives`;
  const group = one.group === undefined ? '' : `, group ${one.group}`;
  return `${measureTitle(one.measure)}${rate}${group}, ${SURFACE_TITLES[one.surface]}, ${one.probe} (${one.technique})`;
}

/** A signed difference, more being more leakage. */
function signed(one: MeasurementChange, value: number | null): string {
  return value === null ? 'unknown' : `${value > 0 ? '+' : ''}${figure(one.measure, value)}`;
}

/** What a number did, in a sentence. */
export function numberInWords(one: MeasurementChange): string {
  const { measure, old, new: fresh, difference, change, because, couldShow } = one;
  const values = `${figure(measure, old.estimate)}, now ${figure(measure, fresh.estimate)}`;
  if (difference.lower === null)
    return `${values}; not compared: ${because ? NOT_COMPARED_TITLES[because] : 'the evidence gives no interval for it'}`;
  const interval = `difference ${signed(one, difference.estimate)}, between ${signed(one, difference.lower)} and ${signed(one, difference.upper)}`;
  if (change !== 'no-evidence') return `${values}; ${interval}`;
  if (because) return `${values}; ${interval}, but ${NOT_COMPARED_TITLES[because]}`;
  const most = MEASURES[measure].range[1];
  return `${values}; ${interval}; ${
    couldShow === undefined || couldShow >= most
      ? 'the samples are too small to show any difference'
      : `a difference of ${figure(measure, couldShow)} would have been seen in 80% of cases`
  }`;
}

/** A goalpost in a sentence. */
export function goalpostInWords({ what, name, old, new: fresh, looser }: Goalpost): string {
  const side =
    looser === true ? ' (asks for less)' : looser === false && what === 'parameter' ? ' (asks for more)' : '';
  const named = WITHOUT_NAME.has(what) ? '' : ` ${name}`;
  const value = (text: string): string => (what === 'catalog' ? text.slice(0, 16) : text);
  if (old === null)
    return `${GOALPOST_TITLES[what]}${named}: new${fresh === name ? '' : `, ${value(fresh ?? '')}`}${side}`;
  if (fresh === null)
    return `${GOALPOST_TITLES[what]}${named}: gone${old === name ? '' : `; it was ${value(old)}`}${side}`;
  return `${GOALPOST_TITLES[what]}${named}: ${value(old)}, now ${value(fresh)}${side}`;
}

/** Goalposts of which there is one only. */
const WITHOUT_NAME: ReadonlySet<GoalpostKind> = new Set([
  'profile',
  'catalog',
  'risk-tier',
  'redaction',
  'probity',
  'privacy-budget',
]);

/** What the error of all comparisons together is, in a sentence. */
export function errorInWords({ sharedError }: Pick<Comparison, 'sharedError'>): string {
  return `"Better" and "worse" are said only where the interval of the difference excludes zero. Of a system that did not change, all comparisons together say otherwise in at most ${percent(sharedError)} of cases.`;
}
