import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT, scratch } from '../support/workspace.ts';

/*
 * The README's command blocks, line by line as written, with the package as npm packs it. Installing needs the registry, so
 * the block that does is compared with what is done here without one: pack, unpack, and dependencies that are already there.
 */

interface Line {
  command: string;
  code: number;
}

const blocks = [...readFileSync(path.join(ROOT, 'README.md'), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
  ([, body = '']) =>
    body
      .trim()
      .split('\n')
      .map((command): Line => ({ command, code: Number(/# exits with (\d)$/.exec(command)?.[1] ?? 0) })),
);
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

test('the commands of the README work as written, in order, with the packed package', () => {
  const [install = [], ...rest] = blocks;
  const tarball = `probity-${version}.tgz`;
  assert.deepEqual(
    install.map(({ command }) => command),
    ['npm ci', 'npm pack', `npm install --global ./${tarball}`],
  );
  assert.equal(rest.length, 4, 'one block for each of three kinds of people, and one for evidence of their own');

  const root = scratch();
  const [clone, home, bin] = ['clone', 'home', 'bin'].map((name) => path.join(root, name)) as [string, string, string];
  for (const folder of [clone, home, bin, path.join(root, 'lib/node_modules')]) mkdirSync(folder, { recursive: true });
  // Built before the tests; `prepack` would build again below those that run beside this one.
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', root], {
    cwd: ROOT,
    env: { ...process.env, HOME: home },
  });
  execFileSync('tar', ['-xzf', path.join(root, tarball), '-C', path.join(root, 'lib/node_modules')]);
  const installed = path.join(root, 'lib/node_modules/package');
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  symlinkSync(path.join(installed, 'bin/probity.js'), path.join(bin, 'probity'));
  chmodSync(path.join(installed, 'bin/probity.js'), 0o755);
  symlinkSync(process.execPath, path.join(bin, 'node'));
  // All of the clone that the commands name.
  cpSync(path.join(ROOT, 'evidence'), path.join(clone, 'evidence'), { recursive: true });
  writeFileSync(path.join(clone, 'package.json'), '{}');

  for (const { command, code } of rest.flat()) {
    const run = spawnSync('bash', ['-c', command], {
      cwd: clone,
      encoding: 'utf8',
      maxBuffer: 64 * 2 ** 20,
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: home },
    });
    assert.equal(run.status, code, `${command}\n${run.stdout.slice(-2000)}${run.stderr}`);
  }
  for (const file of [
    'pack/report.pdf',
    'pack/report.xlsx',
    'pack/assessment.json',
    'pack/evidence-manifest.json',
    'pack/attestation.dsse.json',
    'board/brief.pdf',
    'board/report.html',
    'portfolio/portfolio.pdf',
    'gate.md',
    'gate.xml',
    'my-system/probity.yaml',
  ])
    assert.ok(existsSync(path.join(clone, file)), file);
  for (const file of ['run.json', 'verify.json'])
    assert.equal(typeof JSON.parse(readFileSync(path.join(clone, file), 'utf8')), 'object', file);
});
