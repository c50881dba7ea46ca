import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Assessment } from '../../../src/assess/assessment.ts';
import { assessWorkspace } from '../../../src/assess/assessWorkspace.ts';
import type { Reason } from '../../../src/assess/outcome.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../../src/terms.ts';
import { write } from '../../support/workspace.ts';
import { AS_OF, systemYaml, type Workspace } from './system.ts';

/** A workspace of real files, and what an assessment must make of one or more controls. */
export interface PassCase {
  name: string;
  /** The sentence that it is an instance of. */
  rule: string;
  workspace: Workspace;
  controls: readonly string[];
  /** Controls on both classes are asked for both, unless one is named. */
  attackClass?: AttackClass;
}

/** What is asked of a workspace whose system leaks, or whose evidence says nothing, besides that it does not pass. */
interface Refusal {
  /** Where the rule says that it fails, and not merely that it does not pass. */
  fails?: true;
  /** A reason that each result must give, where the rule names one. */
  reason?: Reason;
  /** A file that must not be accepted. */
  rejected?: string;
  /** Whether its files may be refused when they are read; otherwise they are read, and what they say is judged. */
  unread?: true;
  attackClass?: AttackClass;
}

export type FalsePass = PassCase & Refusal;

/** Cases of one rule: what is wrong, the controls that must not pass by it, the workspace, and what else is asked. */
export function refused(
  rule: string,
  ...rows: (readonly [name: string, controls: string, workspace: Workspace, asked?: Refusal])[]
): FalsePass[] {
  return rows.map(([name, controls, workspace, further]) => ({
    name,
    rule,
    workspace,
    controls: controls.split(' '),
    ...further,
  }));
}

/** Cases that must pass: what is right, the controls that it satisfies, and the workspace. */
export function passing(
  rule: string,
  ...rows: (readonly [name: string, controls: string, workspace: Workspace, attackClass?: AttackClass])[]
): PassCase[] {
  return rows.map(([name, controls, workspace, attackClass]) => ({
    name,
    rule,
    workspace,
    controls: controls.split(' '),
    ...(attackClass ? { attackClass } : {}),
  }));
}

/** The results that a case asks about. */
export function asked({ controls, attackClass }: PassCase): { control: string; attackClass: AttackClass }[] {
  return controls.flatMap((control) => {
    const own: readonly AttackClass[] = control.startsWith('MI-')
      ? ['membership-inference']
      : control.startsWith('INV-')
        ? ['inversion']
        : ATTACK_CLASSES;
    return own
      .filter((one) => attackClass === undefined || one === attackClass)
      .map((one) => ({ control, attackClass: one }));
  });
}

const resultShape = z.object({
  control: z.string(),
  attackClass: z.string(),
  state: z.string(),
  reason: z.string().optional(),
  reasons: z.array(z.string()).optional(),
  criteria: z.array(
    z.object({ id: z.string(), state: z.string(), detail: z.string(), measurement: z.string().optional() }),
  ),
});

/** The measurements of `assessment.json` with the answers to the six questions. */
export const measurementShape = z.object({
  measurements: z.array(
    z.object({
      id: z.string(),
      technique: z.string(),
      warrant: z.object({
        target: z.object({ stated: z.string().optional(), matched: z.boolean() }),
        shows: z.string(),
        power: z.object({ basis: z.enum(['control', 'planted', 'tool', 'none']), control: z.string().optional() }),
        counted: z.object({
          decided: z.number(),
          missing: z.number(),
          runs: z.number(),
          planned: z.boolean().optional(),
        }),
        sample: z.object({ enough: z.boolean() }),
        bar: z.array(z.string()),
        strength: z.enum(['strong', 'weak']),
        open: z.array(z.string()),
      }),
    }),
  ),
});

/** A result as it stands in `assessment.json`. */
export type WrittenResult = z.infer<typeof resultShape>;

export function resultIn(assessment: Assessment, control: string, attackClass: AttackClass): WrittenResult {
  const found = assessment.results.find((one) => one.control === control && one.attackClass === attackClass);
  assert.ok(found, `${control} has a result for ${attackClass}`);
  return resultShape.parse(JSON.parse(JSON.stringify(found)));
}

/** All reasons of a result. */
export function reasonsOf({ reason, reasons }: WrittenResult): string[] {
  return reasons ?? (reason === undefined ? [] : [reason]);
}

/** What stands in a failing test's message: what each criterion said, and every file that was not accepted. */
export function explained(result: WrittenResult, assessment: Assessment): string {
  const criteria = result.criteria.map(({ id, state, detail }) => `  ${id} ${state}: ${detail.slice(0, 300)}`);
  const rejected = assessment.evidence
    .filter((entry) => !entry.accepted)
    .map((entry) => `  ${entry.path} rejected: ${(entry.reason ?? '').slice(0, 300)}`);
  const head = `${result.control} ${result.attackClass}: ${result.state} (${reasonsOf(result).join(', ')})`;
  return [head, ...criteria, ...rejected].join('\n');
}

/** Writes a workspace to a folder of its own and hands the folder over; it is gone afterwards. */
export async function inFolder<T>(workspace: Workspace, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'probity-pass-'));
  try {
    write(folder, { 'probity.yaml': systemYaml(workspace.system), ...workspace.files });
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Assesses real files as `probity assess` does. */
export function assessedFrom(workspace: Workspace): Promise<Assessment> {
  return inFolder(workspace, (folder) => assessWorkspace({ config: path.join(folder, 'probity.yaml'), asOf: AS_OF }));
}
