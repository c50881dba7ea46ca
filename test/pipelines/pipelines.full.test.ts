import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { load, loadAll } from 'js-yaml';
import { z } from 'zod';
import { ask, judgeHere } from '../support/judges.ts';
import { probity, ROOT, type Run, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* What stands in other people's pipelines, run for real in a scratch repository: the entry of the GitHub Action, the script of the GitLab component, the shell recipe. */

const folder = scratch();
const home = path.join(folder, 'home');
const PASSPHRASE = 'a long passphrase';
let identity: string;

const policy = (verdict: string, more = '') =>
  `apiVersion: probity/v1\nkind: GatePolicy\nid: release\nclasses:\n  membership-inference: {verdict: ${verdict}}\n  inversion: {verdict: ${verdict}}\n${more}`;

/** A repository with a workspace whose every result is not assessed, an artifact, and policies that open and close on that. */
function repository(name: string): string {
  const place = path.join(folder, name);
  write(place, {
    'probity.yaml': workspaceYaml(),
    'evidence/changes.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
    'app.tar': 'the release',
    'open.yaml': policy('not-assessed', 'artifact: required\n'),
    'closed.yaml': policy('satisfied'),
  });
  return place;
}

before(async () => {
  identity = path.join(folder, 'signer.p12');
  const { code, stderr } = await probity(['identity', 'create', '--out', identity], {
    home,
    env: { PROBITY_PASSPHRASE: PASSPHRASE },
  });
  assert.equal(code, 0, stderr);
});

function start(program: string, args: readonly string[], cwd: string, env: Record<string, string>): Promise<Run> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { cwd, env: { PATH: process.env.PATH ?? '', HOME: home, PROBITY_HOME: home, ...env }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    );
  });
}

const action = z
  .object({
    inputs: z.record(z.string(), z.object({ default: z.string().optional() })),
    outputs: z.record(z.string(), z.object({ value: z.string() })),
    runs: z.object({
      using: z.literal('composite'),
      steps: z.array(
        z.object({
          id: z.string().optional(),
          env: z.record(z.string(), z.string()).optional(),
          run: z.string().optional(),
        }),
      ),
    }),
  })
  .parse(load(readFileSync(path.join(ROOT, 'action.yml'), 'utf8')));

