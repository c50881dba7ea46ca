import { z } from 'zod';
import { apiVersion, isoDate, sha256Hex } from '../../../schema.ts';
import { evidenceKind } from './kind.ts';
import { oncePerId, said } from './stated.ts';
import { authorisation } from './storeFacts.ts';

const tool = z.strictObject({
  id: said(400),
  /** The MCP server or package that offers it. */
  server: said(400).optional(),
  /** Resources of the access inventory that it is; `*` at the end stands for any. Its own id where nothing is named. */
  covers: z.array(said(400)).min(1).max(1000).optional(),
  version: said(100).optional(),
  /** SHA-256 of the package, image or tool description that is loaded; what has another is not loaded. */
  pinned: sha256Hex.optional(),
  transport: z.enum(['in-process', 'stdio', 'https', 'http']).optional(),
  /** How a caller proves who it is to the tool. */
  authenticates: z.enum(['caller-token', 'workload', 'shared-key', 'nobody']).optional(),
  authorisation: authorisation.optional(),
  /** The review of its code or description: of what digest, by whom, when. */
  review: z.strictObject({ on: isoDate, by: said(200), of: sha256Hex }).optional(),
});

const toolInventorySchema = z.strictObject({
  apiVersion,
  kind: z.literal('ToolInventory'),
  collected: isoDate,
  tools: z.array(tool).min(1).max(10_000).superRefine(oncePerId('tool')),
});

export const toolInventory = evidenceKind({
  kind: 'ToolInventory',
  schema: toolInventorySchema,
  observe({ collected, tools }, _context, reading) {
    reading.collected = collected;
    tools.forEach((found, index) => {
      reading.observations.push({ kind: 'agent-tool', ...found, collected, at: `/tools/${index}` });
    });
  },
});
