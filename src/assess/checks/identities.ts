import { z } from 'zod';
import type { Credential, IdentityBody, Observation } from '../../evidence/observation.ts';
import { daysBetween, surface } from '../../schema.ts';
import { type EvaluationContext, plural, someOf, sourcesOf } from '../context.ts';
import { staleness } from '../freshness.ts';
import { notAssessed, notSatisfied, type Outcome, satisfied } from '../outcome.ts';
import { type Check, defineCheck } from './check.ts';

type Identity = Observation<IdentityBody>;

/** Only identities that can reach one of these surfaces matter; one whose reach is not stated always does. */
const scope = { reaching: z.array(surface).optional() };

/** How one identity fares: it fails for a reason, passes, or the inventory does not say. */
type Verdict = { fails: string } | 'passes' | 'not-stated';

interface IdentityCheck {
  name: string;
  /** What the check asks, completing "identities that ..". */
  asks: string;
  parameters: z.ZodType<{ reaching?: string[] | undefined; param?: string | undefined }>;
  considers(identity: Identity): boolean;
  judge(identity: Identity, context: EvaluationContext, limitDays: number | undefined): Verdict;
  remedyWhenSilent: string;
}

function identityCheck(definition: IdentityCheck): Check {
  return defineCheck({
    name: definition.name,
    parameters: definition.parameters,
    evaluate({ reaching, param }, _question, context, maxAgeDays) {
      if (context.identities.length === 0) return notAssessed('no-evidence', { detail: 'No access inventory was found in the evidence.' });
      const fresh = context.identities.filter((identity) => staleness(identity.collected, context.asOf, maxAgeDays, []) === undefined);
      if (fresh.length === 0) {
        const why = staleness(context.identities[0]?.collected, context.asOf, maxAgeDays, [])?.why ?? 'too old';
        return notAssessed('stale', { detail: `The access inventory does not count: ${why}.`, evidence: sourcesOf(context.identities.slice(0, 1)) });
      }
      const concerned = fresh.filter(
        (identity) => definition.considers(identity) && (!reaching || !identity.reaches || identity.reaches.some((name) => reaching.includes(name))),
      );
      if (concerned.length === 0) return notAssessed('no-evidence', { detail: 'The inventory lists no identity that this criterion is about.' });
      const limit = param === undefined ? undefined : limitOf(param, context);
      return summarise(definition, concerned, context, limit, fresh.length < context.identities.length ? context.identities.length - fresh.length : 0);
    },
  });
}

function limitOf(param: string, context: EvaluationContext): number | undefined {
  const value = context.parameters[param];
  return typeof value === 'string' ? Number(value.slice(1, -1)) : undefined;
}

function summarise(definition: IdentityCheck, concerned: Identity[], context: EvaluationContext, limit: number | undefined, leftOut: number): Outcome {
  const verdicts = concerned.map((identity) => ({ identity, verdict: definition.judge(identity, context, limit) }));
  const failing = verdicts.flatMap(({ identity, verdict }) => (typeof verdict === 'object' ? [{ identity, why: verdict.fails }] : []));
  const silent = verdicts.filter(({ verdict }) => verdict === 'not-stated');
  const judged = concerned.length - silent.length;
  const aside = leftOut > 0 ? ` ${plural(leftOut, 'identity', 'identities')} of an older inventory left out.` : '';
  const fields = { observed: `${failing.length} of ${judged} fail`, threshold: limit === undefined ? '0 fail' : `0 fail, limit ${limit} days` };
  if (failing.length > 0)
    return notSatisfied({
      ...fields,
      detail: `${plural(failing.length, 'identity', 'identities')} of ${judged}: ${someOf(failing.map(({ identity, why }) => `${identity.name} (${why})`))}.${aside}`,
      evidence: sourcesOf(failing.map(({ identity }) => identity)),
    });
  if (silent.length > 0)
    return notAssessed('no-evidence', {
      ...fields,
      detail: `For ${plural(silent.length, 'identity', 'identities')} of ${concerned.length} the inventory does not say ${definition.remedyWhenSilent}: ${someOf(silent.map(({ identity }) => identity.name))}.${aside}`,
      evidence: sourcesOf(silent.map(({ identity }) => identity)),
    });
  return satisfied({ ...fields, detail: `All ${plural(judged, 'identity', 'identities')} ${definition.asks}.${aside}`, evidence: sourcesOf(concerned) });
}

