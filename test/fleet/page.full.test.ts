import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Config } from '@oclif/core';
import { systemFiles } from '../support/fleet.ts';
import { freePort, serverHere } from '../support/servers.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';
import { parseAllDocuments } from './support/manifests.ts';

/* The operator's page: its commands are run in their order, its files are used as they stand there. */

const page = readFileSync(path.join(ROOT, 'docs/fleet.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(([, kind = '', name = '', text = '']) => ({
  kind,
  name,
  text,
}));

test('every command of the page that can run here runs', { timeout: 1_800_000 }, async (t) => {
  if (!serverHere('redis', t)) return;
  const folder = scratch();
  const port = await freePort();
  const health = await freePort();
  const here = (text: string): string => text.replaceAll('6379', String(port)).replaceAll('9470', String(health));
  for (const { name, text } of blocks) if (name) write(folder, { [name]: here(text) });
  write(folder, {
    'evidence.yaml': systemFiles(1)['evidence/trials.yaml'] ?? '',
    'bin/probity': `#!/bin/sh\nexec "${process.execPath}" "${path.join(ROOT, 'bin/probity.js')}" "$@"\n`,
    'bin/node': `#!/bin/sh\nexec "${process.execPath}" "$@"\n`,
  });
  for (const name of ['probity', 'node']) chmodSync(path.join(folder, 'bin', name), 0o755);
  const script = blocks
    .filter(({ kind }) => kind === 'sh')
    .map(({ text }) => here(text))
    .join('\n');
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) =>
    execFile(
      'bash',
      ['-euxo', 'pipefail', '-c', script],
      {
        cwd: folder,
        env: {
          ...process.env,
          PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
          PROBITY_HOME: path.join(folder, 'home'),
        },
        maxBuffer: 64 * 2 ** 20,
      },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1,
          output: `${stdout}\n${stderr}`,
        }),
    ),
  );
  assert.equal(code, 0, output.slice(-4000));
  assert.match(output, /Submitted 2 systems as of 2026-11-21; 2 of them were there already/);
  assert.match(output, /2 done, 0 failed/);
});

test('flags that the page names exist, and its manifests are read as YAML', async () => {
  const config = await Config.load(ROOT);
  const commands = [...page.matchAll(/probity,? (fleet|evidence),? (\w+)([^\n`|]*)/g)];
  assert.ok(commands.length > 10);
  for (const [text, topic = '', name = '', rest = ''] of commands) {
    const command = config.findCommand(`${topic}:${name}`);
    assert.ok(command, text);
    for (const [, flag = ''] of rest.matchAll(/--([a-z][\w-]*)/g)) assert.ok(command.flags[flag], `${text}: --${flag}`);
  }
  const manifests = parseAllDocuments(blocks.find(({ name }) => name === 'fleet.k8s.yaml')?.text ?? '');
  assert.deepEqual(
    manifests.map(({ kind }) => kind),
    ['Deployment', 'ScaledObject', 'CronJob'],
  );
});

test('systemd takes the units of the page as they are', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('systemd-analyze is not installed here');
  const folder = scratch();
  const units = blocks.filter(({ name }) => /\.(service|timer)$/.test(name));
  assert.equal(units.length, 2);
  write(folder, {
    // The program and the user of the page are not here; everything else is checked as it stands.
    ...Object.fromEntries(
      units.map(({ name, text }) => [
        name,
        text.replaceAll('/usr/local/bin/probity', '/bin/true').replace('User=probity', 'User=root'),
      ]),
    ),
    'probity-submit.service': '[Service]\nType=oneshot\nExecStart=/bin/true\n',
  });
  for (const { name } of units) {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', path.join(folder, name)]);
    assert.equal(status, 0, String(stderr));
    assert.equal(String(stderr).trim(), '', name);
  }
});

/** Holds each manifest that is Kubernetes' own against the schemas of its API, strictly. */
const VALIDATE = `
import sys, yaml, kubernetes_validate as k
for one in yaml.safe_load_all(sys.stdin):
    if not one["apiVersion"].startswith("keda"):
        k.validate(one, k.latest_version(), strict=True)
        print(one["kind"])
`;

test("the manifests of the page fit the schemas of Kubernetes' API", (t) => {
  const python = path.join(ROOT, '.judges/kubernetes/bin/python');
  if (!existsSync(python)) {
    if (process.env.CI_FULL === 'true')
      throw new Error('kubernetes-validate is missing; .ci/full should have installed it');
    return t.skip('kubernetes-validate is not installed here; .ci/full runs this test');
  }
  const text = blocks.find(({ name }) => name === 'fleet.k8s.yaml')?.text ?? '';
  const checked = execFileSync(python, ['-c', VALIDATE], { input: text });
  assert.deepEqual(String(checked).trim().split('\n'), ['Deployment', 'CronJob']);
  const wrong = spawnSync(python, ['-c', VALIDATE], { input: text.replace('runAsNonRoot', 'runAsNobody') });
  assert.notEqual(wrong.status, 0, 'a field that there is not is refused');
});
