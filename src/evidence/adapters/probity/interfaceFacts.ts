import { z } from 'zod';
import { apiVersion, isoDate, surface } from '../../../schema.ts';
import { OUTPUTS } from '../../../terms.ts';
import { justification } from './accessInventory.ts';
import { evidenceKind } from './kind.ts';

const output = z
  .strictObject({
    surface,
    gives: z.enum(OUTPUTS),
    decimals: z.number().int().min(0).max(20).optional(),
    audience: z.string().max(200).optional(),
    justification: justification.optional(),
  })
  .refine(
    ({ gives, decimals }) => (gives === 'rounded-score') === (decimals !== undefined),
    'a rounded score says to how many decimals, and nothing else does',
  );

/** What a surface gives away beside its answers, and what a reader's program does with them. */
const channel = z.strictObject({
  surface,
  /** Images, links and the like from elsewhere in a rendered answer; text alone renders nothing. */
  remoteContent: z.enum(['text-only', 'blocked', 'listed-hosts', 'allowed']).optional(),
  activeContent: z.enum(['blocked', 'allowed']).optional(),
  /** Whose earlier questions can make an answer faster. */
  cacheSharedBy: z.enum(['nobody', 'caller', 'tenant', 'everybody']).optional(),
  /** Whether sizes and pauses of a streamed answer follow its tokens. */
  streaming: z.enum(['none', 'padded', 'token-by-token']).optional(),
  /** Whether errors for what is not there and for what one may not see differ. */
  errors: z.enum(['uniform', 'telling']).optional(),
});

const interfaceSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Interface'),
  collected: isoDate,
  outputs: z.array(output).min(1),
  channels: z.array(channel).default([]),
});

export const interfaceFacts = evidenceKind({
  kind: 'Interface',
  schema: interfaceSchema,
  observe(document, _context, reading) {
    reading.collected = document.collected;
    document.outputs.forEach((found, index) => {
      reading.observations.push({ kind: 'output', ...found, collected: document.collected, at: `/outputs/${index}` });
    });
    document.channels.forEach((found, index) => {
      reading.observations.push({ kind: 'channel', ...found, collected: document.collected, at: `/channels/${index}` });
    });
  },
});
