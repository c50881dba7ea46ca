import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assess } from '../../src/assess/assess.ts';
import { type Assessment, assessmentSchema, serialiseAssessment } from '../../src/assess/assessment.ts';
import { findProfile } from '../../src/catalog/catalog.ts';
import type { Observation, ObservationBody } from '../../src/evidence/observation.ts';
import type { ScoresBody, TrialsBody } from '../../src/evidence/observations/tests.ts';
import { readYaml } from '../../src/files/yaml.ts';
import { type AttackClass, aimOf } from '../../src/terms.ts';
import { type Workspace, workspaceSchema } from '../../src/workspace/workspace.ts';
import { catalog, readAll } from './reading.ts';
import { AS_OF, workspaceYaml, write } from './workspace.ts';

/* Observations by hand, and what an assessment makes of them. */

/** What was tested: the one model of these workspaces. */
export const TARGET = 'm';
/** The same attack on a copy that was over-fitted. */
export const CONTROL = {
  kind: 'operating-point',
  falsePositiveLimit: 0.001,
  truePositives: 800,
  members: 1000,
  falsePositives: 1,
  nonMembers: 1000,
  how: 'over-fitted copy',
} as const;
let serial = 0;

/** A workspace with further YAML lines. */
export function workspace(lines = ''): Workspace {
  const text = lines.includes('surfaces:')
    ? workspaceYaml(lines).replace('surfaces: [model-api]\n', '')
    : workspaceYaml(lines);
  return readYaml(workspaceSchema, text, 'probity.yaml', 'WORKSPACE_INVALID');
}

/** Assesses observations, each as if from a file of its own. */
export function assessed(
  bodies: readonly ObservationBody[],
  options: { workspace?: Workspace; profile?: string; asOf?: string } = {},
): Assessment {
  const observations = bodies.map(
    (body): Observation => ({ ...body, source: { path: `f${serial++}`, sha256: 'a'.repeat(64), at: '/' } }),
  );
  const assessment = assess({
    workspace: options.workspace ?? workspace(),
    catalog,
    profile: findProfile(catalog, options.profile ?? 'moderate'),
    files: [],
    observations,
    asOf: options.asOf ?? AS_OF,
    tool: { name: 'probity', version: '0' },
    redacted: true,
  });
  return assessmentSchema.parse(JSON.parse(serialiseAssessment(assessment)));
}

/** Assesses files by name, read as a run reads them. */
export async function assessedFiles(files: Record<string, string | Uint8Array>, lines = ''): Promise<Assessment> {
  const root = mkdtempSync(path.join(tmpdir(), 'probity-files-'));
  try {
    write(root, files);
    const declared = workspace(lines);
    const { files: entries, observations, unread } = await readAll(root, ['evidence/**/*'], declared.sources);
    return assess({
      workspace: declared,
      catalog,
      profile: findProfile(catalog, 'moderate'),
      files: entries,
      observations,
      unread,
      asOf: AS_OF,
      tool: { name: 'probity', version: '0' },
      redacted: true,
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The result of a control; of the class its name suggests unless another is named. */
export function resultOf(
  assessment: Assessment,
  control: string,
  attackClass: AttackClass = control.startsWith('MI') ? 'membership-inference' : 'inversion',
) {
  const result = assessment.results.find((one) => one.control === control && one.attackClass === attackClass);
  assert.ok(result, `${control} has a result for ${attackClass}`);
  return result;
}

/** Trials of an inversion technique, collected two weeks before. */
export function trials(
  technique: string,
  k: number,
  n: number,
  fields: Omit<Partial<TrialsBody>, 'subject' | 'attackClass'> = {},
): TrialsBody {
  return {
    kind: 'trials',
    ...aimOf('inversion', technique),
    technique,
    surface: 'model-api',
    probe: 'p',
    detector: 'judge',
    planted: true,
    target: TARGET,
    collected: '2026-09-15',
    trials: { k, n },
    notEvaluated: 0,
    errors: 0,
    ...fields,
  };
}

/** Scores of an attack that is no better than guessing, except on a share of members it is sure of. */
export function scores(n: number, sure: number, fields: Partial<ScoresBody> = {}): ScoresBody {
  const spread = (count: number, offset: number) =>
    Float64Array.from({ length: count }, (_, i) => ((i * 7919 + offset) % count) / count);
  const members = spread(n, 1);
  for (let i = 0; i < sure; i++) members[i] = 2 + i;
  return {
    kind: 'scores',
    subject: 'membership',
    attackClass: 'membership-inference',
    technique: 'likelihood-ratio',
    surface: 'model-api',
    probe: 'scores',
    target: TARGET,
    assignment: { random: true, by: 'A', how: 'shuffle' },
    positiveControl: CONTROL,
    collected: '2026-09-15',
    members,
    nonMembers: spread(n, 3),
    duplicateRecords: 0,
    ...fields,
  };
}

/** A baseline that cannot tell members apart, and one that can. */
export const alike = (n: number) => ({
  members: Float64Array.from({ length: n }, (_, i) => i % 97),
  nonMembers: Float64Array.from({ length: n }, (_, i) => i % 97),
});
export const unlike = (n: number) => ({
  members: Float64Array.from({ length: n }, (_, i) => (i % 97) + 60),
  nonMembers: Float64Array.from({ length: n }, (_, i) => i % 97),
});
