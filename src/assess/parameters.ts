import { type Control, type Profile, SUPPORTING_FAMILIES } from '../catalog/schemas.ts';

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

/** The parameters that a control's result may turn on: those that it names, and for tests of a model those that hold for all. */
export function parametersAsked(control: Control, { parameters }: Pick<Profile, 'parameters'>): string[] {
  const named = new Set<string>();
  collect(control.attackClasses, named);
  const ofTests = SUPPORTING_FAMILIES.includes(control.family) ? [] : Object.keys(parameters).filter(isTestParameter);
  return [...new Set([...named, ...ofTests])].filter((name) => Object.hasOwn(parameters, name)).sort();
}

/** Every text of a tree, since checks name parameters in fields of their own. */
function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') into.add(value);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) collect(inner, into);
}
