import { z } from 'zod';
import { apiVersion, isoDate } from '../../../schema.ts';
import { evidenceKind } from './kind.ts';

/** The secret itself has no field: a file that carries one is refused, and nothing of it goes further. */
const finding = z.strictObject({
  id: z.string().min(1).max(300),
  rule: z.string().min(1).max(200),
  file: z.string().min(1).max(500),
  line: z.number().int().min(1).optional(),
  commit: z.string().max(64).optional(),
  verified: z.boolean().optional(),
  review: z
    .strictObject({
      decision: z.enum(['false-positive', 'revoked', 'accepted']),
      by: z.string().min(1).max(200),
      on: isoDate,
    })
    .optional(),
});

const secretScanSchema = z.strictObject({
  apiVersion,
  kind: z.literal('SecretScan'),
  collected: isoDate,
  tool: z.strictObject({ name: z.string().min(1).max(80), version: z.string().max(40).optional() }),
  /** Repositories, images or folders that were searched. */
  scanned: z.array(z.string().min(1).max(300)).min(1),
  findings: z.array(finding),
});

export const secretScan = evidenceKind({
  kind: 'SecretScan',
  schema: secretScanSchema,
  observe(document, _context, reading) {
    const { collected, tool } = document;
    const made = { collected, tool: { name: tool.name, ...(tool.version ? { version: tool.version } : {}) } };
    reading.collected = collected;
    reading.tool = made.tool;
    reading.observations.push({
      kind: 'secret-scan',
      scanned: document.scanned,
      findings: document.findings.length,
      ...made,
      at: '/scanned',
    });
    document.findings.forEach(({ file, line, commit, ...found }, index) => {
      const where = `${file}${line === undefined ? '' : `:${line}`}${commit ? ` at ${commit.slice(0, 12)}` : ''}`;
      reading.observations.push({ kind: 'secret-finding', ...found, where, ...made, at: `/findings/${index}` });
    });
  },
});
