import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { CALLS, COMMANDS, commandFile, NEEDS_SERVICE, type Places } from '../support/calls.ts';
import { probity, ROOT, type Run, scratch, workspaceYaml, write } from '../support/workspace.ts';

/*
 * Every command in every place: as documents, quiet, without colour, without a home, a temporary folder or a folder of its
 * own to stand in, as another user, and with nowhere to write to. A command that is new has one line in `calls.ts`.
 */

const root = scratch();
const PASSPHRASE = 'a long passphrase';
const shared = {
  workspace: path.join(root, 'workspace'),
  pack: path.join(root, 'workspace/pack'),
  identity: path.join(root, 'signer.p12'),
};
let calls = 0;

/** Places of a call of its own. */
function places(): Places {
  const own = path.join(root, `call-${calls++}`);
  mkdirSync(own);
  chmodSync(own, 0o777);
  return { ...shared, out: path.join(own, 'out') };
}

interface Condition {
  name: string;
  args?: readonly string[];
  env?: Record<string, string | undefined>;
  /** Another user, whom the system does not know, standing where they may not write. */
  stranger?: boolean;
  check(run: Run, command: string): void;
}

function works({ code, stderr }: Run, command: string): void {
  assert.equal(code, 0, `${command}: ${stderr}`);
  assert.equal(stderr, '', command);
}

const CONDITIONS: readonly Condition[] = [
  {
    name: 'as a document and nothing else',
    args: ['--json'],
    check(run, command) {
      works(run, command);
      assert.equal(typeof JSON.parse(run.stdout), 'object', command);
    },
  },
  {
    name: 'quiet',
    args: ['--quiet'],
    check(run, command) {
      works(run, command);
      assert.equal(run.stdout, '', command);
    },
  },
  {
    name: 'without colour, whoever asks for it, where no terminal is',
    env: { FORCE_COLOR: '3', CLICOLOR_FORCE: '1', COLORTERM: 'truecolor', TERM: 'xterm-256color' },
    check(run, command) {
      works(run, command);
      assert.ok(run.stdout.length > 0, command);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
      assert.doesNotMatch(run.stdout + run.stderr, /\u001b/, command);
    },
  },
  {
    name: 'without a home',
    env: {
      HOME: undefined,
      SHELL: undefined,
      XDG_CONFIG_HOME: undefined,
      XDG_CACHE_HOME: undefined,
      PROBITY_HOME: undefined,
    },
    stranger: true,
    check: works,
  },
  {
    name: 'with a home that may not be written, and no temporary folder',
    env: { HOME: '/dev/null/home', PROBITY_HOME: undefined, TMPDIR: '/dev/null/tmp', TMP: undefined, TEMP: undefined },
    stranger: true,
    check: works,
  },
];

/** As the command line is called in that place. */
function call(command: string, args: readonly string[], condition: Pick<Condition, 'env' | 'stranger'>): Promise<Run> {
  const root = process.getuid?.() === 0;
  const { PROBITY_PASSPHRASE: _none, ...inherited } = process.env;
  const env = { ...inherited, PROBITY_HOME: path.join(shared.workspace, 'home'), PROBITY_PASSPHRASE: PASSPHRASE };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(ROOT, 'bin/probity.js'), ...command.split(' '), ...args],
      {
        cwd: condition.stranger ? '/' : shared.workspace,
        env: { ...env, ...condition.env },
        ...(condition.stranger && root ? { uid: 65_532, gid: 65_532 } : {}),
        maxBuffer: 64 * 2 ** 20,
      },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    );
  });
}

before(async () => {
  chmodSync(root, 0o755);
  write(shared.workspace, {
    'probity.yaml': workspaceYaml('formats: [xlsx, json, html]\n'),
    'evidence/changes.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
    'controls.csv':
      'id,title,family,objective,Model inversion: consequence,Membership inference: consequence,Frameworks\nORG-01,Doors,Access,Every door is locked.,Data leaves.,People are seen.,nist-csf-2.0: PR.AA-05\n',
  });
  const made = [
    ['identity', 'create', '--out', shared.identity],
    [
      'run',
      '--config',
      path.join(shared.workspace, 'probity.yaml'),
      '--as-of',
      '2026-09-30',
      '--identity',
      shared.identity,
      '--out',
      shared.pack,
    ],
  ];
  for (const args of made) {
    const { code, stderr } = await probity(args, {
      home: path.join(shared.workspace, 'home'),
      env: { PROBITY_PASSPHRASE: PASSPHRASE },
    });
    assert.equal(code, 0, stderr);
  }
  chmodSync(shared.identity, 0o644);
});

test('every command has its call', () => {
  assert.deepEqual(
    COMMANDS.filter((command) => !CALLS.has(command) && !NEEDS_SERVICE.includes(command)),
    [],
    'a new command has a line in test/support/calls.ts',
  );
  assert.deepEqual(
    [...CALLS.keys()].filter((command) => !COMMANDS.includes(command)),
    [],
  );
});

