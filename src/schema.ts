import { z } from 'zod';
import { ATTACK_CLASSES, SURFACES } from './terms.ts';

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
export const dayDuration = z.string().regex(/^P\d{1,5}D$/, 'a duration in days like P90D');

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

/** Of a list with a million entries that do not fit, one is enough to say so; all of them would take gigabytes. */
const FIRST_ONLY = { reportInput: false, abortEarly: true };

/** Validates what came from outside, up to the first thing wrong in each list. */
export function check<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  return schema.safeParse(value, FIRST_ONLY);
}

/** The first thing wrong, as `pointer: message`. */
export function firstIssue(error: z.ZodError): { pointer: string; message: string } {
  const issue = error.issues[0];
  if (!issue) return { pointer: '', message: 'does not fit' };
  const pointer = issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return { pointer, message: issue.message };
}
