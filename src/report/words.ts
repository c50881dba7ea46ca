import type { AssessedMeasurement, Assessment } from '../assess/assessment.ts';
import type { LeftOpenBy } from '../assess/leftOpen.ts';
import { BASES, type Basis, type Reason, type State } from '../assess/outcome.ts';
import type { ItemState } from '../catalog/coverage.ts';
import { MEASURES, type MeasureName } from '../measure/measures.ts';
import { table } from '../table.ts';
import type { AttackClass } from '../terms.ts';

/*
 * How reports name things: the same words in every format. The lists are exhaustive by type, so that a new state, reason,
 * surface or basis does not compile until it has its words here.
 */

/** What every cover says where answers are shown. */
export const CONTENT_SHOWN =
  'Examples of leaked answers are shown, on request. Handle this document as you handle the evidence.';

export const CLASS_TITLES: Record<AttackClass, string> = {
  'membership-inference': 'Membership inference',
  inversion: 'Model inversion',
};
export const CLASS_PARTS: Record<AttackClass, string> = { 'membership-inference': 'A', inversion: 'B' };
export const CLASS_QUESTIONS: Record<AttackClass, string> = {
  'membership-inference': 'Can an attacker tell whether a record was in training, or a document is in the store?',
  inversion: 'What can an attacker recover from the model and what stands behind it?',
};

export const STATE_TITLES: Record<State, string> = {
  satisfied: 'Satisfied',
  'not-satisfied': 'Not satisfied',
  'not-assessed': 'Not assessed',
  'not-applicable': 'Not applicable',
  'risk-accepted': 'Risk accepted',
};

/** Why something is not assessed, in a few words. */
export const REASON_TITLES: Record<Reason, string> = {
  contradictory: 'the evidence contradicts itself',
  'unrelated-target': 'tested something else',
  'invalid-comparison': 'invalid comparison',
  'cannot-show': 'this test cannot show it',
  'no-power': 'the test was not shown to work',
  incomplete: 'incomplete test',
  'insufficient-sample': 'sample too small',
  stale: 'stale',
  'not-yet': 'not yet valid',
  'not-recomputable': 'not recomputable',
  'untested-surface': 'untested surface',
  'no-evidence': 'no evidence',
};

/** What would answer the question that a reason leaves open, where a test left it open. */
const REASON_ANSWERS: Record<Reason, string> = {
  contradictory: 'Find out which of the contradicting records is right, and correct or withdraw the other.',
  'unrelated-target':
    'Test a target that the workspace file names for this system, or name the tested target there if it belongs to the system.',
  'invalid-comparison':
    'Repeat the test with members and non-members that differ in nothing but membership, for example by random assignment.',
  'cannot-show': 'Use a test whose negative result means something; this one can only show leakage.',
  'no-power': 'Run the same test on something that is known to leak (a positive control), and add the result.',
  incomplete: 'Finish the test, or give the verdicts that are missing.',
  'insufficient-sample': 'Repeat the test with a larger sample; the number that is needed stands beside the criterion.',
  stale: 'Repeat the test on the system as it is now.',
  'not-yet': 'Assess again from the day on that the evidence is dated, or correct its date if it is wrong.',
  'not-recomputable': 'Give the counts behind the stated number, so that it can be computed again.',
  'untested-surface': 'Test the surfaces that are named as untested.',
  'no-evidence': 'Add evidence for this control.',
};

/** The same where a statement, a record or an inventory left it open, so far as it differs. */
const DOCUMENT_ANSWERS: Partial<Record<Reason, string>> = {
  stale: 'Have the statement, record or inventory renewed, so that it describes the system as it is now.',
  incomplete: 'Give what is missing from the record.',
};

/** What would answer the question that a reason leaves open. @param of what left it open */
export function reasonAnswer(reason: Reason, of: LeftOpenBy): string {
  return (of === 'document' ? DOCUMENT_ANSWERS[reason] : undefined) ?? REASON_ANSWERS[reason];
}

/** How far controls cover an item of a framework. */
export const ITEM_STATE_TITLES: Record<ItemState, string> = {
  covered: 'covered',
  'in-part': 'in part',
  'out-of-scope': 'out of scope',
  uncovered: 'not covered',
};

