import { z } from 'zod';
import { table } from './table.ts';
import { ATTACK_CLASSES, SURFACES } from './terms.ts';
import { nearest } from './wording.ts';

/** The pieces that several external shapes share. */
const API_VERSION = 'probity/v1';
export const apiVersion = z.literal(API_VERSION);
export const attackClass = z.enum(ATTACK_CLASSES);
export const surface = z.enum(SURFACES);
export const identifier = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'letters, digits, dot, dash and underscore');
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 as 64 lower-case hex digits');

/** An ISO 8601 calendar date or date-time; YAML dates stay text because the loader never makes Date objects. */
export const isoDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/, 'a date like 2026-09-30')
  .refine(isRealDate, 'no such day');

function isRealDate(text: string): boolean {
  const [year, month, day] = calendar(text);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Year, month and day of an ISO date; inventories hold millions of dates, so nothing more is made of them than that. */
function calendar(text: string): [year: number, month: number, day: number] {
  return [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
}

/** An ISO 8601 duration in whole days, `P90D`. */
export const dayDuration = z.string({ error: durationAsked }).regex(/^P\d{1,5}D$/, 'a duration in days like P90D');

/** A bare number is what people write at first. */
function durationAsked({ input }: { input?: unknown }): string | undefined {
  return typeof input === 'number' ? `has to be a duration in days; write it like P${numbered(input)}D` : undefined;
}

function numbered(days: number): number {
  return Number.isInteger(days) && days > 0 && days < 100_000 ? days : 30;
}

/** Days in an ISO 8601 day duration. */
export function days(duration: string): number {
  return Number(duration.slice(1, -1));
}

/** Whole days from one ISO date to another, negative when `to` is earlier. Only the calendar date counts. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from);
}

/** The day so many days after another, as YYYY-MM-DD. */
export function addDays(day: string, count: number): string {
  return new Date((dayNumber(day) + count) * 86_400_000).toISOString().slice(0, 10);
}

/** Whole days since 1970. */
function dayNumber(text: string): number {
  const [year, month, day] = calendar(text);
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

/** Milliseconds since 1970. A day alone is its beginning, or its end; a time without a zone is UTC. */
export function instant(text: string, end: boolean): number {
  if (text.length === 10) return Date.parse(text) + (end ? 86_400_000 : 0);
  return Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`);
}

/** Of a list with a million entries that do not fit, one is enough to say so; all of them would take gigabytes. */
const FIRST_ONLY = { error: describe, reportInput: false, abortEarly: true };

/** Validates what came from outside, up to the first thing wrong in each list. */
export function check<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  return schema.safeParse(value, FIRST_ONLY);
}

/** The first thing wrong, as `pointer: message`; a field that there is not is pointed at itself. */
export function firstIssue(error: z.ZodError): { pointer: string; message: string } {
  const issue = error.issues[0];
  if (!issue) return { pointer: '', message: 'does not fit' };
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const pointer = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { pointer, message: issue.message };
}

const TYPE_NAMES = table<string>({
  array: 'a list',
  object: 'a set of fields',
  record: 'a set of fields',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
});

function typeOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  return TYPE_NAMES[Array.isArray(value) ? 'array' : typeof value] ?? 'something else';
}

function listed(values: readonly unknown[]): string {
  const words = values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value)));
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? 'nothing');
}

function sized(issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall>, bound: unknown): string {
  const side = issue.code === 'too_big' ? 'at most' : 'at least';
  const limit = `${issue.inclusive === false ? (issue.code === 'too_big' ? 'less than' : 'more than') : side} ${bound}`;
  if (issue.origin === 'string') return `has to have ${limit} characters`;
  if (issue.origin === 'array' || issue.origin === 'set') return `has to have ${limit} entries`;
  return `has to be ${limit}`;
}

/** Names of the fields of the schema that met a field it does not know. */
function fieldsOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** What is wrong, in words of ours; a schema's own message goes before it. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing, and has to be ${TYPE_NAMES[issue.expected] ?? issue.expected}`
        : `has to be ${TYPE_NAMES[issue.expected] ?? issue.expected}, and is ${typeOf(issue.input)}`;
    case 'invalid_value': {
      const guess = typeof issue.input === 'string' ? nearest(issue.input, issue.values.map(String)) : undefined;
      if (issue.input === undefined) return `is missing, and has to be ${listed(issue.values)}`;
      return `has to be ${listed(issue.values)}${guess === undefined || issue.values.length < 2 ? '' : `; did you mean "${guess}"?`}`;
    }
    case 'unrecognized_keys': {
      const [key = ''] = issue.keys;
      const guess = nearest(key, fieldsOf(issue.inst));
      return `there is no field "${key.slice(0, 60)}" here${guess === undefined ? '' : `; did you mean "${guess}"?`}`;
    }
    case 'too_big':
      return sized(issue, issue.maximum);
    case 'too_small':
      return sized(issue, issue.minimum);
    case 'invalid_format':
      return issue.format === 'regex' ? 'is not of the form that is needed' : `is not a valid ${issue.format}`;
    case 'not_multiple_of':
      return `has to be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return 'fits none of the forms that it may have';
    case 'invalid_key':
      return 'has a field whose name is not accepted';
    default:
      return undefined;
  }
}
