import { z } from 'zod';
import { type Credential, RIGHTS, type Source } from '../../evidence/observation.ts';
import { daysBetween, surface } from '../../schema.ts';
import { grouped } from '../../wording.ts';
import { daysOf, type EvaluationContext, type MergedIdentity, numberOf, plural, someOf, sourcesOf } from '../context.ts';
import { staleness } from '../freshness.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { type Check, defineCheck } from './check.ts';

type Identity = MergedIdentity;

/** Only identities that can reach one of these surfaces matter; one whose reach is not stated always does. */
const scope = { reaching: z.array(surface).optional() };
const plain = z.strictObject(scope);
const limited = z.strictObject({ ...scope, param: z.string() });

/** How one identity fares: it fails for a reason (found out only for those that are shown), passes, or the inventory does not say. */
type Verdict = { fails: string | (() => string) } | 'passes' | 'not-stated';

interface IdentityCheck<Parameters extends { reaching?: string[] | undefined }> {
  name: string;
  /** What the check asks, completing "each identity ..". */
  asks: string;
  parameters: z.ZodType<Parameters>;
  considers(identity: Identity, context: EvaluationContext): boolean;
  /** How identities are judged under the profile's limits, and the limit in words. */
  judge(parameters: Parameters, context: EvaluationContext): { verdict(identity: Identity): Verdict; limit?: string };
  /** What it lacks when it cannot tell, completing "the inventory does not say ..". */
  silent: string;
  /** What an inventory without any such identity means; by default that it says nothing of them. */
  withoutAny?(context: EvaluationContext): Outcome;
  /** A further sentence about all identities concerned. */
  remark?(concerned: readonly Identity[], context: EvaluationContext): string;
}