const plainParameters = z.strictObject(scope).transform((value) => ({ ...value, param: undefined }));
const limitParameters = z.strictObject({ ...scope, param: z.string() });

/** Every identity has an accountable owner. An inventory that never mentions owners proves nothing either way. */
export const identitiesOwned = identityCheck({
  name: 'identities-owned',
  asks: 'have an accountable owner',
  parameters: plainParameters,
  considers: (identity) => identity.active,
  judge: (identity) => (identity.owner ? 'passes' : identity.statesOwners ? { fails: 'no owner' } : 'not-stated'),
  remedyWhenSilent: 'who owns it',
});

/** No active secret is older than the limit or past its expiry. */
export const secretsShortLived = identityCheck({
  name: 'secrets-short-lived',
  asks: 'hold only secrets younger than the limit',
  parameters: limitParameters,
  considers: (identity) => identity.credentials.some((credential) => credential.active),
  judge(identity, context, limitDays) {
    const active = identity.credentials.filter((credential) => credential.active && !credential.ephemeral);
    const old = active.map((credential) => secretProblem(credential, context.asOf, limitDays)).find((why) => why !== undefined);
    if (old) return { fails: old };
    return active.some((credential) => credential.created === undefined) ? 'not-stated' : 'passes';
  },
  remedyWhenSilent: 'when its secret was made',
});

function secretProblem(credential: Credential, asOf: string, limitDays: number | undefined): string | undefined {
  if (credential.expires && credential.expires.slice(0, 10) < asOf)
    return `${credential.type} still active past its expiry of ${credential.expires.slice(0, 10)}`;
  if (credential.created === undefined) return undefined;
  const age = daysBetween(credential.created, asOf);
  return limitDays !== undefined && age > limitDays ? `${credential.type} ${age} days old` : undefined;
}

/** No wildcard action on a wildcard resource, and no administrator role. */
export const leastPrivilege = identityCheck({
  name: 'least-privilege',
  asks: 'have neither wildcard rights nor an administrator role',
  parameters: plainParameters,
  considers: (identity) => identity.active && identity.type !== 'human',
  judge(identity) {
    if (identity.admin) return { fails: 'administrator' };
    if (identity.entitlements === undefined) return 'not-stated';
    const wild = identity.entitlements.find((right) => right.actions.some(isWildcardAction) && right.resources.includes('*'));
    return wild ? { fails: `${wild.actions.find(isWildcardAction)} on *` } : 'passes';
  },
  remedyWhenSilent: 'what it may do',
});

function isWildcardAction(action: string): boolean {
  return action === '*' || /^[A-Za-z0-9_.-]+[:.]\*$/.test(action);
}

/** No active identity or key has gone unused for longer than the limit. */
export const unusedIdentities = identityCheck({
  name: 'unused-identities',
  asks: 'were used within the limit',
  parameters: limitParameters,
  considers: (identity) => identity.active,
  judge(identity, context, limitDays) {
    const idle = identity.credentials
      .filter((credential) => credential.active)
      .map((credential) => idleDays(credential.lastUsed, credential.created, context.asOf));
    const own = idleDays(identity.lastUsed, identity.created, context.asOf);
    const longest = Math.max(...idle.filter((value) => value !== undefined), identity.credentials.some((credential) => credential.active) ? -1 : (own ?? -1));
    if (limitDays !== undefined && longest > limitDays) return { fails: `unused for ${longest} days` };
    return longest < 0 && own === undefined ? 'not-stated' : 'passes';
  },
  remedyWhenSilent: 'when it was last used',
});

/** Never used counts from the day of creation. */
function idleDays(lastUsed: string | undefined, created: string | undefined, asOf: string): number | undefined {
  const since = lastUsed ?? created;
  return since === undefined ? undefined : daysBetween(since, asOf);
}
