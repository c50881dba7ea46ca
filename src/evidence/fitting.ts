import type { z } from 'zod';
import { ProbityError } from '../errors.ts';
import { check, firstIssue, instant } from '../schema.ts';
import type { AdapterContext, Reading } from './adapter.ts';
import type { EvidenceFile } from './file.ts';

/**
 * What a file of another tool holds, as far as it is used.
 * @param what the tool's own name of such a file, completing "not a .."
 * @param under pointer of the value within the file
 * @throws ProbityError EVIDENCE_MALFORMED with file and pointer of the first thing wrong
 */
export function fitted<T>(
  schema: z.ZodType<T>,
  value: unknown,
  file: Pick<EvidenceFile, 'path'>,
  what: string,
  under = '',
): T {
  const parsed = check(schema, value);
  if (parsed.success) return parsed.data;
  const { pointer, message } = firstIssue(parsed.error);
  throw new ProbityError('EVIDENCE_MALFORMED', `not ${what}: ${message}`, { where: `${file.path}#${under}${pointer}` });
}

/** One step of a JSON pointer (RFC 6901). */
export function pointerStep(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A moment as ISO 8601 in UTC; undefined for what is none, or lies before computers. */
export function moment(text: string | number | null | undefined): string | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  if (typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text))
    return Number.isNaN(Date.parse(text)) ? undefined : text;
  const zoned =
    typeof text === 'string' && /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)
      ? `${text.replace(' ', 'T')}Z`
      : text;
  const date = new Date(zoned);
  const year = date.getUTCFullYear();
  return Number.isNaN(date.getTime()) || year < 1980 || year > 2200 ? undefined : date.toISOString();
}

/**
 * Dates a reading: by what the file says, by what `probity.yaml` declares, by the older where both do. Where neither does,
 * a warning says so.
 * @param what the file in words, beginning a sentence: "the model", "the report"
 */
export function datedBy(
  reading: Reading,
  context: Pick<AdapterContext, 'declared'>,
  own: string | undefined,
  what: string,
): { collected?: string } {
  const declared = context.declared.collected;
  const collected =
    declared !== undefined && own !== undefined
      ? instant(own, true) < instant(declared, true)
        ? own
        : declared
      : (own ?? declared);
  if (collected === undefined) {
    reading.warnings.push(
      `${what} does not say when it was made: declare collected under sources in probity.yaml, or its age cannot be shown`,
    );
    return {};
  }
  reading.collected = collected;
  return { collected };
}
