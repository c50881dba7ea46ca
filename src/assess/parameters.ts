/**
 * Parameters of a profile that no control names, because they hold for every test: what a test has to show of itself before
 * it can pass. docs/passing.md says what each asks.
 */
const TEST_PARAMETERS = [
  'mi-control',
  'trial-control',
  'mi-baseline-margin',
  'mi-canary-exposure',
  'inv-extraction-n',
  'inv-extraction-p',
  'inv-query-budget',
  'pool-probes',
  'plan-required',
  'probe-max-age',
  'waiver-max',
] as const;

/** Cut-offs by metric, `similarity-bleu`: any metric may have one. */
const SIMILARITY = 'similarity-';

/** Whether the product itself reads a parameter, whatever the controls name. */
export function isTestParameter(name: string): boolean {
  return TEST_PARAMETERS.some((known) => known === name) || name.startsWith(SIMILARITY);
}

/** The parameter that holds the cut-off of a metric. */
export function similarityParameter(metric: string): string {
  return `${SIMILARITY}${metric}`;
}
