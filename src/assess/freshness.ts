import type { ChangeEffects } from '../catalog/schemas.ts';
import { daysBetween } from '../schema.ts';
import type { ChangeKind, Source, Surface } from '../terms.ts';
import { inOrder, type Reason } from './outcome.ts';

/** A change of the system that can make older evidence about some surfaces stale. */
export interface RelevantChange {
  of: ChangeKind;
  date: string;
  description: string;
  surfaces: readonly Surface[];
  source?: Source;
}

/** Why evidence does not count for today, or undefined when it does. */
export interface Staleness {
  /** Of an earlier state of the system, too old, undated, or of a day that has not come. */
  of: 'change' | 'age' | 'undated' | 'future';
  /** What it is called where nothing else answers: evidence of a day that has not come was never out of date. */
  reason: Extract<Reason, 'stale' | 'not-yet'>;
  why: string;
}

/** Whether a day until which something holds is past; without one it goes on holding. */
export function hasEnded(expires: string | undefined, asOf: string): boolean {
  return expires !== undefined && expires.slice(0, 10) < asOf;
}

/** A deployment of a model counts as a change, besides what a change log lists; later than `asOf` counts for nothing. */
export function relevantChanges(
  logged: readonly { of: ChangeKind; date: string; description: string; surfaces?: Surface[]; source: Source }[],
  deployments: readonly { id: string; version: string; deployed: string }[],
  effects: ChangeEffects,
  asOf: string,
): RelevantChange[] {
  const deployed = deployments.map(
    (model): RelevantChange => ({
      of: 'model',
      date: model.deployed,
      description: `${model.id} ${model.version} deployed`,
      surfaces: effects.model,
    }),
  );
  const changes = logged.map(
    (change): RelevantChange => ({
      ...change,
      // A change of the model concerns every surface that it answers on, whatever its entry says.
      surfaces: change.of === 'model' || change.surfaces === undefined ? effects[change.of] : change.surfaces,
    }),
  );
  return [...deployed, ...changes]
    .filter((change) => change.date.slice(0, 10) <= asOf)
    .sort((a, b) => a.date.localeCompare(b.date));
}

/** That nothing shows the system to be as it was, completing a sentence. */
export function unchangedUnknown(why: string): string {
  return `whether the system was changed since is not known, since ${why}`;
}

/**
 * Judges evidence by its date alone and by what has changed since.
 * @param collected ISO date, or undefined when the evidence does not say
 * @param maxAgeDays undefined when the criterion sets no limit
 * @param changes the changes that matter for what the evidence is about
 */
export function staleness(
  collected: string | undefined,
  asOf: string,
  maxAgeDays: number | undefined,
  changes: readonly RelevantChange[],
): Staleness | undefined {
  if (collected === undefined)
    return maxAgeDays === undefined && changes.length === 0
      ? undefined
      : { of: 'undated', reason: 'stale', why: 'it does not say when it was collected, so its age cannot be shown' };
  const day = collected.slice(0, 10);
  const age = daysBetween(collected, asOf);
  if (age < 0) return { of: 'future', reason: 'not-yet', why: notYetValid(day, asOf) };
  const since = changes.filter((change) => !isAfter(collected, change.date)).at(-1);
  if (since) {
    const when = since.date.slice(0, 10) === day ? 'on the day of and not shown to be after' : 'before';
    return {
      of: 'change',
      reason: 'stale',
      why: `collected on ${day}, ${when} the ${since.of} change of ${since.date.slice(0, 10)} (${since.description})`,
    };
  }
  if (maxAgeDays !== undefined && age > maxAgeDays)
    return { of: 'age', reason: 'stale', why: `${age} days old, the limit is ${maxAgeDays}` };
  return undefined;
}

/** That something of a later day does not count yet. @param day ISO date, after `asOf` */
export function notYetValid(day: string, asOf: string): string {
  return `dated ${day.slice(0, 10)}, and not yet valid at the as-of date (${asOf})`;
}

/**
 * Why none of several pieces of evidence counts: every reason there is, and in words that of the first.
 * @param found one for each piece, at least one; undefined for one that the date does not keep from counting
 */
export function noneCounts(found: readonly (Staleness | undefined)[]): { reasons: Reason[]; why: string } {
  const reasons = inOrder(found.map((one) => one?.reason ?? 'stale'));
  const first = found.find((one) => one?.reason === reasons[0]);
  return { reasons: reasons.length > 0 ? reasons : ['stale'], why: first?.why ?? 'too old' };
}

/** Whether one moment is after another. On one day the times decide, where both have one; otherwise nothing shows it. */
export function isAfter(moment: string, other: string): boolean {
  return timeOrder(moment, other) > 0;
}

/** Negative when `a` is earlier. A day without a time is neither before nor after a time on that day. */
export function timeOrder(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  const [dayA, dayB] = [a.slice(0, 10), b.slice(0, 10)];
  if (dayA !== dayB) return dayA < dayB ? -1 : 1;
  if (a.length <= 10 || b.length <= 10) return 0;
  return Math.sign(Date.parse(a) - Date.parse(b)) || 0;
}
