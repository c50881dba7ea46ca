import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The day the bundled example speaks of. */
export const EXAMPLE_AS_OF = '2026-11-21';
/** The day on which small workspaces made by tests are assessed: the last of their period. */
export const AS_OF = '2026-09-30';

/** A folder of this test file's own, gone when its tests are done. */
export function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'probity-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files by name below a folder, making folders as needed. */
export function write(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

/** A small workspace file with anything overridden by further YAML lines. */
export function workspaceYaml(lines = ''): string {
  return `apiVersion: probity/v1
kind: System
id: tested
name: Tested system
owner: {name: Tester}
riskTier: moderate
period: {from: 2026-07-01, to: 2026-09-30}
${lines.includes('targets:') ? '' : 'targets: [m]\n'}surfaces: [model-api]
evidence: ["evidence/**/*"]
${lines}`;
}

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the built command line, with an own folder for identities. */
export function probity(
  args: readonly string[],
  options: { cwd?: string; home: string; env?: Record<string, string>; node?: readonly string[] },
): Promise<Run> {
  const { PROBITY_PASSPHRASE: _removed, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...(options.node ?? []), path.join(ROOT, 'bin/probity.js'), ...args],
      {
        cwd: options.cwd ?? ROOT,
        env: { ...inherited, PROBITY_HOME: options.home, ...options.env },
        maxBuffer: 64 * 2 ** 20,
      },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    );
  });
}