for (const { name, args = [], check, ...where } of CONDITIONS)
  test(`every command works ${name}`, async () => {
    for (const [command, arguments_] of CALLS)
      check(await call(command, [...arguments_(places()), ...args], where), command);
  });

/** One line on standard error and one document, which say the same. */
function refuses({ code, stdout, stderr }: Run, command: string, expected: string): void {
  assert.equal(code, 2, `${command}: ${stdout}${stderr}`);
  assert.equal(stderr.trim().split('\n').length, 1, `${command}: ${stderr}`);
  const { error }: { error: { code: string; message: string } } = JSON.parse(stdout);
  assert.equal(error.code, expected, `${command}: ${stderr}`);
  assert.ok(stderr.startsWith(`probity: ${expected}: ${error.message}`), `${command}: ${stderr}`);
}

test('every command answers bad usage in one line and one document', async () => {
  for (const command of COMMANDS) refuses(await call(command, ['--no-such-flag', '--json'], {}), command, 'USAGE');
});

test('the usage of every command is its arguments, the flags that must be given, and no more', async () => {
  const word = '[A-Z][A-Z_-]*(?:\\.\\.\\.)?';
  for (const command of COMMANDS) {
    const { code, stdout } = await call(command, ['--help'], {});
    assert.equal(code, 0, command);
    const usage = (/^USAGE\n([\s\S]*?)\n\n/m.exec(stdout)?.[1] ?? '').trim().replace(/\s+/g, ' ');
    const form = `^\\$ probity ${command}(?: ${word}| \\[${word}\\])*(?: --[a-z-]+(?: <[a-z]+>)?)* \\[FLAGS\\]$`;
    assert.match(usage, new RegExp(form), command);
    const { default: made } = await import(commandFile(command));
    for (const [name, { required }] of Object.entries<{ required?: boolean }>(made.flags))
      assert.equal(usage.split(' ').includes(`--${name}`), required === true, `${command} --${name}`);
  }
});

test('every command that takes so many arguments refuses one more', async () => {
  for (const command of COMMANDS) {
    const { default: made } = await import(commandFile(command));
    if (made.strict === false) continue;
    const args = [...(CALLS.get(command)?.(places()) ?? [])];
    const most = Object.keys(made.args ?? {}).length;
    refuses(await call(command, [...args, ...Array(most + 1).fill('surplus'), '--json'], {}), command, 'USAGE');
  }
});

/** The commands that say where they write. */
async function writing(): Promise<string[]> {
  const found: string[] = [];
  for (const command of COMMANDS) {
    const { default: made } = await import(commandFile(command));
    if ('out' in (made.flags ?? {}) && CALLS.has(command)) found.push(command);
  }
  return found;
}

/** The arguments of a call, with another place to write to. */
function writingTo(command: string, out: string): string[] {
  const args = [...(CALLS.get(command)?.(places()) ?? [])];
  const at = args.indexOf('--out');
  assert.notEqual(at, -1, `${command} names its place in calls.ts`);
  return args.with(at + 1, out);
}

test('an empty place to write to is refused, whoever asks', async () => {
  const commands = await writing();
  assert.ok(commands.includes('run') && commands.includes('assess'));
  for (const command of commands)
    refuses(await call(command, [...writingTo(command, ''), '--json'], {}), command, 'USAGE');
});

test('a place that cannot be made is answered in one line', async () => {
  const file = path.join(shared.workspace, 'probity.yaml');
  for (const command of await writing()) {
    // With --json, assess prints its answer and writes nothing.
    const json = command === 'assess' ? [] : ['--json'];
    const run = await call(command, [...writingTo(command, path.join(file, 'below')), ...json], {});
    // What is brought together with a file that is there is read first.
    if (json.length > 0) refuses(run, command, command === 'responses import' ? 'RESPONSES_INVALID' : 'OUTPUT_FAILED');
    else assert.match(run.stderr, /^probity: OUTPUT_FAILED: .*\n$/, command);
  }
});

test('a run answers at once that its place cannot be made, before it reads evidence', async () => {
  const file = path.join(shared.workspace, 'probity.yaml');
  const missing = path.join(root, 'no-such-workspace.yaml');
  for (const command of ['run', 'assess']) {
    const { code, stderr } = await call(command, ['--config', missing, '--out', path.join(file, 'below')], {});
    assert.equal(code, 2);
    assert.match(stderr, /OUTPUT_FAILED/, command);
  }
});

test('a pack with a PDF is made by a user who has nothing of their own', async () => {
  const { out } = places();
  const args = [
    '--config',
    path.join(shared.workspace, 'probity.yaml'),
    '--as-of',
    '2026-09-30',
    '--format',
    'pdf,json',
    '--out',
    out,
  ];
  const run = await call('run', [...args, '--json'], {
    env: { HOME: '/dev/null/home', PROBITY_HOME: undefined, XDG_CACHE_HOME: undefined, TMPDIR: '/dev/null/tmp' },
    stranger: true,
  });
  works(run, 'run');
  assert.equal((await call('verify', [out, '--json'], {})).code, 0);
});
