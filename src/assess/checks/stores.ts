import { z } from 'zod';
import { durationOrParameter, numberOrParameter } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import type { Authorisation } from '../../evidence/observations/operations.ts';
import { daysBetween } from '../../schema.ts';
import { MASKED, STORE_TYPES, SURFACE_TITLES, type Surface } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { daysOf, type EvaluationContext, numberOf, plural, someOf } from '../context.ts';
import { isSomething } from '../named.ts';
import { notApplicable } from '../outcome.ts';
import { defineCheck } from './check.ts';
import { freshRecords, type Lack, type Open, recordsOutcome, undescribed } from './records.ts';

type Store = Observation<BodyOf<'store'>>;

const asks = z
  .strictObject({
    readers: z.strictObject({ atMost: numberOrParameter }).optional(),
    authorisation: z.literal(true).optional(),
    partitions: z.literal(true).optional(),
    encryption: z.literal(true).optional(),
    backups: z.strictObject({ within: durationOrParameter }).optional(),
    deletion: z.strictObject({ within: durationOrParameter, followed: durationOrParameter }).optional(),
    retention: z.strictObject({ within: durationOrParameter }).optional(),
    masking: z
      .strictObject({
        masks: z.array(z.enum(MASKED)).min(1),
        entries: numberOrParameter,
        within: durationOrParameter,
      })
      .optional(),
  })
  .refine((value) => Object.keys(value).length > 0, 'asks nothing');
type Asks = z.infer<typeof asks>;

/** What each ask finds lacking in a store. */
const ASKS: {
  [A in keyof Required<Asks>]: (
    store: Store,
    wanted: NonNullable<Asks[A]>,
    context: EvaluationContext,
  ) => Lack | undefined;
} = {
  readers({ readers }, { atMost }, context) {
    const open = readers?.find((reader) => reader.includes('*') || EVERYBODY.test(reader.trim()));
    if (open !== undefined) return { fails: `${open} may read all of it` };
    if (readers === undefined || readers.length === 0 || !readers.every(isSomething))
      return silent('who may read all of it');
    const most = numberOf(atMost, context);
    const count = new Set(readers).size;
    return count > most
      ? { fails: `${grouped(count)} identities may read all of it, at most ${grouped(most)} should` }
      : undefined;
  },
  authorisation: ({ authorisation }, _wanted, context) => authorisationLack(authorisation, context),
  partitions({ partitions }) {
    if (partitions === undefined) return silent('what it is divided by');
    return partitions === 'none' ? { fails: 'not divided by caller or tenant' } : undefined;
  },
  encryption({ encryption }) {
    if (encryption === undefined) return silent('whether it is encrypted');
    const lacking = [...(encryption.atRest ? [] : ['at rest']), ...(encryption.inTransit ? [] : ['in transit'])];
    return lacking.length > 0 ? { fails: `not encrypted ${lacking.join(' and ')}` } : undefined;
  },
  backups({ backups }, { within }, context) {
    if (backups === undefined) return silent('what backups there are');
    if (backups === 'none') return undefined;
    if (!backups.encrypted) return { fails: 'its backups are not encrypted' };
    const most = daysOf(within, context) ?? 0;
    return backups.keptDays > most ? { fails: `backups kept ${backups.keptDays} days, at most ${most}` } : undefined;
  },
  deletion({ deletion, backups }, { within, followed }, context) {
    if (deletion === undefined) return silent('whether a deletion was followed through its copies');
    const wanted = ['index', 'cache', ...(backups === 'none' ? [] : ['backups'])] as const;
    const missed = wanted.filter((copy) => !deletion.carriedTo.some((one) => one === copy));
    if (missed.length > 0) return { fails: `deletions do not reach ${missed.join(', ')}` };
    const most = daysOf(within, context) ?? 0;
    if (deletion.days > most) return { fails: `a deletion took ${deletion.days} days, at most ${most}` };
    return dated(deletion.followed, daysOf(followed, context) ?? 0, context, 'a deletion was followed');
  },
  retention({ retentionDays }, { within }, context) {
    if (retentionDays === undefined) return silent('how long it keeps what it holds');
    const most = daysOf(within, context) ?? 0;
    return retentionDays > most ? { fails: `kept ${retentionDays} days, at most ${most}` } : undefined;
  },
  masking({ masking }, { masks, entries, within }, context) {
    if (masking === undefined) return silent('what is masked, and whether somebody looked');
    const missed = masks.filter((one) => !masking.masks.includes(one));
    if (missed.length > 0) return { fails: `${missed.join(' and ')} not masked` };
    if (masking.unmasked > 0)
      return {
        fails: `${grouped(masking.unmasked)} of ${plural(masking.entries, 'sampled entry', 'sampled entries')} not masked`,
      };
    const least = numberOf(entries, context);
    if (masking.entries < least)
      return {
        reason: 'insufficient-sample',
        open: `needs a sample of at least ${grouped(least)} entries; has ${grouped(masking.entries)}`,
        needs: { of: 'sampled entries', atLeast: least, has: masking.entries },
      };
    return dated(masking.sampled, daysOf(within, context) ?? 0, context, 'what was masked was looked through');
  },
};

