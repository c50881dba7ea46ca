import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './workspace.ts';

/** Where a call finds what it reads, and where it may write. */
export interface Places {
  /** A workspace with evidence; its pack lies in `pack`. */
  workspace: string;
  pack: string;
  /** An identity that opens with the passphrase of the call's environment. */
  identity: string;
  /** A folder of this call's own, which is not there yet; what it is named in may be written. */
  out: string;
}

const COMMANDS_FOLDER = path.join(ROOT, 'src/commands');

/** Every command that there is, by its file: `catalog show` for `catalog/show.ts`. */
export const COMMANDS: readonly string[] = readdirSync(COMMANDS_FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, '').split(path.sep).join(' '))
  .sort();

/** The file of a command. */
export function commandFile(command: string): string {
  return path.join(COMMANDS_FOLDER, `${command.replaceAll(' ', path.sep)}.ts`);
}

/** One call of each command that answers yes, with its place to write to where it has one. */
export const CALLS = new Map<string, (places: Places) => readonly string[]>([
  ['assess', ({ workspace, out }) => ['--config', config(workspace), '--as-of', '2026-09-30', '--out', out]],
  ['catalog coverage', () => []],
  ['catalog export', ({ out }) => ['--format', 'csv', '--out', out]],
  ['catalog import', ({ workspace, out }) => [path.join(workspace, 'controls.csv'), '--controls', out]],
  ['catalog lint', () => []],
  ['catalog list', () => []],
  ['catalog new', ({ out }) => ['ORG-01', '--family', 'access', '--controls', out]],
  ['catalog show', () => ['MI-02']],
  ['catalog techniques', () => []],
  ['compare', ({ pack, out }) => [pack, pack, '--format', 'md', '--out', path.join(out, 'changes.md')]],
  ['doctor', () => []],
  ['evidence formats', () => []],
  [
    'evidence map',
    ({ out }) => [path.join(ROOT, 'test/evidence/fixtures/accounts.csv'), '--out', path.join(out, 'x.yaml')],
  ],
  ['evidence inspect', ({ workspace }) => [path.join(workspace, 'evidence/changes.yaml')]],
  [
    'evidence summarise',
    ({ out }) => [
      path.join(ROOT, 'evidence/scores/triage-groups.csv'),
      '--config',
      path.join(ROOT, 'evidence/probity.yaml'),
      '--out',
      path.join(out, 'part'),
    ],
  ],
  ['gate', ({ pack }) => [pack, '--fail-on', 'not-satisfied']],
  ['identity create', ({ out }) => ['--out', path.join(out, 'x.p12')]],
  ['identity show', ({ identity }) => [identity]],
  ['init', ({ out }) => [out]],
  ['open', ({ pack }) => [pack, '--print']],
  [
    'plan',
    ({ workspace, out }) => ['--config', config(workspace), '--format', 'md', '--out', path.join(out, 'plan.md')],
  ],
  ['portfolio', ({ pack, out }) => [pack, '--format', 'json', '--out', out]],
  ['report', ({ pack, out }) => [path.join(pack, 'assessment.json'), '--format', 'json,md', '--out', out]],
  ['responses import', ({ pack, out }) => [path.join(pack, 'report.xlsx'), '--out', path.join(out, 'x.yaml')]],
  ['run', ({ workspace, out }) => ['--config', config(workspace), '--as-of', '2026-09-30', '--out', out]],
  [
    'sign',
    ({ pack, identity, out }) => [
      path.join(pack, 'report.xlsx'),
      '--identity',
      identity,
      '--out',
      path.join(out, 'x.xlsx'),
    ],
  ],
  ['verify', ({ pack }) => [pack]],
]);

/** Commands that answer only where something else runs, which is tried in their own tests; here they are asked wrongly. */
export const NEEDS_SERVICE: readonly string[] = COMMANDS.filter((command) => command.startsWith('fleet '));

function config(workspace: string): string {
  return path.join(workspace, 'probity.yaml');
}
