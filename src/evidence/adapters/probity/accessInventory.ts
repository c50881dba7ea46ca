import { z } from 'zod';
import { apiVersion, isoDate, surface } from '../../../schema.ts';
import { AUTHENTICATION_METHODS, RESOURCE_TYPES, RIGHTS, SENSITIVITIES, STAGES } from '../../../terms.ts';
import type { Located } from '../../observation.ts';
import type { IdentityBody, InventoryBody, ResourceBody, RoleBody } from '../../observations/access.ts';
import { evidenceKind } from './kind.ts';
import { oncePerId, said } from './stated.ts';

const id = z.string().min(1).max(300);
const names = z.array(z.string().min(1).max(200)).max(1000);

const credential = z.strictObject({
  id: z.string().min(1).max(200),
  type: z.string().max(80),
  active: z.boolean().default(true),
  created: isoDate.optional(),
  expires: z.union([isoDate, z.literal('never')]).optional(),
  lastUsed: isoDate.optional(),
  ephemeral: z.boolean().optional(),
});
const entitlements = z.array(
  z.strictObject({
    actions: z.array(z.string().max(200)).min(1),
    resources: z.array(z.string().min(1).max(400)).min(1),
  }),
);
export const justification = z.strictObject({
  reason: z.string().min(1).max(1000),
  approvedBy: z.string().min(1).max(200),
  expires: isoDate.optional(),
});
/** How a machine proves who it is; for a federated one, whose tokens are trusted and under which conditions. */
const authentication = z
  .strictObject({
    method: z.enum(AUTHENTICATION_METHODS),
    issuer: z.string().min(1).max(400).optional(),
    audience: z.string().min(1).max(400).optional(),
    conditions: z
      .array(z.strictObject({ claim: z.string().min(1).max(100), value: z.string().min(1).max(400) }))
      .max(50)
      .optional(),
  })
  .refine(
    ({ method, issuer, audience, conditions }) =>
      method === 'oidc' || (issuer === undefined && audience === undefined && conditions === undefined),
    'issuer, audience and conditions belong to method oidc',
  );
export const identity = z.strictObject({
  id,
  name: z.string().max(200).optional(),
  type: z.enum(['human', 'machine']),
  owner: z.string().min(1).max(200).optional(),
  /** Whether that owner still works here, as the directory of people says on the day the inventory was collected. */
  ownerStatus: z.enum(['current', 'left']).optional(),
  authentication: authentication.optional(),
  /** The decision that it may read weights, checkpoints or adapters, and whether it may take copies away. */
  weights: z
    .strictObject({ copies: z.boolean(), reason: said(1000), approvedBy: said(200), expires: isoDate })
    .optional(),
  active: z.boolean().default(true),
  created: isoDate.optional(),
  lastUsed: isoDate.optional(),
  admin: z.boolean().optional(),
  root: z.boolean().optional(),
  mfa: z.boolean().optional(),
  reaches: z.array(surface).optional(),
  entitlements: entitlements.optional(),
  roles: z.array(id).max(10_000).optional(),
  assumes: z.array(id).max(10_000).optional(),
  credentials: z.array(credential).default([]),
  usedBy: z
    .strictObject({ workloads: names.optional(), environments: names.optional(), tenants: names.optional() })
    .optional(),
  stages: z.array(z.enum(STAGES)).optional(),
  rights: z.array(z.enum(RIGHTS)).optional(),
  justification: justification.optional(),
  interactive: z.strictObject({ enabled: z.boolean(), lastUsed: isoDate.optional() }).optional(),
  thirdParty: z
    .strictObject({
      vendor: z.string().min(1).max(200),
      reviewed: isoDate.optional(),
      scopes: z.array(z.string().min(1).max(200)).max(500).optional(),
    })
    .optional(),
});
export const role = z.strictObject({
  id,
  name: z.string().max(200).optional(),
  admin: z.boolean().optional(),
  entitlements: entitlements.optional(),
  assumes: z.array(id).max(10_000).optional(),
});
export const resource = z.strictObject({
  id: z.string().min(1).max(400),
  type: z.enum(RESOURCE_TYPES),
  surface: surface.optional(),
  stage: z.enum(STAGES).optional(),
  sensitivity: z.enum(SENSITIVITIES).default('unstated'),
});

/** What stands beside the lists. */
export const inventoryHead = z.strictObject({
  apiVersion,
  kind: z.literal('AccessInventory'),
  collected: isoDate,
  description: z.string().max(2000).optional(),
  /** `none` states that no third party has an identity here; without it, silence proves nothing. */
  thirdParties: z.enum(['listed', 'none']).optional(),
});

const accessInventorySchema = inventoryHead.extend({
  identities: z.array(identity).min(1).superRefine(oncePerId('identity')),
  roles: z.array(role).default([]).superRefine(oncePerId('role')),
  resources: z.array(resource).default([]).superRefine(oncePerId('resource')),
});

type InventoryHead = z.infer<typeof inventoryHead>;

/** What an inventory of so many identities says of itself. */
export function observeInventory(
  { collected, thirdParties }: InventoryHead,
  identities: number,
): Located<InventoryBody> {
  return { kind: 'inventory', identities, ...(thirdParties ? { thirdParties } : {}), collected, at: '/identities' };
}

export function observeIdentity(
  found: z.infer<typeof identity>,
  collected: string,
  index: number,
): Located<IdentityBody> {
  return {
    kind: 'identity',
    statesOwners: true,
    statesType: true,
    ...found,
    name: found.name ?? found.id,
    collected,
    at: `/identities/${index}`,
  };
}

export function observeRole(found: z.infer<typeof role>, collected: string, index: number): Located<RoleBody> {
  return { kind: 'role', ...found, name: found.name ?? found.id, collected, at: `/roles/${index}` };
}

export function observeResource(
  found: z.infer<typeof resource>,
  collected: string,
  index: number,
): Located<ResourceBody> {
  return { kind: 'resource', ...found, collected, at: `/resources/${index}` };
}

export const accessInventory = evidenceKind({
  kind: 'AccessInventory',
  schema: accessInventorySchema,
  observe(document, _context, reading) {
    const { collected } = document;
    reading.collected = collected;
    reading.observations.push(observeInventory(document, document.identities.length));
    for (const [index, found] of document.identities.entries())
      reading.observations.push(observeIdentity(found, collected, index));
    for (const [index, found] of document.roles.entries())
      reading.observations.push(observeRole(found, collected, index));
    for (const [index, found] of document.resources.entries())
      reading.observations.push(observeResource(found, collected, index));
  },
});