const EVERYBODY = /^(all|any(body|one)?|every(body|one)|public|anonymous|(all)?(authenticated)?users?)$/i;

function silent(what: string): Open {
  return { reason: 'no-evidence', open: `not stated ${what}` };
}

function dated(day: string, most: number, { asOf }: EvaluationContext, what: string): Lack | undefined {
  const age = daysBetween(day, asOf);
  if (age < 0) return { reason: 'not-yet', open: `${what} on ${day.slice(0, 10)}, after the as-of date` };
  return age > most ? { reason: 'stale', open: `${what} ${age} days ago, the limit is ${most}` } : undefined;
}

/** What is lacking where the caller's own rights are to decide what is handed out. */
export function authorisationLack(
  authorisation: Authorisation | undefined,
  { asOf }: EvaluationContext,
): Lack | undefined {
  if (authorisation === undefined) return silent('whose rights decide what it hands out');
  const { by, since, audience } = authorisation;
  if (by !== 'caller') return { fails: by === 'agent' ? "hands out by the agent's rights" : 'hands out to anybody' };
  if (since.slice(0, 10) > asOf) return { fails: `asks for the caller's rights only from ${since.slice(0, 10)}` };
  if (audience === undefined) return silent("for whom the caller's token is made out");
  if (audience.includes('*')) return { fails: `accepts tokens made out to ${audience}` };
  return isSomething(audience) ? undefined : silent("for whom the caller's token is made out");
}

/** Surfaces that are stores. */
const KEPT_IN_STORES: readonly Surface[] = ['retrieval-store', 'embeddings'];

/** Every store of these types is kept as asked, on each surface that the control is about. */
export const storesKept = defineCheck({
  name: 'stores-kept',
  parameters: z.strictObject({
    types: z.array(z.enum(STORE_TYPES)).min(1),
    bySurface: z.boolean().default(false),
    asks,
  }),
  evaluate({ types, bySurface, asks: wanted }, question, context, maxAgeDays) {
    const surfaces = question.surfaces.filter((surface) => KEPT_IN_STORES.includes(surface));
    if (bySurface && surfaces.length === 0) return notApplicable('the system has none of these surfaces');
    const found = freshRecords(
      context
        .evidence('store')
        .filter(
          ({ type, surface }) =>
            types.includes(type) && (!bySurface || surface === undefined || surfaces.includes(surface)),
        ),
      `description of ${someOf(types.map((type) => `stores of ${type}`))} (kind: StoreFacts)`,
      context,
      maxAgeDays,
    );
    if (!Array.isArray(found)) return found;
    return recordsOutcome(
      found.map((store) => ({ name: store.id, source: store.source, lacks: lacksOf(store, wanted, context) })),
      {
        what: ['store', 'stores'],
        asks: `is kept as asked (${Object.keys(wanted).join(', ')})`,
        missing: missingStores(types, bySurface, found, surfaces, context),
      },
    );
  },
});

function lacksOf(store: Store, wanted: Asks, context: EvaluationContext): (Lack | undefined)[] {
  return [
    wanted.readers && ASKS.readers(store, wanted.readers, context),
    wanted.authorisation && ASKS.authorisation(store, wanted.authorisation, context),
    wanted.partitions && ASKS.partitions(store, wanted.partitions, context),
    wanted.encryption && ASKS.encryption(store, wanted.encryption, context),
    wanted.backups && ASKS.backups(store, wanted.backups, context),
    wanted.deletion && ASKS.deletion(store, wanted.deletion, context),
    wanted.retention && ASKS.retention(store, wanted.retention, context),
    wanted.masking && ASKS.masking(store, wanted.masking, context),
  ];
}

/** Surfaces without any store, and resources of the inventories that no store is said to be. */
function missingStores(
  types: readonly string[],
  bySurface: boolean,
  found: readonly Store[],
  surfaces: readonly Surface[],
  context: EvaluationContext,
): Open[] {
  const bare = bySurface ? surfaces.filter((surface) => !found.some((store) => store.surface === surface)) : [];
  const all = context.evidence('store');
  const listed = context
    .evidence('resource')
    .filter(({ type, surface }) =>
      bySurface
        ? type === 'data' && surface !== undefined && surfaces.includes(surface)
        : types.includes('traces') && type === 'log',
    );
  return [
    ...bare.map(
      (surface): Open => ({ reason: 'untested-surface', open: `${SURFACE_TITLES[surface]}: no store is described` }),
    ),
    ...undescribed(listed, all).map(
      (id): Open => ({ reason: 'incomplete', open: `${id} is in the access inventory, and nothing describes it` }),
    ),
  ];
}
