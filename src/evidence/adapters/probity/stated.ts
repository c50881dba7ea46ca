import { z } from 'zod';
import { isoDate } from '../../../schema.ts';

/* Pieces that several of Probity's own kinds share. */

/** What stands in a form until somebody fills it in. It says nothing, so it is no value. */
const PLACEHOLDER =
  /^\W*$|^\W*(n\/?a|tb[adc]|todo|fixme|x{2,}|\?+|none|null|nil|unknown|undefined|placeholder|example|sample|lorem ipsum|to be (added|defined|determined|done|named)|your .*|name|value|somebody|someone)\W*$/i;

/** Text that says something: not empty, and not a placeholder. */
export function said(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !PLACEHOLDER.test(text), 'a placeholder, which says nothing; replace it or leave the field out');
}

/** A document that somebody else can find again: its title and SHA-256 (64 hex digits, not one digit repeated). */
export const fixedDocument = z.strictObject({
  title: said(300),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 as 64 lower-case hex digits')
    .refine((digest) => !/^(.)\1*$/.test(digest), 'one digit repeated is the SHA-256 of no document')
    .refine(
      (digest) => digest !== 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'this is the SHA-256 of an empty file',
    ),
});

/** Whoever answers for something. */
export const answerable = z.strictObject({ name: said(200), role: said(200) });

/** A day, or a moment to the minute. Without a zone it is UTC. */
export const moment = isoDate.refine(
  (text) => !Number.isNaN(Date.parse(text)),
  'a moment that exists, like 2026-09-30T14:05:00Z',
);

/** Twice the same id leaves open which entry is meant, and a check would pass by one and hide the other. */
export function oncePerId(what: string) {
  return (list: readonly { id: string }[], context: z.RefinementCtx): void => {
    const first = new Map<string, number>();
    list.forEach((entry, index) => {
      const before = first.get(entry.id);
      if (before === undefined) first.set(entry.id, index);
      else
        context.addIssue({
          code: 'custom',
          path: [index, 'id'],
          message: `the ${what} ${JSON.stringify(entry.id).slice(0, 120)} stands twice, first as number ${before + 1} of the list; merge the two`,
        });
    });
  };
}
