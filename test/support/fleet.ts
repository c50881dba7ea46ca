import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { probity, ROOT, type Run, workspaceYaml, write } from './workspace.ts';

/* Fleets of small systems, and the commands over them. */

export const FLEET_AS_OF = '2026-09-30';

/** The evidence of a small system, different for each number. */
export function systemFiles(number: number): Record<string, string> {
  return {
    'probity.yaml': workspaceYaml()
      .replace('id: tested', `id: ${systemId(number)}`)
      .replace('Tested system', `System ${number}`),
    'evidence/trials.yaml': `apiVersion: probity/v1
kind: ProbeResult
tool: {name: harness, version: "1"}
collected: 2026-09-15
target: m
results:
  - attackClass: inversion
    technique: training-data-extraction
    surface: model-api
    probe: planted
    detector: exact match
    planted: true
    trials: {n: ${2000 + (number % 700)}, successes: ${number % 5}}
`,
    'evidence/interface.yaml': readFileSync(path.join(ROOT, 'examples/interface.yaml'), 'utf8').replaceAll(
      /<replace: [^<>]*>/g,
      `of system ${number}`,
    ),
  };
}

export function systemId(number: number): string {
  return `system-${String(number).padStart(4, '0')}`;
}

/** Writes so many systems and their `systems.yaml` below a folder; returns the path of the latter. */
export function writeFleet(
  folder: string,
  count: number,
  options: { results?: string; format?: string; more?: string; lines?: (number: number) => string } = {},
): string {
  for (let i = 0; i < count; i++) write(path.join(folder, 'systems', systemId(i)), systemFiles(i));
  const file = path.join(folder, 'systems.yaml');
  write(folder, {
    'systems.yaml': `apiVersion: probity/v1
kind: Fleet
results: ${options.results ?? 'packs'}
defaults: {asOf: ${FLEET_AS_OF}, format: [${options.format ?? 'json'}]}
systems:
${Array.from({ length: count }, (_, i) => `  - {id: ${systemId(i)}, config: systems/${systemId(i)}/probity.yaml${options.lines?.(i) ?? ''}}\n`).join('')}${options.more ?? ''}`,
  });
  return file;
}

const statusSchema = z.object({
  counts: z.object({ queued: z.number(), running: z.number(), done: z.number(), failed: z.number() }),
  cancelled: z.number(),
  portfolio: z.object({ state: z.string(), at: z.string().optional() }),
  systems: z.array(
    z.object({ id: z.string(), state: z.string(), error: z.string().optional(), pack: z.string().optional() }),
  ),
});
export type Status = z.infer<typeof statusSchema>;

/** The commands of a fleet, with one queue and one home. */
export class FleetCommands {
  readonly queue: string;
  readonly folder: string;
  readonly home: string;
  readonly env: Record<string, string>;
  #workers = new Set<ChildProcess>();

  constructor(port: number, folder: string, env: Record<string, string> = {}) {
    this.queue = `redis://127.0.0.1:${port}`;
    this.folder = folder;
    this.home = path.join(folder, 'home');
    this.env = { PROBITY_QUEUE: this.queue, ...env };
  }

  run(...args: string[]): Promise<Run> {
    return probity(['fleet', ...args], { cwd: this.folder, home: this.home, env: this.env });
  }

  async status(...args: string[]): Promise<Status> {
    const { stdout } = await this.run('status', '--json', ...args);
    return statusSchema.parse(JSON.parse(stdout));
  }

  /** Starts a worker that is left running. */
  start(args: readonly string[] = [], env: Record<string, string> = {}): Worker {
    const child = spawn(
      process.execPath,
      [
        path.join(ROOT, 'bin/probity.js'),
        'fleet',
        'work',
        ...(args.includes('--listen') ? [] : ['--listen', 'off']),
        ...args,
      ],
      {
        cwd: this.folder,
        env: { ...process.env, PROBITY_HOME: this.home, ...this.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#workers.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<number>((resolve) =>
      child.once('exit', (code) => {
        this.#workers.delete(child);
        resolve(code ?? -1);
      }),
    );
    return { process: child, ended, output: () => output };
  }

  /** Ends what was left running. */
  async stop(): Promise<void> {
    const all = [...this.#workers];
    for (const child of all) child.kill('SIGKILL');
    await Promise.all(all.map((child) => child.exitCode ?? new Promise((resolve) => child.once('exit', resolve))));
  }
}

export interface Worker {
  process: ChildProcess;
  ended: Promise<number>;
  output(): string;
}

/** Packs below a results folder: `SYSTEM/PACK` to the bytes of their files. */
export function packsIn(results: string): Map<string, Map<string, Buffer>> {
  const found = new Map<string, Map<string, Buffer>>();
  for (const system of readdirSync(results)) {
    if (system.startsWith('.') || system === 'portfolio') continue;
    for (const pack of readdirSync(path.join(results, system))) {
      const folder = path.join(results, system, pack);
      found.set(
        `${system}/${pack}`,
        new Map(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name))])),
      );
    }
  }
  return found;
}