/** Runs the action's own step with inputs as GitHub gives them. */
async function act(
  place: string,
  inputs: Record<string, string>,
): Promise<Run & { outputs: Map<string, string>; summary: string }> {
  const step = action.runs.steps.find(({ id }) => id === 'probity');
  assert.ok(step?.run && step.env);
  const env: Record<string, string> = {
    GITHUB_ACTION_PATH: ROOT.replace(/\/$/, ''),
    GITHUB_OUTPUT: path.join(place, 'outputs.txt'),
    GITHUB_STEP_SUMMARY: path.join(place, 'summary.txt'),
    RUNNER_TEMP: folder,
  };
  for (const [variable, expression] of Object.entries(step.env)) {
    const name = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)?.[1];
    assert.ok(name && name in action.inputs, `${variable} is an input`);
    env[variable] = inputs[name] ?? action.inputs[name]?.default ?? '';
  }
  assert.deepEqual(
    Object.keys(inputs).filter((name) => !(name in action.inputs)),
    [],
  );
  for (const file of ['outputs.txt', 'summary.txt']) writeFileSync(path.join(place, file), '');
  const run = await start('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], place, env);
  const written = readFileSync(path.join(place, 'outputs.txt'), 'utf8');
  const outputs = new Map(
    [...written.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map((match) => [match[1] ?? '', match[3] ?? '']),
  );
  return { ...run, outputs, summary: readFileSync(path.join(place, 'summary.txt'), 'utf8') };
}

const secrets = () => ({ identity: readFileSync(identity).toString('base64'), passphrase: PASSPHRASE });
const quick = { format: 'xlsx,json,md,sarif,junit', 'as-of': '2026-09-30' };

test('the action opens the gate for what it assessed, and every output it promises is there', async () => {
  const place = repository('open');
  const { code, stdout, stderr, outputs, summary } = await act(place, {
    ...quick,
    ...secrets(),
    artifact: 'app.tar',
    policy: 'open.yaml',
  });
  assert.equal(code, 0, stdout + stderr);
  const promised = Object.values(action.outputs).map(({ value }) => /outputs\.([\w-]+) /.exec(value)?.[1] ?? '');
  assert.deepEqual([...outputs.keys()].sort(), promised.sort());
  assert.equal(outputs.get('gate'), 'open');
  assert.equal(outputs.get('inversion'), 'not-assessed');
  for (const name of ['pack', 'assessment', 'sarif', 'junit'])
    assert.ok(existsSync(path.join(place, outputs.get(name) ?? '?')), name);
  assert.match(summary, /^# Gate: open/);
  assert.match(summary, /## Membership inference: not assessed/);
  assert.match(summary, /## Model inversion: not assessed/);
  const verified = await probity(['verify', path.join(place, 'probity-pack'), '--json'], { home });
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /"name": "app\.tar"/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('probity-action-')),
    [],
    'the identity is gone',
  );
  for (const text of [stdout, stderr, summary]) assert.ok(!text.includes(PASSPHRASE));
});

test('a gate that is closed fails the job, with the reasons in the summary and as errors', async () => {
  const { code, stdout, outputs, summary } = await act(repository('closed'), {
    ...quick,
    ...secrets(),
    policy: 'closed.yaml',
  });
  assert.equal(code, 1, stdout);
  assert.equal(outputs.get('gate'), 'closed');
  assert.ok(outputs.get('pack'), 'the pack is kept all the same');
  assert.match(stdout, /^::error title=Gate%3A verdict::|^::error title=Gate/m);
  assert.match(summary, /^# Gate: closed/);
  assert.match(summary, /membership inference/i);
});

test('the pack must speak for the artifact that is released', async () => {
  const place = repository('other');
  const { code, outputs } = await act(place, {
    ...quick,
    ...secrets(),
    image: `app@sha256:${'1'.repeat(64)}`,
    policy: 'open.yaml',
  });
  assert.equal(code, 0);
  assert.equal(outputs.get('gate'), 'open');
  const none = await act(place, { ...quick, ...secrets(), policy: 'open.yaml' });
  assert.notEqual(none.code, 0, 'the policy asks for an artifact, and none is named');
  assert.notEqual(none.outputs.get('gate'), 'open');
});

test('what cannot be answered fails the job with 2, in one line that GitHub reads as one', async () => {
  const place = repository('hostile');
  write(place, { 'bad.yaml': 'a: "%0A::set-output name=gate::open"\n' });
  for (const inputs of [
    { ...quick, config: 'nowhere.yaml' },
    { ...quick, config: 'bad.yaml' },
    { ...quick, evidence: 'x\n::error::y' },
    { ...quick, ...secrets(), passphrase: 'wrong' },
    { ...quick, policy: 'nowhere.yaml' },
    { ...quick, artifact: 'nowhere.tar' },
    { ...quick, format: 'docx' },
  ]) {
    const { code, stdout, outputs } = await act(place, inputs);
    assert.equal(code, 2, `${JSON.stringify(Object.keys(inputs))}: ${stdout}`);
    assert.notEqual(outputs.get('gate'), 'open');
    for (const line of stdout.split('\n').filter((one) => one.trimStart().startsWith('::')))
      assert.match(line, /^::error title=[^:]*::/, line);
  }
});

test('without a policy nothing is decided, and the job says what was found', async () => {
  const { code, outputs, stdout } = await act(repository('plain'), quick);
  assert.equal(code, 0);
  assert.equal(outputs.get('gate'), undefined);
  assert.match(stdout, /membership-inference: not-assessed\ninversion: not-assessed/);
});

test('the workflow that the page gives is sound, and so are its inputs', async (t) => {
  if (!judgeHere('actionlint', t)) return;
  const place = path.join(folder, 'workflow');
  mkdirSync(path.join(place, '.github/workflows'), { recursive: true });
  mkdirSync(path.join(place, '.git'));
  copyFileSync(path.join(ROOT, 'action.yml'), path.join(place, 'action.yml'));
  const text = readFileSync(path.join(ROOT, 'examples/pipelines/github.yml'), 'utf8');
  const file = path.join(place, '.github/workflows/assurance.yml');
  const lint = async (workflow: string) => {
    writeFileSync(file, workflow);
    return ask('actionlint', ['-no-color', '-shellcheck=', '-pyflakes=', file]);
  };
  const own = text.replace('ORGANISATION/probity@main', './');
  assert.notEqual(own, text);
  const judged = await lint(own);
  assert.equal(judged.code, 0, judged.text);
  const wrong = await lint(own.replace('policy: gate.yaml', 'polcy: gate.yaml'));
  assert.notEqual(wrong.code, 0, 'an input that there is not is found');
});

/** A folder of programs in which `npx` and `probity` are this checkout; only the installer is not the real one. */
function programs(): string {
  const place = path.join(folder, 'bin');
  const own = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(path.join(ROOT, 'bin/probity.js'))} "$@"\n`;
  write(place, {
    npx: `#!/bin/sh\n[ "$1 $2 $4" = "--yes --package probity" ] || exit 97\nshift 4\n${own}`,
    probity: `#!/bin/sh\n${own}`,
  });
  for (const name of readdirSync(place)) chmodSync(path.join(place, name), 0o755);
  return `${place}:${process.env.PATH}`;
}

