import { z } from 'zod';
import { apiVersion, isoDate, surface } from '../../../schema.ts';
import { evidenceKind } from './kind.ts';

const credential = z.strictObject({
  id: z.string().min(1).max(200),
  type: z.string().max(80),
  active: z.boolean().default(true),
  created: isoDate.optional(),
  expires: isoDate.optional(),
  lastUsed: isoDate.optional(),
  ephemeral: z.boolean().optional(),
});
const identity = z.strictObject({
  id: z.string().min(1).max(300),
  name: z.string().max(200).optional(),
  type: z.enum(['human', 'machine']),
  owner: z.string().min(1).max(200).optional(),
  active: z.boolean().default(true),
  created: isoDate.optional(),
  lastUsed: isoDate.optional(),
  admin: z.boolean().optional(),
  mfa: z.boolean().optional(),
  reaches: z.array(surface).optional(),
  entitlements: z.array(z.strictObject({ actions: z.array(z.string().max(200)).min(1), resources: z.array(z.string().max(400)).min(1) })).optional(),
  credentials: z.array(credential).default([]),
});

const accessInventorySchema = z.strictObject({
  apiVersion,
  kind: z.literal('AccessInventory'),
  collected: isoDate,
  description: z.string().max(2000).optional(),
  identities: z.array(identity).min(1),
});

export const accessInventory = evidenceKind({
  kind: 'AccessInventory',
  schema: accessInventorySchema,
  observe(document, _context, reading) {
    reading.collected = document.collected;
    document.identities.forEach((found, index) => {
      reading.observations.push({
        kind: 'identity',
        statesOwners: true,
        ...found,
        name: found.name ?? found.id,
        collected: document.collected,
        at: `/identities/${index}`,
      });
    });
  },
});
