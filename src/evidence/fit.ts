import type { z } from 'zod';
import { ProbityError } from '../errors.ts';
import { check, firstIssue } from '../schema.ts';

/** Where in which file something stands, as errors name it. */
export interface Place {
  path: string;
  /** A JSON pointer; empty for the document itself. */
  pointer?: string;
}

/**
 * Something out of an evidence file, held against its schema.
 * @throws ProbityError EVIDENCE_MALFORMED, naming the file and the field that does not fit
 */
export function fit<T>(schema: z.ZodType<T>, value: unknown, { path, pointer = '' }: Place, remedy?: string): T {
  const parsed = check(schema, value);
  if (parsed.success) return parsed.data;
  const issue = firstIssue(parsed.error);
  throw new ProbityError('EVIDENCE_MALFORMED', issue.message, {
    where: `${path}#${pointer}${issue.pointer}`,
    ...(remedy ? { remedy } : {}),
  });
}