/** What a pass rests on. */
export const BASIS_TITLES: Record<Basis, string> = {
  strong: 'a strong test',
  weak: 'a weak test',
  statement: 'a statement',
  record: 'records',
};

const BASIS_PLURALS: Record<Basis, string> = {
  strong: 'on strong tests',
  weak: 'on weak tests',
  statement: 'on statements by people',
  record: 'on records',
};

/** On what the passes of a class rest, and what its verdict leaves out: a sentence each. */
export function verdictInWords({ passes, accepted, outside }: Assessment['verdicts'][AttackClass]): string[] {
  const resting = BASES.filter((basis) => (passes[basis] ?? 0) > 0);
  return [
    resting.length === 0
      ? 'Nothing passes.'
      : `Passes rest: ${resting.map((basis) => `${passes[basis]} ${BASIS_PLURALS[basis]}`).join(', ')}.`,
    ...(accepted.overFailing > 0 ? [`Risks accepted over failing results: ${accepted.overFailing}.`] : []),
    ...(accepted.withoutEvidence > 0
      ? [`Acceptances over results that nobody assessed, which change nothing: ${accepted.withoutEvidence}.`]
      : []),
    ...outside.map((what) => OUTSIDE[what]),
  ];
}

const OUTSIDE: Record<Assessment['verdicts'][AttackClass]['outside'][number], string> = {
  'vendor-training': 'How the vendor trained the model is outside of this verdict.',
};

/** Whether a measurement may carry a pass, and if not, what is open. One that no criterion asks for carries none. */
export function warrantInWords({ open, sample, strength }: AssessedMeasurement['warrant']): string {
  if (open.length > 0) return `passes nothing: ${open.map((one) => REASON_TITLES[one]).join(', ')}`;
  return sample.enough
    ? `may carry a pass, as ${BASIS_TITLES[strength]}`
    : 'for information: no criterion passes by it';
}

/** What stands beside a number by which a criterion fails, in place of what a pass would take. */
export const FAILS_BY_ITSELF = 'fails by itself: a success of the attack needs no warrant';

/** What shows that a test could have succeeded. */
export const POWER_TITLES: Record<AssessedMeasurement['warrant']['power']['basis'], string> = {
  control: 'positive control',
  planted: 'planted by the testers',
  tool: 'detector of a known tool',
  none: 'nothing',
};

export { SURFACE_TITLES } from '../terms.ts';

/** A state with the reason where there is one: `Not assessed: stale`. */
export function stateText(state: State, reason?: Reason): string {
  return reason ? `${STATE_TITLES[state]}: ${REASON_TITLES[reason]}` : STATE_TITLES[state];
}

/** An outcome that did not decide, in one line. */
export function inOneLine({ state, reason, detail }: { state: State; reason?: Reason; detail: string }): string {
  return `${stateText(state, reason)}. ${detail}`;
}

export function measureTitle(measure: MeasureName): string {
  return MEASURES[measure].title;
}

/** How a number was computed. */
export function methodTitle(method: string): string {
  return METHOD_TITLES[method] ?? method;
}

const METHOD_TITLES = table<string>({
  'clopper-pearson': 'Clopper-Pearson (exact)',
  'delong-logit': 'DeLong on the logit scale',
  'clopper-pearson-combined': 'Clopper-Pearson bounds combined',
  'clopper-pearson-threshold': 'Clopper-Pearson at a threshold chosen on other records',
  'one-run': 'one-run audit (Steinke et al. 2023)',
  'bootstrap-band': 'bootstrap of the whole curve, seeded',
  'rogan-gladen': 'Rogan-Gladen with Clopper-Pearson bounds',
  'discoverable-sampled': 'exact bounds over sampled targets',
  'exact-rank': 'exact rank',
  'sampled-rank': 'rank among sampled candidates, Clopper-Pearson',
  extrapolated: 'extrapolated, not counted',
  'exact-degenerate': 'exact binomial (degenerate case)',
  'newcombe-paired': 'Newcombe, paired score',
  'newcombe-unpaired': 'Newcombe, hybrid score',
  'operating-point': 'exact bounds at one operating point',
  'preset-thresholds': 'Clopper-Pearson at thresholds fixed beforehand',
  'order-statistic': 'ranks of the sorted values (order statistics)',
  stated: 'stated without counts',
});
