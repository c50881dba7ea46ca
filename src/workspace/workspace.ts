import path from 'node:path';
import { z } from 'zod';
import { ProbityError, systemCode, whyUnread } from '../errors.ts';
import { sourceDeclaration } from '../evidence/declaration.ts';
import { placeholderIn } from '../evidence/placeholder.ts';
import { readNamed } from '../files/read.ts';
import { parseYaml, readYaml } from '../files/yaml.ts';
import { apiVersion, identifier, isoDate, surface } from '../schema.ts';
import { TRAININGS } from '../terms.ts';

const targetPattern = z.string().min(1).max(300);

/** `probity.yaml`: the system under assessment and where its evidence lies. */
export const workspaceSchema = z.strictObject({
  apiVersion,
  kind: z.literal('System'),
  id: identifier,
  name: z.string().min(1).max(200),
  description: z.string().max(2000).optional(),
  owner: z.strictObject({ name: z.string().min(1).max(200), contact: z.string().max(200).optional() }),
  riskTier: z.enum(['low', 'moderate', 'high']),
  classification: z.string().max(80).optional(),
  /** By what portfolios are filtered: owner, tier, unit, and whatever the organisation sorts its systems by. */
  tags: z.record(identifier, z.string().min(1).max(120)).optional(),
  organisation: z.string().max(120).optional(),
  period: z.strictObject({ from: isoDate, to: isoDate }),
  models: z
    .array(
      z.strictObject({
        id: identifier,
        version: z.string().max(80),
        provider: z.string().max(120),
        deployed: isoDate,
        /** Who trained it: `none` is a vendor's model, used as it is. */
        training: z.enum(TRAININGS).optional(),
        /** What tools call it when they test it; `*` stands for anything. */
        targets: z.array(targetPattern).default([]),
      }),
    )
    .default([]),
  /** What tools call the application as a whole, where no single model stands for it. */
  targets: z.array(targetPattern).default([]),
  /** Targets in the evidence that are not this system, each with the reason. */
  ignoredTargets: z.array(z.strictObject({ target: targetPattern, reason: z.string().min(1).max(500) })).default([]),
  /** Probes, by the tool's name, that replay public texts which the system's models were trained on; `*` for anything. */
  ownTexts: z.array(targetPattern).default([]),
  surfaces: z.array(surface).min(1),
  data: z.array(z.strictObject({ name: z.string().max(200), sensitivity: z.string().max(80) })).default([]),
  differentialPrivacy: z
    .strictObject({
      epsilon: z.number().positive(),
      delta: z.number().min(0).max(1),
      /** How the budget is kept. For Gaussian noise, as in DP-SGD, an audit shows several times as much. */
      mechanism: z.enum(['gaussian', 'other']).optional(),
    })
    .optional(),
  evidence: z.array(z.string().min(1)).min(1),
  ignore: z.array(z.string().min(1)).default([]),
  sources: z.array(sourceDeclaration).default([]),
  /** What people answered to the findings, `kind: Responses`; relative to this file. */
  responses: z.string().min(1).max(500).optional(),
  /** Folders of own controls, profiles, frameworks and probe maps, laid over the catalog in this order. */
  controls: z.array(z.string().min(1)).default([]),
  /** Framework identifiers the readers of the report are used to; resolved, and explained where they are legacy. */
  cites: z.array(z.string().max(60)).default([]),
  /** The frameworks that the report shows in its body, in this order, by id with or without edition; the others stand in an annex. */
  frameworks: z.array(z.string().min(1).max(60)).min(1).max(6).optional(),
  /** What a run writes where the command line says nothing else: ids as `--format` takes them, or `all`. */
  formats: z.array(z.string().min(1).max(40)).min(1).optional(),
});

export type Workspace = z.infer<typeof workspaceSchema>;

export interface LoadedWorkspace {
  workspace: Workspace;
  /** The folder that `evidence`, `ignore` and `sources` patterns are relative to. */
  root: string;
  file: string;
}

/**
 * Reads and checks a workspace file.
 * @throws ProbityError WORKSPACE_MISSING or WORKSPACE_INVALID (file and line)
 */
export async function loadWorkspace(file: string): Promise<LoadedWorkspace> {
  let text: string;
  try {
    text = await readNamed(file, 'utf8');
  } catch (error) {
    throw new ProbityError(
      'WORKSPACE_MISSING',
      systemCode(error) === 'ENOENT' ? 'there is no such workspace file' : whyUnread(error, 'the workspace file'),
      {
        where: file,
        remedy: 'Name one with --config, or make one with: probity init',
        cause: error,
      },
    );
  }
  refusePlaceholders(text, file);
  const workspace = readYaml(workspaceSchema, text, file, 'WORKSPACE_INVALID');
  if (workspace.period.from > workspace.period.to)
    throw new ProbityError('WORKSPACE_INVALID', 'the period ends before it begins', { where: `${file}#/period` });
  return { workspace, root: path.dirname(path.resolve(file)), file: path.resolve(file) };
}

/** A draft of `evidence map` says nothing until it is filled in. @throws ProbityError WORKSPACE_INVALID (file and line) */
function refusePlaceholders(text: string, file: string): void {
  if (!text.includes('<replace: ')) return;
  const { value, lineOf } = parseYaml(text, file, 'WORKSPACE_INVALID');
  const blank = placeholderIn(value, '');
  if (blank)
    throw new ProbityError('WORKSPACE_INVALID', `${blank.text} is a placeholder that nobody has replaced`, {
      where: `${file}:${lineOf(blank.pointer)}`,
      remedy: 'Replace every value of that form by what is true of the system',
    });
}
