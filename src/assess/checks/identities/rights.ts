import { z } from 'zod';
import { parameterReference } from '../../../catalog/schemas.ts';
import { RIGHTS } from '../../../terms.ts';
import { grouped } from '../../../wording.ts';
import { type EvaluationContext, numberOf, plural, someOf } from '../../context.ts';
import { hasEnded } from '../../freshness.ts';
import { type Identity, identityCheck, isInUse, isMachine, plain, scope } from './identityCheck.ts';

/** No wildcard action on a wildcard resource, and no administrator role. */
export const leastPrivilege = identityCheck({
  name: 'least-privilege',
  reads: ['admin', 'entitlements', 'roles', 'assumes'],
  asks: 'has neither wildcard rights nor an administrator role',
  parameters: plain,
  considers: isMachine,
  judge: (_parameters, context) => ({
    verdict(identity) {
      if (identity.admin) return { fails: 'administrator' };
      const reach = context.reach.of(identity.id);
      if (reach?.admin) return { fails: () => `can become an administrator: ${wayOf(identity, context)}` };
      if (reach?.wildcard) return { fails: reach.wildcard };
      return reach?.traced && reach.entitled ? 'passes' : 'not-stated';
    },
  }),
  silent: 'what it may do',
});

function isBoundless(identity: Identity, context: EvaluationContext): boolean {
  const reach = context.reach.of(identity.id);
  return reach?.admin === true || reach?.everywhere !== undefined;
}

/** The way from an identity to the gravest resource that it reaches. */
function wayOf(identity: Identity, context: EvaluationContext): string {
  return [identity.name, ...context.reach.path(identity.id).map(({ how, to }) => `${how} ${to}`)].join(', ');
}

/** No identity has a hand in more than one stage of the system's life, by itself or by becoming another. */
export const stagesSeparated = identityCheck({
  name: 'stages-separated',
  reads: ['stages', 'entitlements'],
  asks: 'has a hand in one stage at most',
  parameters: plain,
  considers: isMachine,
  judge: (_parameters, context) => ({
    verdict(identity) {
      const reach = context.reach.of(identity.id);
      const stages = reach?.stages ?? [];
      if (stages.length > 1) return { fails: `holds ${stages.join(' and ')}` };
      return (identity.stages !== undefined && reach?.traced) || (context.reach.resourcesListed && reach?.closed)
        ? 'passes'
        : 'not-stated';
    },
  }),
  silent: 'which stages its rights belong to',
});

/** No identity may call the model, read data and execute tools all at once, unless somebody decided so. */
export const rightsSeparated = identityCheck({
  name: 'rights-separated',
  reads: ['rights', 'justification', 'entitlements'],
  asks: 'lacks at least one of the three rights, or holds them by a decision in force',
  parameters: plain,
  considers: isMachine,
  judge: (_parameters, context) => ({
    verdict(identity) {
      const reach = context.reach.of(identity.id);
      if (reach?.rights.length === RIGHTS.length) {
        const { justification } = identity;
        if (!justification) return { fails: `holds ${RIGHTS.join(', ')} and no decision says why` };
        return hasEnded(justification.expires, context.asOf)
          ? { fails: `the decision for its three rights ended on ${justification.expires?.slice(0, 10)}` }
          : 'passes';
      }
      return (identity.rights !== undefined && reach?.traced) || (context.reach.resourcesListed && reach?.closed)
        ? 'passes'
        : 'not-stated';
    },
  }),
  silent: 'which of the three rights it holds',
});

/** No identity reaches more resources, or more weighty ones, than the profile allows. */
export const blastRadius = identityCheck({
  name: 'blast-radius',
  reads: ['admin', 'entitlements', 'roles', 'assumes'],
  asks: 'reaches no more than the profile allows',
  parameters: z.strictObject({ ...scope, resources: parameterReference, weight: parameterReference }),
  // People who administer reach as much as any machine.
  considers: (identity, context) =>
    isMachine(identity) || (isInUse(identity) && (identity.admin === true || isBoundless(identity, context))),
  judge({ resources, weight }, context) {
    const most = { resources: numberOf(resources, context), weight: numberOf(weight, context) };
    return {
      limit: `${grouped(most.resources)} resources or weight ${grouped(most.weight)}`,
      verdict(identity) {
        const reach = context.reach.of(identity.id);
        // What inventories do not list is not absent: such rights reach it all.
        if (identity.admin || reach?.admin)
          return {
            fails: identity.admin
              ? 'administers everything'
              : () => `can become an administrator: ${wayOf(identity, context)}`,
          };
        if (reach?.everywhere) return { fails: `${reach.everywhere} on everything there is` };
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
      : `${reach.circles.length === 1 ? 'Roles that can assume one another were' : `${reach.circles.length} groups of roles that can assume one another were each`} treated as one: ${someOf(
          reach.circles.map(({ names }) => someOf(names, 4)),
          3,
        )}.`;
  },
});