function identityCheck<Parameters extends { reaching?: string[] | undefined }>(definition: IdentityCheck<Parameters>): Check {
  return defineCheck({
    name: definition.name,
    parameters: definition.parameters,
    evaluate(parameters, _question, context, maxAgeDays) {
      if (context.identities.length === 0) return notAssessed('no-evidence', { detail: 'No access inventory was found in the evidence.' });
      const { reaching } = parameters;
      const { fresh, near } = inReach(context, maxAgeDays, reaching);
      if (fresh.length === 0) {
        const why = staleness(context.identities[0]?.collected, context.asOf, maxAgeDays, [])?.why ?? 'too old';
        return notAssessed('stale', { detail: `The access inventory does not count: ${why}.`, evidence: sourcesOf(context.identities.slice(0, 1)) });
      }
      const concerned = near.filter((identity) => definition.considers(identity, context));
      if (concerned.length === 0)
        return definition.withoutAny?.(context) ?? notAssessed('no-evidence', { detail: 'The inventory lists no identity that this criterion is about.' });
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

function inReach(context: EvaluationContext, maxAgeDays: number | undefined, reaching: readonly string[] | undefined): InReach {
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
  const reach = identity.reaches ? undefined : context.reach.of(identity.id);
  const surfaces = identity.reaches ?? (context.reach.resourcesListed && reach?.closed && reach.placed && !reach.admin ? reach.surfaces : undefined);
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
  const failing: { identity: Identity; why: string | (() => string) }[] = [];
  const silent: Identity[] = [];
  for (const identity of concerned) {
    const found = verdict(identity);
    if (typeof found === 'object') failing.push({ identity, why: found.fails });
    else if (found === 'not-stated') silent.push(identity);
  }
  const judged = concerned.length - silent.length;
  const aside = [
    leftOut > 0 ? ` ${plural(leftOut, 'identity', 'identities')} of an older inventory left out.` : '',
    definition.remark ? ` ${definition.remark(concerned, context)}` : '',
  ].join('');
  const fields = { observed: `${grouped(failing.length)} of ${grouped(judged)} fail`, threshold: limit === undefined ? '0 fail' : `0 fail, limit ${limit}` };
  if (failing.length > 0)
    return notSatisfied({
      ...fields,
      detail: `${plural(failing.length, 'identity', 'identities')} of ${grouped(judged)}: ${firstFew(failing)}.${aside}`,
      evidence: sourcesOf(failing.slice(0, 50).flatMap(({ identity }) => fullSources(identity))),
    });
  if (silent.length > 0)
    return notAssessed('no-evidence', {
      ...fields,
      detail: `For ${plural(silent.length, 'identity', 'identities')} of ${grouped(concerned.length)} the inventory does not say ${definition.silent}: ${someOf(silent.map(({ name }) => name))}.${aside}`,
      evidence: sourcesOf(silent.slice(0, 50).flatMap(fullSources)),
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

/** The first five that fail, and how many more there are. */
function firstFew(failing: readonly { identity: Identity; why: string | (() => string) }[]): string {
  const shown = failing.slice(0, 5).map(({ identity, why }) => `${identity.name} (${typeof why === 'string' ? why : why()})`);
  return `${shown.join(', ')}${failing.length > 5 ? ` and ${grouped(failing.length - 5)} more` : ''}`;
}

const isMachine = (identity: Identity): boolean => identity.active && identity.type !== 'human';

/** A limit in days by its profile parameter, with its wording. */
function dayLimit(param: string, context: EvaluationContext): { days: number; limit: string } {
  const limit = daysOf({ param }, context) ?? 0;
  return { days: limit, limit: `${limit} days` };
}

/** Every identity has an accountable owner. An inventory that never mentions owners proves nothing either way. */
const identitiesOwned = identityCheck({
  name: 'identities-owned',
  asks: 'has an accountable owner',
  parameters: plain,
  considers: (identity) => identity.active,
  judge: () => ({ verdict: (identity) => (identity.owner ? 'passes' : identity.statesOwners ? { fails: 'no owner' } : 'not-stated') }),
  silent: 'who owns it',
});

/** No identity is used by more than one pipeline or service, environment or tenant. */
const oneWorkloadOneIdentity = identityCheck({
  name: 'one-workload-one-identity',
  asks: 'serves one workload in one environment for one tenant',
  parameters: plain,
  considers: isMachine,
  judge: () => ({
    verdict({ usedBy }) {
      const shared = Object.entries(usedBy ?? {}).find(([, users]) => new Set(users).size > 1);
      if (shared) return { fails: `used by ${shared[0]} ${someOf([...new Set(shared[1])], 3)}` };
      return usedBy?.workloads && usedBy.environments ? 'passes' : 'not-stated';
    },
  }),
  silent: 'which workload and environment use it',
});

/** No active secret is older than the limit or past its expiry. */
const secretsShortLived = identityCheck({
  name: 'secrets-short-lived',
  asks: 'holds only secrets younger than the limit',
  parameters: limited,
  considers: (identity) => identity.credentials.some((credential) => credential.active),
  judge({ param }, context) {
    const { days, limit } = dayLimit(param, context);
    return {
      limit,
      verdict(identity) {
        const active = identity.credentials.filter((credential) => credential.active && !credential.ephemeral);
        const old = active.map((credential) => secretProblem(credential, context.asOf, days)).find((why) => why !== undefined);
        if (old) return { fails: old };
        return active.some((credential) => credential.created === undefined) ? 'not-stated' : 'passes';
      },
    };
  },
  silent: 'when its secret was made',
  remark(concerned) {
    const active = concerned.flatMap(({ credentials }) => credentials.filter((credential) => credential.active));
    return `${grouped(active.filter((credential) => credential.ephemeral).length)} of ${plural(active.length, 'active secret')} ${active.length === 1 ? 'is' : 'are'} issued per session.`;
  },
});

function secretProblem(credential: Credential, asOf: string, limitDays: number): string | undefined {
  if (expiredOn(credential, asOf)) return `${credential.type} still active past its expiry of ${credential.expires?.slice(0, 10)}`;
  if (credential.created === undefined) return undefined;
  const age = daysBetween(credential.created, asOf);
  return age > limitDays ? `${credential.type} ${age} days old` : undefined;
}

function expiredOn({ expires }: Credential, asOf: string): boolean {
  return expires !== undefined && expires !== 'never' && expires.slice(0, 10) < asOf;
}

/** Every active secret stops working by itself: it is issued per session, or has an expiry. */
const secretsExpire = identityCheck({
  name: 'secrets-expire',
  asks: 'holds only secrets that expire by themselves',
  parameters: plain,
  considers: (identity) => identity.credentials.some((credential) => credential.active),
  judge: () => ({
    verdict(identity) {
      const lasting = identity.credentials.filter((credential) => credential.active && !credential.ephemeral);
      const endless = lasting.find((credential) => credential.expires === 'never');
      if (endless) return { fails: `${endless.type} never expires` };
      return lasting.some((credential) => credential.expires === undefined) ? 'not-stated' : 'passes';
    },
  }),
  silent: 'whether its secret expires',
});

/** No wildcard action on a wildcard resource, and no administrator role. */
const leastPrivilege = identityCheck({
  name: 'least-privilege',
  asks: 'has neither wildcard rights nor an administrator role',
  parameters: plain,
  considers: isMachine,
  judge: (_parameters, context) => ({
    verdict(identity) {
      if (identity.admin) return { fails: 'administrator' };
      const reach = context.reach.of(identity.id);
      if (reach?.admin) return { fails: () => `can become an administrator: ${wayOf(identity, context)}` };
      const wild = identity.entitlements?.find((right) => right.actions.some(isWildcardAction) && right.resources.includes('*'));
      if (wild) return { fails: `${wild.actions.find(isWildcardAction)} on *` };
      return identity.entitlements === undefined && (identity.roles ?? []).length === 0 ? 'not-stated' : 'passes';
    },
  }),
  silent: 'what it may do',
});

function isWildcardAction(action: string): boolean {
  return action === '*' || /^[A-Za-z0-9_.-]+[:.]\*$/.test(action);
}

/** The way from an identity to the gravest resource that it reaches. */
function wayOf(identity: Identity, context: EvaluationContext): string {
  return [identity.name, ...context.reach.path(identity.id).map(({ how, to }) => `${how} ${to}`)].join(', ');
}

/** No identity has a hand in more than one stage of the system's life, by itself or by becoming another. */
const stagesSeparated = identityCheck({
  name: 'stages-separated',
  asks: 'has a hand in one stage at most',
  parameters: plain,
  considers: isMachine,
  judge: (_parameters, context) => ({
    verdict(identity) {
      const reach = context.reach.of(identity.id);
      const stages = [...new Set([...(identity.stages ?? []), ...(reach?.stages ?? [])])];
      if (stages.length > 1) return { fails: `holds ${stages.join(' and ')}` };
      return identity.stages !== undefined || (context.reach.resourcesListed && reach?.closed) ? 'passes' : 'not-stated';
    },
  }),
  silent: 'which stages its rights belong to',
});

/** No identity may call the model, read data and execute tools all at once, unless somebody decided so. */
const rightsSeparated = identityCheck({
  name: 'rights-separated',
  asks: 'lacks at least one of the three rights, or holds them by a decision in force',
  parameters: plain,
  considers: isMachine,
  judge: (_parameters, context) => ({
    verdict(identity) {
      const reach = context.reach.of(identity.id);
      const rights = new Set([...(identity.rights ?? []), ...(reach?.rights ?? [])]);
      if (RIGHTS.every((right) => rights.has(right))) {
        const { justification } = identity;
        if (!justification) return { fails: `holds ${RIGHTS.join(', ')} and no decision says why` };
        const over = justification.expires !== undefined && justification.expires.slice(0, 10) < context.asOf;
        return over ? { fails: `the decision for its three rights ended on ${justification.expires?.slice(0, 10)}` } : 'passes';
      }
      return identity.rights !== undefined || (context.reach.resourcesListed && reach?.closed) ? 'passes' : 'not-stated';
    },
  }),
  silent: 'which of the three rights it holds',
});

/** No active identity or key has gone unused for longer than the limit. */
const unusedIdentities = identityCheck({
  name: 'unused-identities',
  asks: 'was used within the limit',
  parameters: limited,
  considers: (identity) => identity.active,
  judge({ param }, context) {
    const { days, limit } = dayLimit(param, context);
    return {
      limit,
      verdict(identity) {
        const active = identity.credentials.filter((credential) => credential.active);
        const own = idleDays(identity.lastUsed, identity.created, context.asOf);
        let longest = active.length > 0 ? -1 : (own ?? -1);
        for (const credential of active) longest = Math.max(longest, idleDays(credential.lastUsed, credential.created, context.asOf) ?? -1);
        if (longest > days) return { fails: `unused for ${longest} days` };
        return longest < 0 && own === undefined ? 'not-stated' : 'passes';
      },
    };
  },
  silent: 'when it was last used',
});

/** Never used counts from the day of creation. */
function idleDays(lastUsed: string | undefined, created: string | undefined, asOf: string): number | undefined {
  const since = lastUsed ?? created;
  return since === undefined ? undefined : daysBetween(since, asOf);
}

/** No person signs in as a machine, nor could. */
const noHumanUse = identityCheck({
  name: 'no-human-use',
  asks: 'is kept to its machine: nobody signs in as it',
  parameters: plain,
  considers: isMachine,
  judge: () => ({
    verdict({ interactive }) {
      if (!interactive) return 'not-stated';
      if (interactive.lastUsed) return { fails: `a person signed in on ${interactive.lastUsed.slice(0, 10)}` };
      return interactive.enabled ? { fails: 'a person can sign in' } : 'passes';
    },
  }),
  silent: 'whether a person can sign in as it',
});

/** Every third-party application was reviewed within the limit, and its scopes are recorded. */
const thirdPartiesReviewed = identityCheck({
  name: 'third-parties-reviewed',
  asks: 'was reviewed within the limit, its scopes recorded',
  parameters: limited,
  considers: (identity) => identity.active && identity.thirdParty !== undefined,
  judge({ param }, context) {
    const { days, limit } = dayLimit(param, context);
    return {
      limit,
      verdict({ thirdParty }) {
        if (!thirdParty?.reviewed) return { fails: `${thirdParty?.vendor ?? 'unknown vendor'}, never reviewed` };
        const age = daysBetween(thirdParty.reviewed, context.asOf);
        if (age < 0) return { fails: `${thirdParty.vendor}, reviewed on ${thirdParty.reviewed.slice(0, 10)}, after the as-of date` };
        if (age > days) return { fails: `${thirdParty.vendor}, reviewed ${age} days ago` };
        return thirdParty.scopes === undefined ? { fails: `${thirdParty.vendor}, scopes not recorded` } : 'passes';
      },
    };
  },
  silent: 'who reviewed it',
  withoutAny(context) {
    const none = context.inventories.filter((inventory) => inventory.thirdParties === 'none');
    const listed = context.inventories.some((inventory) => inventory.thirdParties === 'listed');
    return none.length > 0 || listed
      ? satisfied({
          observed: '0 third-party identities',
          detail: listed
            ? 'The inventory lists third parties, and none of them reaches what this criterion is about.'
            : 'The inventory states that no third party has an identity.',
          evidence: sourcesOf(context.inventories),
        })
      : notAssessed('no-evidence', {
          detail: 'The inventory lists no identity of a third party and does not state that there is none (thirdParties: none).',
          evidence: sourcesOf(context.inventories),
        });
  },
});

/** No identity reaches more resources, or more weighty ones, than the profile allows. */
const blastRadius = identityCheck({
  name: 'blast-radius',
  asks: 'reaches no more than the profile allows',
  parameters: z.strictObject({ ...scope, resources: z.strictObject({ param: z.string() }), weight: z.strictObject({ param: z.string() }) }),
  considers: isMachine,
  judge({ resources, weight }, context) {
    const most = { resources: numberOf(resources, context), weight: numberOf(weight, context) };
    return {
      limit: `${grouped(most.resources)} resources or weight ${grouped(most.weight)}`,
      verdict(identity) {
        const reach = context.reach.of(identity.id);
        if (!reach) return 'not-stated';
        if (reach.resources > most.resources || reach.weight > most.weight)
          return {
            fails: () =>
              `reaches ${reach.atLeast ? 'at least ' : ''}${plural(reach.resources, 'resource')}, weight ${grouped(reach.weight)}: ${wayOf(identity, context)}`,
          };
        return reach.closed && (context.reach.resourcesListed || reach.resources === 0) ? 'passes' : 'not-stated';
      },
    };
  },
  silent: 'what all it can reach (resources, or identities it can become, that no inventory lists)',
  remark(_concerned, { reach }) {
    return reach.circles.length === 0
      ? ''
      : `${reach.circles.length === 1 ? 'A circle of roles was' : `${reach.circles.length} circles of roles were`} taken as one: ${someOf(
          reach.circles.map(({ names }) => someOf(names, 4)),
          3,
        )}.`;
  },
});

/** Every person who administers signs in with a second factor. */
const administratorsStrong = identityCheck({
  name: 'administrators-strong',
  asks: 'signs in with a second factor',
  parameters: plain,
  considers: (identity, context) => identity.active && identity.type === 'human' && (identity.admin !== false || context.reach.of(identity.id)?.admin === true),
  judge: (_parameters, context) => ({
    verdict(identity) {
      if (identity.mfa === true) return 'passes';
      const admin = identity.admin === true || context.reach.of(identity.id)?.admin === true;
      if (admin && identity.mfa === false) return { fails: 'administers without a second factor' };
      return 'not-stated';
    },
  }),
  silent: 'whether it administers and with what it signs in',
});

/** The account that owns everything has no keys. */
const noRootKeys = identityCheck({
  name: 'no-root-keys',
  asks: 'holds no keys',
  parameters: plain,
  considers: (identity) => identity.root === true,
  judge: () => ({
    verdict(identity) {
      const key = identity.credentials.find((credential) => credential.active);
      return key ? { fails: `holds an active ${key.type}` } : 'passes';
    },
  }),
  silent: 'whether it holds keys',
});

/** All checks over identities. */
export const IDENTITY_CHECKS: readonly Check[] = [
  administratorsStrong,
  blastRadius,
  identitiesOwned,
  leastPrivilege,
  noHumanUse,
  noRootKeys,
  oneWorkloadOneIdentity,
  rightsSeparated,
  secretsExpire,
  secretsShortLived,
  stagesSeparated,
  thirdPartiesReviewed,
  unusedIdentities,
];
