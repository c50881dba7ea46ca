import type { State } from '../assess/outcome.ts';
import { table } from '../table.ts';
import type { AttackClass } from '../terms.ts';
import { grouped } from '../wording.ts';

/** How reports name things: the same words in every format. */
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

export const REASON_TITLES = table<string>({
  'no-evidence': 'no evidence',
  'insufficient-sample': 'sample too small',
  stale: 'stale',
  'invalid-comparison': 'invalid comparison',
  'not-recomputable': 'not recomputable',
  'untested-surface': 'untested surface',
});

export const SURFACE_TITLES = table<string>({
  'model-api': 'Model interface',
  'retrieval-store': 'Retrieval store',
  'agent-tools': 'Agent tools',
  embeddings: 'Embeddings',
  'model-weights': 'Model weights',
  undeclared: 'Not declared',
});

export const MEASURE_TITLES = table<string>({
  'roc.auc': 'Area under the ROC curve',
  'roc.tpr': 'True-positive rate',
  'baseline.auc': 'Area under the curve without the model',
  'roc.advantage': 'Largest TPR minus FPR',
  'roc.ppv': 'Accusations that are right',
  'privacy.epsilonLower': 'Privacy loss, lower bound on epsilon',
  exposure: 'Exposure of the canary that stands out most',
  rate: 'Success rate',
  advantage: 'Advantage over baseline',
  reconstruction: 'Targets reconstructed',
  extraction: 'Targets that repeated sampling brings out',
  disclosure: 'Items recovered within the budget',
});

export const METHOD_TITLES = table<string>({
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
  stated: 'stated without counts',
});

/** A share as a percentage with three significant digits; tiny and zero values stay visible as such. */
export function percent(value: number): string {
  if (value === 0) return '0%';
  const scaled = value * 100;
  return `${Number(scaled.toPrecision(3))}%`;
}

/** A number of a measure in the unit readers expect: areas as decimals, epsilon as it is, exposure in bits, shares as percentages. */
export function figure(measure: string, value: number | null): string {
  if (value === null) return 'unknown';
  if (measure === 'privacy.epsilonLower') return Number(value.toPrecision(3)).toString();
  if (measure === 'exposure') return `${value.toFixed(1)} bits`;
  return measure.endsWith('auc') ? value.toFixed(3) : percent(value);
}

/** `1 identity`, `3 identities`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
