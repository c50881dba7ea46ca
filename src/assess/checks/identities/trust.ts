import { isExact, type TokenCondition } from '../../../evidence/observations/access.ts';
import type { AuthenticationMethod } from '../../../terms.ts';
import { numberOf } from '../../context.ts';
import { hasEnded } from '../../freshness.ts';
import { isSomething } from '../../named.ts';
import { notApplicable } from '../../outcome.ts';
import type { Check } from '../check.ts';
import { isBought } from '../vendorEvaluated.ts';
import { type Identity, identityCheck, isMachine, limited, plain } from './identityCheck.ts';

/** Every machine's owner still works here. */
export const ownersCurrent = identityCheck({
  name: 'owners-current',
  reads: ['owner', 'ownerStatus'],
  asks: 'has an owner who still works here',
  parameters: plain,
  considers: isMachine,
  judge: () => ({
    verdict({ owner, ownerStatus, statesOwners }) {
      if (ownerStatus === 'left') return { fails: `its owner ${owner ?? ''} has left`.replace('  ', ' ') };
      if (owner === undefined || !isSomething(owner)) return statesOwners ? { fails: 'no owner' } : 'not-stated';
      return ownerStatus === 'current' ? 'passes' : 'not-stated';
    },
  }),
  silent: 'whether its owner still works here',
});

/** Methods by which somebody who has read a secret can pass for the machine. */
const WEAK: readonly AuthenticationMethod[] = ['api-key', 'shared-secret', 'password', 'none'];

/** Methods with which no secret lies anywhere; one that does is another way in. */
const KEYLESS: readonly AuthenticationMethod[] = ['workload-identity', 'oidc'];

/** Every machine proves itself by something that cannot be copied, and tokens of others are trusted for one workload alone. */
export const machinesAuthenticate = identityCheck({
  name: 'machines-authenticate',
  reads: ['authentication', 'credentials'],
  asks: 'proves itself by something that cannot be copied',
  parameters: plain,
  considers: isMachine,
  judge: () => ({
    verdict({ authentication, credentials, statesCredentials }) {
      if (!authentication) return 'not-stated';
      const { method } = authentication;
      if (WEAK.includes(method)) return { fails: `authenticates by ${method.replace('-', ' ')}` };
      const lasting = credentials.find(({ active, ephemeral }) => active && !ephemeral);
      if (KEYLESS.includes(method) && lasting) return { fails: `holds a lasting ${lasting.type} besides` };
      const trusted = method === 'oidc' ? trustVerdict(authentication) : 'passes';
      // Whether a secret lies somewhere besides is not known where the listing says nothing of secrets.
      return trusted === 'passes' && KEYLESS.includes(method) && statesCredentials === false ? 'not-stated' : trusted;
    },
  }),
  silent: 'how it authenticates, or under which conditions tokens of others are trusted',
});

/** Claims that name the one who holds a token; others say from where, when or in which environment it was made. */
const WHO = new Set([
  'sub',
  'subject',
  'azp',
  'oid',
  'appid',
  'client_id',
  'email',
  'user_id',
  // GitHub and GitLab
  'repository',
  'repository_id',
  'job_workflow_ref',
  'workflow_ref',
  'project_id',
  'project_path',
  // HCP Terraform, Buildkite
  'terraform_workspace_id',
  'terraform_full_workspace',
  'pipeline_id',
]);
/** How providers of identity pools write claims of a token. */
const POOL = /^(?:assertion|attribute|google)\./;

/** Whether a set of conditions lets in exactly those that it names: one claim that names them, in all of its alternatives. */
function namesHolder(conditions: readonly TokenCondition[]): boolean {
  const byClaim = Map.groupBy(conditions, ({ claim }) => claim.replace(POOL, ''));
  return [...byClaim].some(([claim, some]) => WHO.has(claim) && some.every(isExact));
}

function trustVerdict({
  issuer,
  audience,
  conditions,
}: NonNullable<Identity['authentication']>): { fails: string } | 'passes' | 'not-stated' {
  if (issuer !== undefined && (!issuer.startsWith('https://') || issuer.includes('*')))
    return { fails: `trusts tokens of ${issuer}` };
  if (audience?.includes('*')) return { fails: `accepts tokens made out to ${audience}` };
  const sets = [...Map.groupBy(conditions ?? [], ({ set }) => set ?? 0).values()];
  if (conditions !== undefined && !(sets.length > 0 && sets.every(namesHolder)))
    return { fails: 'no condition says exactly whose token is trusted' };
  return issuer === undefined || audience === undefined || conditions === undefined ? 'not-stated' : 'passes';
}

const guarded = identityCheck({
  name: 'weights-guarded',
  reads: ['weights', 'admin', 'entitlements', 'roles', 'assumes'],
  asks: 'reaches no weights, or does so by a decision in force',
  parameters: limited,
  considers: (identity) => identity.active,
  judge({ param }, context) {
    const most = numberOf({ param }, context);
    const copiers = context.identities.filter(({ active, weights }) => active && weights?.copies).length;
    return {
      limit: `${most} that may take copies`,
      verdict(identity) {
        const { weights, thirdParty } = identity;
        if (weights) {
          if (hasEnded(weights.expires, context.asOf))
            return { fails: `the decision on weights ended on ${weights.expires.slice(0, 10)}` };
          if (weights.copies && thirdParty) return { fails: `${thirdParty.vendor} may take copies of weights` };
          return weights.copies && copiers > most ? { fails: `one of ${copiers} that may take copies` } : 'passes';
        }
        const reach = context.reach.of(identity.id);
        return identity.reaches?.includes('model-weights') ||
          identity.admin ||
          reach?.admin ||
          reach?.surfaces.includes('model-weights')
          ? { fails: 'reaches weights, and no decision says why' }
          : 'not-stated';
      },
    };
  },
  silent: 'whether it reaches weights',
});

/** Everybody and everything that reaches weights does so by a decision in force, and few may take copies. */
export const weightsGuarded: Check = {
  ...guarded,
  evaluate: (parameters, question, context, maxAgeDays) =>
    context.models.length > 0 && context.models.every(isBought) && !context.surfaces.includes('model-weights')
      ? notApplicable("the weights of every model that the workspace declares are in its vendor's hands")
      : guarded.evaluate(parameters, question, context, maxAgeDays),
};
