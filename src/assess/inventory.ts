import type { Observation } from '../evidence/observation.ts';
import type { IdentityBody } from '../evidence/observations/access.ts';
import type { Source } from '../terms.ts';
import type { Assessment } from './assessment.ts';
import type { Conflict, EvaluationContext, MergedIdentity } from './context.ts';
import { timeOrder } from './freshness.ts';

/* What inventories say of one thing, put together. File names and the order of reading decide nothing. */

/** Fields of an identity that have one value; two inventories of one time that give two contradict each other. */
const SINGLE = [
  'usedBy',
  'type',
  'owner',
  'active',
  'created',
  'admin',
  'root',
  'mfa',
  'justification',
  'interactive',
  'thirdParty',
] as const satisfies readonly (keyof IdentityBody)[];
/** Fields that list things: inventories of one time complete each other. */
const LISTS = ['entitlements', 'unevaluated', 'roles', 'assumes', 'reaches', 'stages', 'rights'] as const;

/** What most identities have no further places and no conflicts in. */
const NONE: never[] = [];

/**
 * One identity per id: what the newest inventory says, completed by what others say where it is silent. Two inventories
 * of one account would otherwise count each identity twice.
 */
export function mergeIdentities(identities: readonly Observation<IdentityBody>[]): MergedIdentity[] {
  const merged = new Map<string, MergedIdentity>();
  for (const identity of identities.toSorted(newestFirst)) {
    const first = merged.get(identity.id);
    if (!first) merged.set(identity.id, { ...identity, further: NONE, conflicts: NONE });
    else merged.set(identity.id, mergedWith(first, identity));
  }
  return [...merged.values()];
}

function mergedWith(first: MergedIdentity, other: Observation<IdentityBody>): MergedIdentity {
  const together = sameTime(first.collected, other.collected);
  const conflicts = together ? conflictsOf(first, other) : [];
  const known = new Map(first.credentials.map((credential) => [credential.id, credential]));
  const credentials = [...first.credentials];
  for (const credential of other.credentials) {
    const before = known.get(credential.id);
    if (!before) credentials.push(credential);
    else if (together && JSON.stringify(before) !== JSON.stringify(credential))
      conflicts.push({ field: 'credentials', places: [first.source, other.source] });
  }
  const lists = together
    ? Object.fromEntries(
        LISTS.flatMap((field) => {
          const both = union<unknown>(first[field], other[field]);
          return both ? [[field, both]] : [];
        }),
      )
    : {};
  return {
    ...other,
    ...first,
    ...lists,
    type: (first.statesType || !other.statesType) && first.type !== 'unknown' ? first.type : other.type,
    active: first.statesActive === false ? other.active : first.active,
    ...(first.statesActive === false && other.statesActive !== false ? { statesActive: true } : {}),
    statesType: first.statesType === true || other.statesType === true,
    statesOwners: first.statesOwners || other.statesOwners,
    credentials,
    ...(first.statesUse === false && other.statesUse !== false ? { statesUse: true } : {}),
    ...(first.statesCredentials === false && other.statesCredentials !== false ? { statesCredentials: true } : {}),
    further: [...first.further, other.source],
    conflicts: [...first.conflicts, ...conflicts],
  };
}

function union<T>(a: readonly T[] | undefined, b: readonly T[] | undefined): T[] | undefined {
  if (!a || !b) return a || b ? [...(a ?? b ?? [])] : undefined;
  const known = new Set(a.map((one) => JSON.stringify(one)));
  return [...a, ...b.filter((one) => !known.has(JSON.stringify(one)))];
}

function conflictsOf(a: MergedIdentity, b: Observation<IdentityBody>): Conflict[] {
  return SINGLE.flatMap((field): Conflict[] => {
    if (field === 'type' && !(a.statesType && b.statesType)) return [];
    if (field === 'active' && (a.statesActive === false || b.statesActive === false)) return [];
    const [one, other] = [a[field], b[field]];
    if (one === undefined || other === undefined || JSON.stringify(one) === JSON.stringify(other)) return [];
    return [{ field, places: [a.source, b.source] }];
  });
}

/** Whether two dates are the same moment as far as they say: times decide only where both have one. */
function sameTime(a: string | undefined, b: string | undefined): boolean {
  return timeOrder(a, b) === 0;
}

interface Dated {
  collected?: string;
}

function newestFirst(a: Dated & { source: Source; statesType?: boolean }, b: typeof a): number {
  return (
    timeOrder(b.collected, a.collected) ||
    Number(b.statesType ?? false) - Number(a.statesType ?? false) ||
    // What is left is told apart by content, so that neither names nor places of files decide.
    (a.source.sha256 < b.source.sha256 ? -1 : a.source.sha256 > b.source.sha256 ? 1 : 0)
  );
}

/** The newest of what several inventories say under one name, and where two of one time differ. */
export function newestOf<Body extends { id: string; collected?: string }>(
  observations: readonly Observation<Body & Observation>[],
): { newest: Observation<Body & Observation>[]; conflicts: { id: string; places: [Source, Source] }[] } {
  const newest = new Map<string, Observation<Body & Observation>>();
  const conflicts: { id: string; places: [Source, Source] }[] = [];
  for (const one of observations) {
    const before = newest.get(one.id);
    if (!before) {
      newest.set(one.id, one);
      continue;
    }
    const order = timeOrder(one.collected, before.collected);
    if (order > 0) newest.set(one.id, one);
    if (order === 0 && contentOf(one) !== contentOf(before))
      conflicts.push({ id: one.id, places: [before.source, one.source] });
  }
  return { newest: [...newest.values()], conflicts };
}

function contentOf(observation: { source: Source; collected?: string }): string {
  const { source: _source, collected: _collected, ...content } = observation;
  return JSON.stringify(content);
}

/** So many identities are shown with what they reach. */
const WIDEST = 10;

/** The identities that reach the most, gravest first, each with its way to the gravest resource. */
export function widestOf({ identities, reach }: EvaluationContext): Assessment['identities']['widest'] {
  const ranked = identities
    .filter((identity) => identity.active && identity.type !== 'human')
    .flatMap((identity) => {
      const found = reach.of(identity.id);
      return found && found.resources > 0 ? [{ identity, found }] : [];
    })
    .sort(
      (a, b) =>
        b.found.weight - a.found.weight ||
        b.found.resources - a.found.resources ||
        (a.identity.id < b.identity.id ? -1 : 1),
    );
  return ranked.slice(0, WIDEST).map(({ identity, found }) => ({
    id: identity.id,
    name: identity.name,
    resources: found.resources,
    weight: found.weight,
    bySensitivity: found.bySensitivity,
    atLeast: found.atLeast,
    closed: found.closed,
    path: reach.path(identity.id),
    source: identity.source,
  }));
}
