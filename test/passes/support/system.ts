import { yamlText } from '../../../src/files/yaml.ts';

/* A made-up system, described as its owner would. Everything can be overridden, so that a case shows what it is about. */

/** The day on which these workspaces are assessed, and the day of their tests. */
export const AS_OF = '2026-11-21';
export const TESTED = '2026-11-10';
/** Days before the day of assessment on which evidence is too old for every profile's probes and inventories. */
export const LONG_AGO = '2026-01-15';

export type Fields = Record<string, unknown>;
export type Files = Record<string, string | Uint8Array>;

/** What the tools that tested the model called it, and the model as the workspace declares it. */
export const TARGET = 'rest.RestGenerator/helper-prod';
export const MODEL = {
  id: 'helper',
  version: '1.4',
  provider: 'self-hosted',
  deployed: '2026-09-01',
  training: 'own',
  targets: ['rest.RestGenerator/helper-*'],
};

/** A workspace: its description and the files beside it. */
export interface Workspace {
  system: Fields;
  files: Files;
}

/** `probity.yaml`. */
export function systemYaml(fields: Fields): string {
  return yamlText({
    apiVersion: 'probity/v1',
    kind: 'System',
    id: 'helpdesk',
    name: 'Helpdesk assistant',
    owner: { name: 'Model Risk', contact: 'model-risk@example.org' },
    riskTier: 'moderate',
    period: { from: '2026-09-01', to: '2026-11-30' },
    models: [MODEL],
    surfaces: ['model-api'],
    data: [{ name: 'tickets', sensitivity: 'personal' }],
    evidence: ['evidence/**/*'],
    ...fields,
  });
}

/** Workspaces laid over one another: files are added, fields of the system replaced, and sources put together. */
export function together(...parts: readonly Workspace[]): Workspace {
  const sources = parts.flatMap(({ system }) => (Array.isArray(system.sources) ? system.sources : []));
  return {
    system: Object.assign({}, ...parts.map(({ system }) => system), sources.length > 0 ? { sources } : {}),
    files: Object.assign({}, ...parts.map(({ files }) => files)),
  };
}

/** The workspace with fields of its system replaced. */
export function declaring(system: Fields, workspace: Workspace): Workspace {
  return { system: { ...workspace.system, ...system }, files: workspace.files };
}
