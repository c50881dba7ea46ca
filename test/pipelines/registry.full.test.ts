import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ask, judgeHere, programOf } from '../support/judges.ts';
import { probity, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* The page's commands for a pack beside an image, with cosign and oras, against a registry on loopback. */

const TYPE = 'urn:probity:attestation:assurance-pack:v1';

test('a pack lies beside an image by its digest, comes back, and the gate asks for that image', async (t) => {
  for (const name of ['registry', 'crane', 'oras', 'cosign'] as const) if (!judgeHere(name, t)) return;
  const folder = scratch();
  const at = (name: string): string => path.join(folder, name);
  const home = at('home');
  const server = spawn(programOf('registry'), ['serve', '--address', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => server.kill());
  const port = await new Promise<string>((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      const found = /serving on port (\d+)/.exec(said)?.[1];
      if (found) resolve(found);
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    server.on('exit', () => reject(new Error(said)));
  });
  const does = async (name: 'crane' | 'oras' | 'cosign', ...args: string[]): Promise<string> => {
    const { code, text } = await ask(name, args, { COSIGN_PASSWORD: '' }, folder);
    assert.equal(code, 0, `${name} ${args.join(' ')}: ${text}`);
    return text;
  };
  write(folder, {
    'probity.yaml': workspaceYaml('formats: [json, md]\n'),
    'evidence/a.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
  });
  await does('crane', 'append', '--insecure', '-f', '/dev/null', '-t', `localhost:${port}/app:1`);
  const digest = (await does('crane', 'digest', '--insecure', `localhost:${port}/app:1`)).trim();
  const image = `localhost:${port}/app@${digest}`;
  const run = ['run', '--as-of', '2026-09-30', '--subject', `localhost:${port}/app=${digest}`];
  for (const more of [
    ['--out', 'pack', '--zip'],
    ['--out', 'pack'],
  ]) {
    const { code, stderr } = await probity([...run, ...more], { cwd: folder, home });
    assert.equal(code, 0, stderr);
  }

  const { payload }: { payload: string } = JSON.parse(readFileSync(at('pack/attestation.dsse.json'), 'utf8'));
  const { predicate }: { predicate: unknown } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
  writeFileSync(at('predicate.json'), JSON.stringify(predicate));
  await does('cosign', 'generate-key-pair');
  await does('cosign', 'signing-config', 'create', '--out', at('config.json'));
  const insecure = '--allow-insecure-registry';
  const keyed = ['--type', TYPE, insecure];
  await does(
    'cosign',
    'attest',
    '--yes',
    '--signing-config',
    at('config.json'),
    '--key',
    at('cosign.key'),
    ...keyed,
    '--predicate',
    at('predicate.json'),
    image,
  );
  assert.match(
    await does('cosign', 'verify-attestation', '--insecure-ignore-tlog', '--key', at('cosign.pub'), ...keyed, image),
    /cosign claims were validated/,
  );

  await does(
    'oras',
    'attach',
    '--plain-http',
    '--artifact-type',
    'application/vnd.probity.pack',
    image,
    'pack.zip:application/zip',
  );
  const found = await does(
    'oras',
    'discover',
    '--plain-http',
    '--artifact-type',
    'application/vnd.probity.pack',
    '--format',
    'json',
    image,
  );
  const referrer = /"referrers":[\s\S]*?"digest":\s*"(sha256:[0-9a-f]{64})"/.exec(found)?.[1];
  assert.ok(referrer, found);
  await does('oras', 'pull', '--plain-http', '-o', at('pulled'), `localhost:${port}/app@${referrer}`);
  assert.equal((await probity(['verify', at('pulled/pack.zip')], { home })).code, 0);
  const policy = at('gate.yaml');
  writeFileSync(
    policy,
    'apiVersion: probity/v1\nkind: GatePolicy\nid: release\nclasses: {inversion: {verdict: not-assessed}}\nartifact: required\n',
  );
  const gate = (asked: string) =>
    probity(['gate', at('pulled/pack.zip'), '--policy', policy, '--image', asked], { home });
  assert.equal((await gate(image)).code, 0);
  assert.notEqual((await gate(`localhost:${port}/app@sha256:${'1'.repeat(64)}`)).code, 0);
});
