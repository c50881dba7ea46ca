import type { ChangeEffects } from '../catalog/schemas.ts';
import { daysBetween } from '../schema.ts';
import type { ChangeKind, Source, Surface } from '../terms.ts';

/** A change of the system that can make older evidence about some surfaces stale. */
export interface RelevantChange {
  of: ChangeKind;
  date: string;
  description: string;
  surfaces: readonly Surface[];
  source?: Source;
}

/** Why evidence is too old to count, or undefined when it is fresh. */
export interface Staleness {
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
    (change): RelevantChange => ({ ...change, surfaces: change.surfaces ?? effects[change.of] }),
  );
  return [...deployed, ...changes]
    .filter((change) => change.date.slice(0, 10) <= asOf)
    .sort((a, b) => a.date.localeCompare(b.date));
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
      : { why: 'it does not say when it was collected, so its age cannot be shown' };
  const age = daysBetween(collected, asOf);
  if (age < 0) return { why: `collected on ${collected.slice(0, 10)}, after the as-of date` };
  if (maxAgeDays !== undefined && age > maxAgeDays) return { why: `${age} days old, the limit is ${maxAgeDays}` };
  const since = changes.filter((change) => change.date.slice(0, 10) > collected.slice(0, 10)).at(-1);
  return since
    ? {
        why: `collected on ${collected.slice(0, 10)}, before the ${since.of} change of ${since.date.slice(0, 10)} (${since.description})`,
      }
    : undefined;
}
