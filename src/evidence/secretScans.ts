import type { Tool } from '../terms.ts';
import { type AdapterContext, newReading, type Reading } from './adapter.ts';
import { datedBy } from './fitting.ts';
import type { SecretFindingBody } from './observations/access.ts';

/** One finding, without the secret: no field of it may hold one. */
export interface FoundSecret extends Pick<SecretFindingBody, 'id' | 'rule' | 'where' | 'verified' | 'review'> {
  at: string;
}

/**
 * The observations of one search for secrets.
 * @param scan what was searched, as far as the file says it, and why the search shows nothing if it did not get to its end; what `probity.yaml` declares as `probe` is added
 */
export function secretReading(
  scan: {
    tool: Tool;
    what: string;
    date?: string | undefined;
    scanned?: Iterable<string>;
    at: string;
    unfinished?: string | undefined;
    /** What the search was told to leave out, as its own patterns; it is said wherever the search is named. */
    passedOver?: readonly string[];
    /** What else it left out, in words. */
    leftOut?: readonly string[];
  },
  findings: readonly FoundSecret[],
  context: AdapterContext,
): Reading {
  const { tool } = scan;
  const reading = newReading(tool);
  const dated = datedBy(reading, context, scan.date, scan.what);
  for (const found of findings) reading.observations.push({ kind: 'secret-finding', ...found, ...dated, tool });
  if (scan.unfinished !== undefined) {
    reading.warnings.push(`${scan.unfinished}, so it does not count as a search: hand in one that is complete`);
    return reading;
  }
  const { probe } = context.declared;
  const { passedOver = [], leftOut = [] } = scan;
  const left = [
    ...(passedOver.length > 0 ? [`what fits ${passedOver.join(', ').slice(0, 200)}`] : []),
    ...new Set(leftOut),
  ];
  const without = left.length > 0 ? ` without ${left.join(' and ').slice(0, 400)}` : '';
  const scanned = [...new Set([...(scan.scanned ?? []), ...(probe ? [probe] : [])])].map((one) => one + without);
  if (without !== '') reading.warnings.push(`the search was made${without}: what lies there was not searched`);
  if (scanned.length === 0)
    reading.warnings.push(
      `${scan.what} does not say what was searched: declare probe under sources in probity.yaml, with the name of the repository`,
    );
  reading.observations.unshift({
    kind: 'secret-scan',
    scanned,
    findings: findings.length,
    ...dated,
    tool,
    at: scan.at,
  });
  return reading;
}

/** Where a secret was found, in words: file, line and the beginning of the commit. */
export function placeOf(file: string, line?: number | null, commit?: string | null): string {
  return `${file}${line ? `:${line}` : ''}${commit ? ` at ${commit.slice(0, 12)}` : ''}`;
}
