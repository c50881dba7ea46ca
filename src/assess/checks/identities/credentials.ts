import type { Credential } from '../../../evidence/observations/access.ts';
import { daysBetween } from '../../../schema.ts';
import { grouped } from '../../../wording.ts';
import { plural } from '../../context.ts';
import { hasEnded } from '../../freshness.ts';
import { dayLimit, type Identity, identityCheck, isInUse, limited, plain } from './identityCheck.ts';

/** Whether it holds secrets, or nothing says that it holds none. */
function mayHoldSecrets(identity: Identity): boolean {
  return (
    identity.credentials.some((credential) => credential.active) ||
    (identity.statesCredentials === false && isInUse(identity))
  );
}

/** No active secret is older than the limit or past its expiry. */
export const secretsShortLived = identityCheck({
  name: 'secrets-short-lived',
  reads: ['credentials'],
  asks: 'holds only secrets younger than the limit',
  parameters: limited,
  considers: mayHoldSecrets,
  judge({ param }, context) {
    const { days, limit } = dayLimit(param, context);
    return {
      limit,
      verdict(identity) {
        const active = identity.credentials.filter((credential) => credential.active && !credential.ephemeral);
        const old = active
          .map((credential) => secretProblem(credential, context.asOf, days))
          .find((why) => why !== undefined);
        if (old) return { fails: old };
        // A day that has not come says nothing of how old a secret is.
        return identity.statesCredentials === false ||
          active.some(({ created }) => created === undefined || daysBetween(created, context.asOf) < 0)
          ? 'not-stated'
          : 'passes';
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
  if (expiredOn(credential, asOf))
    return `${credential.type} still active past its expiry of ${credential.expires?.slice(0, 10)}`;
  if (credential.created === undefined) return undefined;
  const age = daysBetween(credential.created, asOf);
  return age > limitDays ? `${credential.type} ${age} days old` : undefined;
}

function expiredOn({ expires }: Credential, asOf: string): boolean {
  return expires !== 'never' && hasEnded(expires, asOf);
}

/** An expiry further off than a year, in days, is none. */
const LONGEST_LIFE = 366;

/** Every active secret stops working by itself: it is issued per session, or has an expiry. */
export const secretsExpire = identityCheck({
  name: 'secrets-expire',
  reads: ['credentials'],
  asks: 'holds only secrets that expire by themselves',
  parameters: plain,
  considers: mayHoldSecrets,
  judge: (_parameters, context) => ({
    verdict(identity) {
      const lasting = identity.credentials.filter((credential) => credential.active && !credential.ephemeral);
      const endless = lasting.find((credential) => credential.expires === 'never');
      if (endless) return { fails: `${endless.type} never expires` };
      const distant = lasting.find(({ created, expires }) => {
        const days = expires === undefined ? 0 : daysBetween(created ?? context.asOf, expires);
        return days > LONGEST_LIFE;
      });
      if (distant) return { fails: `${distant.type} expires only on ${distant.expires?.slice(0, 10)}` };
      return identity.statesCredentials === false || lasting.some((credential) => credential.expires === undefined)
        ? 'not-stated'
        : 'passes';
    },
  }),
  silent: 'whether its secret expires',
});

/** No active identity or key has gone unused for longer than the limit. */
export const unusedIdentities = identityCheck({
  name: 'unused-identities',
  reads: ['credentials', 'lastUsed', 'created'],
  asks: 'was used, or made, within the limit',
  parameters: limited,
  considers: (identity) => isInUse(identity),
  judge({ param }, context) {
    const { days, limit } = dayLimit(param, context);
    return {
      limit,
      verdict(identity) {
        const active = usesOf(identity);
        const own = idleDays(identity, context.asOf, days);
        let longest = active.length > 0 ? -1 : (own ?? -1);
        for (const credential of active) longest = Math.max(longest, idleDays(credential, context.asOf, days) ?? -1);
        if (longest > days) return { fails: `unused for ${longest} days` };
        const ahead = [identity, ...active].some(
          ({ lastUsed }) => lastUsed !== undefined && daysBetween(lastUsed, context.asOf) < 0,
        );
        const silent = active.some((one) => isSilent(one) && idleDays(one, context.asOf, days) === undefined);
        if (ahead || silent) return 'not-stated';
        return longest < 0 && own === undefined ? 'not-stated' : 'passes';
      },
    };
  },
  silent: 'when it was last used',
});

type Use = { [Field in 'created' | 'lastUsed' | 'statesUse']?: Credential[Field] | undefined };

/** Active secrets with their last use. Where a listing has it of identities alone, it is that of an only secret. */
function usesOf({ credentials, lastUsed }: Identity): Use[] {
  const active = credentials.filter((credential) => credential.active);
  const [only] = active;
  return only && active.length === 1 && only.statesUse === false && !only.lastUsed && lastUsed !== undefined
    ? [{ ...only, lastUsed }]
    : active;
}

/**
 * Never used counts from the day of creation. Where the listing has no field for use, that day says only that what is
 * new cannot have lain idle for longer.
 */
function idleDays({ lastUsed, created, statesUse }: Use, asOf: string, limitDays: number): number | undefined {
  const since = lastUsed ?? created;
  if (since === undefined) return undefined;
  const days = daysBetween(since, asOf);
  // A day that has not come says nothing of use.
  if (days < 0 || (isSilent({ lastUsed, statesUse }) && days > limitDays)) return undefined;
  return days;
}

/** Whether its use is in no field of the listing. */
function isSilent({ lastUsed, statesUse }: Pick<Use, 'lastUsed' | 'statesUse'>): boolean {
  return statesUse === false && lastUsed === undefined;
}

/** The account that owns everything has no keys. */
export const noRootKeys = identityCheck({
  name: 'no-root-keys',
  reads: ['root', 'credentials'],
  asks: 'holds no keys',
  parameters: plain,
  considers: (identity) => identity.root === true,
  judge: () => ({
    verdict(identity) {
      const key = identity.credentials.find((credential) => credential.active);
      if (key) return { fails: `holds an active ${key.type}` };
      return identity.statesCredentials === false ? 'not-stated' : 'passes';
    },
  }),
  silent: 'whether it holds keys',
});
