import { z } from 'zod';
import { surface } from '../../../schema.ts';
import type { Source } from '../../../terms.ts';
import { grouped } from '../../../wording.ts';
import { daysOf, type EvaluationContext, type MergedIdentity, plural, someOf, sourcesOf } from '../../context.ts';
import { noneCounts, staleness } from '../../freshness.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied } from '../../outcome.ts';
import { type Check, defineCheck } from '../check.ts';

export type Identity = MergedIdentity;

/** Only identities that can reach one of these surfaces matter; one whose reach is not stated always does. */
export const scope = { reaching: z.array(surface).optional() };
export const plain = z.strictObject(scope);
export const limited = z.strictObject({ ...scope, param: z.string() });

/** How one identity fares: it fails for a reason (found out only for those that are shown), passes, or the inventory does not say. */
type Verdict = { fails: string | (() => string) } | 'passes' | 'not-stated';

/** What decides whether an identity is judged at all. */
const ALWAYS_READ: readonly (keyof Identity)[] = ['type', 'active', 'reaches'];

interface IdentityCheck<Parameters extends { reaching?: string[] | undefined }> {
  name: string;
  /** What the check asks, completing "each identity ..". */
  asks: string;
  parameters: z.ZodType<Parameters>;
  considers(identity: Identity, context: EvaluationContext): boolean;
  /** How identities are judged under the profile's limits, and the limit in words. */
  judge(parameters: Parameters, context: EvaluationContext): { verdict(identity: Identity): Verdict; limit?: string };
  /** The fields of an identity that it judges; two inventories that differ on one of them leave it open. */
  reads: readonly (keyof Identity)[];
  /** What it lacks when it cannot tell, completing "the inventory does not say ..". */
  silent: string;
  /** What an inventory without any such identity means; by default that it says nothing of them. */
  withoutAny?(context: EvaluationContext): Outcome;
  /** A further sentence about all identities concerned. */
  remark?(concerned: readonly Identity[], context: EvaluationContext): string;
}

export function identityCheck<Parameters extends { reaching?: string[] | undefined }>(
  definition: IdentityCheck<Parameters>,
): Check {
  return defineCheck({
    name: definition.name,
    parameters: definition.parameters,
    evaluate(parameters, _question, context, maxAgeDays) {
      if (context.identities.length === 0)
        return notAssessed('no-evidence', { detail: 'No access inventory was found in the evidence.' });
      const { reaching } = parameters;
      const { fresh, near } = inReach(context, maxAgeDays, reaching);
      if (fresh.length === 0) {
        const { reasons, why } = noneCounts(
          context.identities.map(({ collected }) => staleness(collected, context.asOf, maxAgeDays, [])),
        );
        return notAssessed(reasons, {
          detail: `The access inventory does not count: ${why}.`,
          evidence: sourcesOf(context.identities.slice(0, 1)),
        });
      }
      const concerned = near.filter((identity) => definition.considers(identity, context));
      if (concerned.length === 0)
        return (
          definition.withoutAny?.(context) ??
          notAssessed('no-evidence', { detail: 'The inventory lists no identity that this criterion is about.' })
        );
      return summarise(definition, parameters, concerned, context, context.identities.length - fresh.length);
    },
  });
}

interface InReach {
  /** Identities of inventories that are not too old. */
  fresh: Identity[];
  /** Those of them that can reach the surfaces asked about. */
  near: Identity[];
}

/** Most controls ask about the same identities; an assessment looks for them once. */
const known = new WeakMap<EvaluationContext, Map<string, InReach>>();

function inReach(
  context: EvaluationContext,
  maxAgeDays: number | undefined,
  reaching: readonly string[] | undefined,
): InReach {
  const key = `${maxAgeDays ?? ''} ${reaching?.join() ?? ''}`;
  const ofContext = known.get(context) ?? new Map<string, InReach>();
  known.set(context, ofContext);
  const before = ofContext.get(key);
  if (before) return before;
  const dates = new Map<string | undefined, boolean>();
  const fresh = context.identities.filter(({ collected }) => {
    const isFresh = dates.get(collected) ?? staleness(collected, context.asOf, maxAgeDays, []) === undefined;
    dates.set(collected, isFresh);
    return isFresh;
  });
  const found = { fresh, near: reaching ? fresh.filter((identity) => isNear(identity, reaching, context)) : fresh };
  ofContext.set(key, found);
  return found;
}

/** What the inventory states, or else what entitlements lead to, where all of it is listed with its surface. */
function isNear(identity: Identity, reaching: readonly string[], context: EvaluationContext): boolean {
  // Rights on everything reach every surface, whatever is stated.
  const boundless = context.reach.of(identity.id);
  if (identity.admin || boundless?.admin || boundless?.everywhere !== undefined) return true;
  const reach = identity.reaches ? undefined : context.reach.of(identity.id);
  const surfaces =
    identity.reaches ??
    (context.reach.resourcesListed && reach?.closed && reach.placed && !reach.admin ? reach.surfaces : undefined);
  return surfaces === undefined || surfaces.some((name) => reaching.includes(name));
}

