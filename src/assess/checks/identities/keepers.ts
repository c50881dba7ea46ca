import { daysBetween } from '../../../schema.ts';
import { someOf, sourcesOf } from '../../context.ts';
import { isSomething } from '../../named.ts';
import { notAssessed, satisfied } from '../../outcome.ts';
import { dayLimit, identityCheck, isInUse, isMachine, limited, plain } from './identityCheck.ts';

/** Every identity has an accountable owner. An inventory that never mentions owners proves nothing either way. */
export const identitiesOwned = identityCheck({
  name: 'identities-owned',
  reads: ['owner'],
  asks: 'has an accountable owner',
  parameters: plain,
  considers: (identity) => isInUse(identity),
  judge: () => ({
    verdict: (identity) =>
      identity.owner && isSomething(identity.owner)
        ? 'passes'
        : identity.statesOwners
          ? { fails: 'no owner' }
          : 'not-stated',
  }),
  silent: 'who owns it',
});

/** No identity is used by more than one pipeline or service, environment or tenant. */
export const oneWorkloadOneIdentity = identityCheck({
  name: 'one-workload-one-identity',
  reads: ['usedBy'],
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

/** No person signs in as a machine, nor could. */
export const noHumanUse = identityCheck({
  name: 'no-human-use',
  reads: ['interactive'],
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
export const thirdPartiesReviewed = identityCheck({
  name: 'third-parties-reviewed',
  reads: ['thirdParty'],
  asks: 'was reviewed within the limit, its scopes recorded',
  parameters: limited,
  considers: (identity) => isInUse(identity) && identity.thirdParty !== undefined,
  judge({ param }, context) {
    const { days, limit } = dayLimit(param, context);
    return {
      limit,
      verdict({ thirdParty }) {
        if (!thirdParty?.reviewed && thirdParty?.statesReviews === false) return 'not-stated';
        if (!thirdParty?.reviewed) return { fails: `${thirdParty?.vendor ?? 'unknown vendor'}, never reviewed` };
        const age = daysBetween(thirdParty.reviewed, context.asOf);
        if (age < 0)
          return {
            fails: `${thirdParty.vendor}, reviewed on ${thirdParty.reviewed.slice(0, 10)}, after the as-of date`,
          };
        if (age > days) return { fails: `${thirdParty.vendor}, reviewed ${age} days ago` };
        return thirdParty.scopes === undefined ? { fails: `${thirdParty.vendor}, scopes not recorded` } : 'passes';
      },
    };
  },
  silent: 'who reviewed it',
  withoutAny(context) {
    const none = context.evidence('inventory').filter((inventory) => inventory.thirdParties === 'none');
    const listed = context.evidence('inventory').some((inventory) => inventory.thirdParties === 'listed');
    return none.length > 0 || listed
      ? satisfied({
          observed: '0 third-party identities',
          detail: listed
            ? 'The inventory lists third parties, and none of them reaches what this criterion is about.'
            : 'The inventory states that no third party has an identity.',
          evidence: sourcesOf(context.evidence('inventory')),
        })
      : notAssessed('no-evidence', {
          detail:
            'The inventory lists no identity of a third party and does not state that there is none (thirdParties: none).',
          evidence: sourcesOf(context.evidence('inventory')),
        });
  },
});

/** Every person who administers signs in with a second factor. */
export const administratorsStrong = identityCheck({
  name: 'administrators-strong',
  reads: ['admin', 'mfa'],
  asks: 'signs in with a second factor',
  parameters: plain,
  considers: (identity, context) =>
    isInUse(identity) &&
    // Who may be a person is asked about, unless it is known not to administer.
    identity.type !== 'machine' &&
    (identity.admin !== false || context.reach.of(identity.id)?.admin === true),
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
