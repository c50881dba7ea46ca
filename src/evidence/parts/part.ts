import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ProbityError } from '../../errors.ts';
import { apiVersion, check, firstIssue, sha256Hex } from '../../schema.ts';
import { visibleJson } from '../../visible.ts';
import type { Span } from './range.ts';

/*
 * A part says what a range of a large file holds, as counts or columns that add up to exactly what the whole file holds. It
 * is bound to the bytes that were read by their digests: whoever has the file can make the same part again.
 */

const count = z.number().int().min(0);

/** A part as it is written. */
const partSchema = z.strictObject({
  apiVersion,
  kind: z.literal('EvidencePart'),
  /** The file that it is a part of, by its path in the workspace. */
  of: z.string().min(1).max(1000),
  /** The format of that file. */
  format: z.string().max(60),
  /** Which of how many parts it holds; a whole file is the first of one. */
  parts: z
    .strictObject({
      first: z.number().int().min(1),
      last: z.number().int().min(1),
      count: z.number().int().min(1).max(10_000),
    })
    .refine(({ first, last, count: all }) => first <= last && last <= all, 'first, last and count in this order'),
  /** What was read, for each file that the parts lay in: offsets, and SHA-256 over every 1 MiB. */
  read: z
    .array(z.strictObject({ from: count, to: count, digests: z.array(sha256Hex).max(2_000_000) }))
    .min(1)
    .max(10_000),
  /** Lines that begin in it. */
  lines: count,
  /** What the format makes of it. */
  body: z.unknown(),
});
export type EvidencePart = z.infer<typeof partSchema>;

/** Reads a part out of a parsed document. @throws ProbityError EVIDENCE_MALFORMED */
export function readPart(document: unknown, path: string): EvidencePart {
  const parsed = check(partSchema, document);
  if (parsed.success) return parsed.data;
  const { pointer, message } = firstIssue(parsed.error);
  throw new ProbityError('EVIDENCE_MALFORMED', `EvidencePart${pointer}: ${message}`, {
    where: `${path}#${pointer}`,
    remedy: 'Make it again with: probity evidence summarise',
  });
}

/** The bytes of a part: the same for the same part, whoever made it of what. */
export function serialisePart(part: EvidencePart): string {
  const { apiVersion: version, kind, of, format, parts, read, lines, body } = part;
  return `${visibleJson({ apiVersion: version, kind, of, format, parts, read, lines, body })}\n`;
}

/** The digest that stands for all that was read, hex. */
export function digestOfRead(read: readonly Span[]): string {
  return createHash('sha256')
    .update(JSON.stringify(read.map(({ from, to, digests }) => [from, to, digests])))
    .digest('hex');
}

export function bytesRead(read: readonly Span[]): number {
  return read.reduce((sum, { from, to }) => sum + to - from, 0);
}

/**
 * Puts consecutive parts of one file together; all of them are the same bytes as the file read at once.
 * @param parts in any order, each with where it was read
 * @throws ProbityError EVIDENCE_MALFORMED for parts that are not of one file, overlap, or leave a gap
 */
export function mergeParts(
  parts: readonly { part: EvidencePart; where: string }[],
  merge: (bodies: { body: unknown; lines: number; where: string }[]) => unknown,
): EvidencePart {
  const sorted = [...parts].sort((a, b) => a.part.parts.first - b.part.parts.first);
  const [head] = sorted;
  if (!head) throw new TypeError('nothing to put together');
  const refuse = (message: string, where: string): never => {
    throw new ProbityError('EVIDENCE_MALFORMED', message, {
      where,
      remedy:
        'Give all parts of the file, each once: probity evidence summarise FILE --part 1/4 -o FILE.part1.json, and so on',
    });
  };
  let next = head.part.parts.first;
  for (const { part, where } of sorted) {
    const { of, format, parts: numbers } = part;
    if (of !== head.part.of || format !== head.part.format || numbers.count !== head.part.parts.count)
      refuse(`it is no part of ${head.part.of} as the others are`, where);
    if (numbers.first < next) refuse(`part ${numbers.first} of ${numbers.count} of ${of} is there twice`, where);
    if (numbers.first > next) refuse(`part ${next} of ${numbers.count} of ${of} is not there`, where);
    next = numbers.last + 1;
  }
  const read: Span[] = [];
  for (const { part, where } of sorted)
    for (const span of part.read) {
      // Of a small file some parts hold nothing.
      if (span.from === span.to) continue;
      const before = read.at(-1);
      if (before && before.to === span.from && span.from > 0)
        read[read.length - 1] = { from: before.from, to: span.to, digests: [...before.digests, ...span.digests] };
      else if (before && span.from !== 0 && span.from !== before.to)
        refuse('its bytes do not follow those of the part before', where);
      else read.push({ ...span, digests: [...span.digests] });
    }
  const { first, count: all } = head.part.parts;
  const last = next - 1;
  return {
    ...head.part,
    parts: first === 1 && last === all ? { first: 1, last: 1, count: 1 } : { first, last, count: all },
    read,
    lines: sorted.reduce((sum, { part }) => sum + part.lines, 0),
    body: merge(sorted.map(({ part, where }) => ({ body: part.body, lines: part.lines, where }))),
  };
}

/** Whether a part holds all of its file. */
export function isComplete({ parts }: EvidencePart): boolean {
  return parts.first === 1 && parts.last === parts.count;
}