function summarise<Parameters extends { reaching?: string[] | undefined }>(
  definition: IdentityCheck<Parameters>,
  parameters: Parameters,
  concerned: Identity[],
  context: EvaluationContext,
  leftOut: number,
): Outcome {
  const { verdict, limit } = definition.judge(parameters, context);
  const reads = new Set<string>([...ALWAYS_READ, ...definition.reads]);
  const torn = concerned.flatMap((identity) => {
    const conflict = identity.conflicts.find(({ field }) => reads.has(field));
    return conflict ? [{ identity, conflict }] : [];
  });
  const contested = new Set(torn.map(({ identity }) => identity));
  const failing = new Some<{ identity: Identity; why: string | (() => string) }>();
  const silent = new Some<Identity>();
  for (const identity of concerned) {
    if (contested.has(identity)) continue;
    const found = verdict(identity);
    if (typeof found === 'object') failing.add({ identity, why: found.fails });
    else if (found === 'not-stated') silent.add(identity);
  }
  const judged = concerned.length - silent.count - torn.length;
  const aside = [
    leftOut > 0 ? ` ${plural(leftOut, 'identity', 'identities')} of an older inventory left out.` : '',
    definition.remark ? ` ${definition.remark(concerned, context)}` : '',
  ].join('');
  const fields = {
    observed: `${grouped(failing.count)} of ${grouped(judged)} fail`,
    threshold: limit === undefined ? '0 fail' : `0 fail, limit ${limit}`,
  };
  if (failing.count > 0)
    return notSatisfied({
      ...fields,
      detail: `${plural(failing.count, 'identity', 'identities')} of ${grouped(judged)}: ${firstFew(failing)}.${aside}`,
      evidence: sourcesOf(failing.first.flatMap(({ identity }) => fullSources(identity))),
    });
  if (torn.length > 0)
    return notAssessed('contradictory', {
      ...fields,
      detail: `Inventories of one time contradict each other: ${someOf(
        torn.map(
          ({ identity, conflict: { field, places } }) =>
            `${identity.name}, ${field} (${places.map(({ path, at }) => `${path}, ${at}`).join(' and ')})`,
        ),
      )}.`,
      evidence: torn.slice(0, 25).flatMap(({ conflict }) => conflict.places),
    });
  const [contestedReach] = reads.has('entitlements') ? context.reachConflicts : [];
  if (contestedReach)
    return notAssessed('contradictory', {
      ...fields,
      detail: `Two inventories of one time say different things of ${contestedReach.id}: ${contestedReach.places.map(({ path, at }) => `${path}, ${at}`).join(' and ')}.`,
      evidence: contestedReach.places,
    });
  if (silent.count > 0)
    return notAssessed('no-evidence', {
      ...fields,
      detail: `For ${plural(silent.count, 'identity', 'identities')} of ${grouped(concerned.length)} the inventory does not say ${definition.silent}: ${fewOf(silent, ({ name }) => name)}.${aside}`,
      evidence: sourcesOf(silent.first.flatMap(fullSources)),
    });
  return satisfied({
    ...fields,
    detail: `${judged === 1 ? 'The one identity concerned' : `Each of ${grouped(judged)} identities`} ${definition.asks}.${aside}`,
    evidence: sourcesOf(concerned.slice(0, 50).flatMap(fullSources)),
  });
}

/** Every file that says something of an identity. */
function fullSources({ source, further }: Identity): { source: Source }[] {
  return [source, ...further].map((one) => ({ source: one }));
}

/** So many of those that fail are named as evidence. */
const MOST_NAMED = 50;

/** The first of many, and how many there are: an inventory may have a hundred thousand that fail. */
class Some<T> {
  readonly first: T[] = [];
  count = 0;

  add(one: T): void {
    this.count++;
    if (this.first.length < MOST_NAMED) this.first.push(one);
  }
}

/** The first five by name, and how many more there are. */
function fewOf<T>({ first, count }: Some<T>, name: (one: T) => string): string {
  const shown = first.slice(0, 5).map(name).join(', ');
  return count > 5 ? `${shown} and ${grouped(count - 5)} more` : shown;
}

/** The first five that fail, and how many more there are. */
function firstFew(failing: Some<{ identity: Identity; why: string | (() => string) }>): string {
  return fewOf(failing, ({ identity, why }) => `${identity.name} (${typeof why === 'string' ? why : why()})`);
}

export const isMachine = (identity: Identity): boolean => isInUse(identity) && identity.type !== 'human';

/** Whether it can be used: it is active, or said not to be while one of its credentials is. */
export function isInUse({ active, credentials }: Identity): boolean {
  return active || credentials.some((credential) => credential.active);
}

/** A limit in days by its profile parameter, with its wording. */
export function dayLimit(param: string, context: EvaluationContext): { days: number; limit: string } {
  const limit = daysOf({ param }, context) ?? 0;
  return { days: limit, limit: `${limit} days` };
}