const component = z
  .tuple([
    z.object({ spec: z.object({ inputs: z.record(z.string(), z.object({ default: z.unknown() })) }) }),
    z.object({
      assurance: z.object({
        variables: z.record(z.string(), z.string()),
        script: z.array(z.string()),
        artifacts: z.object({ when: z.literal('always'), paths: z.array(z.string()) }),
      }),
    }),
  ])
  .parse(loadAll(readFileSync(path.join(ROOT, 'templates/assurance.yml'), 'utf8')));

/** Runs the component's script with inputs as GitLab puts them in. */
function runComponent(place: string, inputs: Record<string, string>): Promise<Run> {
  const [{ spec }, { assurance }] = component;
  const filled = (text: string): string =>
    text.replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_all, name: string) => {
      assert.ok(name in spec.inputs, name);
      return inputs[name] ?? String(spec.inputs[name]?.default);
    });
  const env = Object.fromEntries(Object.entries(assurance.variables).map(([name, value]) => [name, filled(value)]));
  for (const where of assurance.artifacts.paths) assert.ok(filled(where).length > 0);
  return start('bash', ['-eo', 'pipefail', '-c', assurance.script.join('\n')], place, {
    ...env,
    PATH: programs(),
    PROBITY_IDENTITY: identity,
    PROBITY_PASSPHRASE: PASSPHRASE,
  });
}

test('the GitLab component assesses, signs, and lets the gate decide', async () => {
  const place = repository('gitlab');
  const format = 'json,md,junit';
  const open = await runComponent(place, { format, policy: 'open.yaml', artifact: 'app.tar' });
  assert.equal(open.code, 0, open.stdout + open.stderr);
  for (const name of ['probity-pack/results.junit.xml', 'probity-pack-gate.junit.xml', 'probity-pack-gate.md'])
    assert.ok(existsSync(path.join(place, name)), name);
  const closed = await runComponent(place, { format, policy: 'closed.yaml' });
  assert.equal(closed.code, 1, closed.stdout + closed.stderr);
  assert.equal((await runComponent(place, { format })).code, 0, 'without a policy nothing is decided');
  assert.equal((await runComponent(place, { format, config: 'nowhere.yaml' })).code, 2);
});

test('the shell recipe does the same in any shell', async () => {
  const place = repository('shell');
  const script = path.join(ROOT, 'examples/pipelines/assurance.sh');
  const env = { PATH: programs(), PROBITY_IDENTITY: identity, PROBITY_PASSPHRASE: PASSPHRASE };
  const open = await start('sh', [script, 'app.tar', 'open.yaml'], place, env);
  assert.equal(open.code, 0, open.stdout + open.stderr);
  assert.ok(existsSync(path.join(place, 'probity-pack/report.pdf')));
  assert.equal((await start('sh', [script, 'app.tar', 'closed.yaml'], place, env)).code, 1);
  assert.equal((await start('sh', [script, 'app.tar', 'nowhere.yaml'], place, env)).code, 2);
});
