import { z } from 'zod';
import { CHECKS } from '../assess/checks/index.ts';
import { CATALOG_KINDS } from '../catalog/schemas.ts';
import { EVIDENCE_KINDS } from '../evidence/adapters/probity/index.ts';
import { gatePolicySchema } from '../gate/policy.ts';
import { fleetSchema } from '../workspace/fleet.ts';
import { responsesSchema } from '../workspace/responses.ts';
import { workspaceSchema } from '../workspace/workspace.ts';

/** Every kind of YAML file that people write, with its schema. */
const KINDS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['System', workspaceSchema],
  ['GatePolicy', gatePolicySchema],
  ['Responses', responsesSchema],
  ['Fleet', fleetSchema],
  ...Object.entries(CATALOG_KINDS),
  ...EVIDENCE_KINDS.map(({ kind, schema }): [string, z.ZodType] => [kind, schema]),
]);

/** The name of a kind's schema file: `ProbeResult` is in `probe-result.schema.json`. */
export function schemaFile(kind: string): string {
  return `${kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.schema.json`;
}

/**
 * JSON Schemas (draft 7, which editors know best) for every kind, by file name. What a schema cannot express, such as sums
 * that must agree, is checked when a file is read.
 */
export function jsonSchemas(): Map<string, string> {
  return new Map(
    [...KINDS].map(([kind, schema]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, {
        io: 'input',
        target: 'draft-7',
        unrepresentable: 'any',
        // Which checks there are is not known to the schema of a criterion, and a writer wants them offered.
        override: ({ jsonSchema }) => {
          const check = jsonSchema.properties?.check;
          if (typeof check === 'object')
            jsonSchema.properties = {
              ...jsonSchema.properties,
              check: { type: 'string', enum: CHECKS.map(({ name }) => name) },
            };
        },
      });
      return [schemaFile(kind), `${JSON.stringify({ $schema, title: `Probity ${kind}`, ...rest }, null, 2)}\n`];
    }),
  );
}

/** The comment by which a YAML editor finds a schema. */
export function modeline(kind: string, folder: string): string {
  return `# yaml-language-server: $schema=${folder}/${schemaFile(kind)}\n`;
}
