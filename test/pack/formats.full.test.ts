import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { unzipBounded } from '../../src/files/zip.ts';
import { buildPack } from '../../src/pack/build.ts';
import { DEFAULT_FORMATS, findFormats } from '../../src/pack/choose.ts';
import { PACK_FILES } from '../../src/pack/files.ts';
import { FORMATS } from '../../src/pack/formats/index.ts';
import { verifyPaths } from '../../src/pack/verify.ts';
import { writePack } from '../../src/pack/write.ts';
import { loadSigner } from '../../src/sign/keys/index.ts';
import { createTrialSigner } from '../../src/sign/trial.ts';
import { exampleAssessment } from '../support/example.ts';
import { probity, ROOT, scratch, workspaceYaml, write } from '../support/workspace.ts';

const folder = path.join(ROOT, 'src/pack/formats');

test('every file of the folder is in the list, under its own id and file name', async () => {
  const files = readdirSync(folder).filter((name) => !['format.ts', 'index.ts'].includes(name));
  for (const name of files) {
    const { format } = await import(path.join(folder, name));
    assert.ok(FORMATS.includes(format), `${name} is missing in src/pack/formats/index.ts`);
  }
  assert.equal(new Set(FORMATS.map(({ id }) => id)).size, files.length);
  assert.equal(new Set(FORMATS.map(({ file }) => file)).size, files.length);
  for (const { file } of FORMATS) assert.ok(PACK_FILES.includes(file), file);
});

test('help and the answer to an unknown format name every format', async () => {
  const home = scratch();
  const { stdout } = await probity(['run', '--help'], { home });
  const help = stdout.replaceAll(/\s+/g, ' ');
  assert.ok(help.includes(FORMATS.map(({ id }) => id).join(', ')), help);
  const { code, stderr } = await probity(['run', '--format', 'docx'], { home });
  assert.equal(code, 2);
  for (const { id } of FORMATS) assert.ok(stderr.includes(` ${id}`), id);
});

test('formats are named once each, all of them by one word, and none is refused', () => {
  assert.deepEqual(findFormats(['all', 'json']), FORMATS);
  assert.deepEqual(
    findFormats(['json', 'json']).map(({ id }) => id),
    ['json'],
  );
  assert.throws(() => findFormats([]), /no format is named/);
  assert.ok(DEFAULT_FORMATS.length > 0);
});

test('the workspace file names formats; the command line has the last word', async () => {
  const root = scratch();
  const evidence = { 'evidence/a.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n' };
  write(root, { 'probity.yaml': workspaceYaml('formats: [json]\n'), ...evidence });
  const run = (...args: string[]) =>
    probity(['run', '--no-sign', '--as-of', '2026-09-30', ...args], { cwd: root, home: path.join(root, 'home') });
  assert.equal((await run('--out', 'a')).code, 0);
  assert.deepEqual(readdirSync(path.join(root, 'a')).sort(), ['assessment.json', 'evidence-manifest.json']);
  assert.equal((await run('--out', 'b', '--format', 'xlsx')).code, 0);
  assert.ok(existsSync(path.join(root, 'b/report.xlsx')));
  write(root, { 'probity.yaml': workspaceYaml('formats: [docx]\n') });
  const wrong = await run('--out', 'c');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /there is no format "docx" at probity\.yaml#\/formats/);
});

test('every file of a pack is a subject of its attestation, and a change in any of them shows', async () => {
  const folder = scratch();
  const assessment = await exampleAssessment();
  const key = path.join(folder, 'signer.p12');
  await createTrialSigner(key, 'secret', 'A tester');
  const identity = await loadSigner(key, { passphrase: async () => 'secret' });
  const quick = FORMATS.filter(({ sign, file }) => !sign && !file.endsWith('.html'));
  assert.ok(quick.length > 5);
  const files = await buildPack(assessment, {
    formats: quick,
    identity,
    signing: { role: 'preparer', time: new Date('2026-11-21T12:00:00Z') },
  });
  const pack = path.join(folder, 'pack');
  await writePack(pack, files);
  assert.equal((await verifyPaths([pack], [], false)).valid, true);
  for (const { file } of quick) {
    const bytes = files.get(file);
    assert.ok(bytes, file);
    writeFileSync(path.join(pack, file), Buffer.concat([bytes, Buffer.from(' ')]));
    const report = await verifyPaths([pack], [], false);
    assert.ok(
      report.files.some((one) => path.basename(one.path) === file && !one.valid),
      file,
    );
    writeFileSync(path.join(pack, file), bytes);
  }
  assert.equal((await verifyPaths([pack], [], false)).valid, true);
});

test('a pack as one zip has the same files, verifies, and is written whole or not at all', async () => {
  const root = scratch();
  write(root, {
    'probity.yaml': workspaceYaml('formats: [json, md]\n'),
    'evidence/a.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
  });
  const home = path.join(root, 'home');
  const run = (...args: string[]) => probity(['run', '--as-of', '2026-09-30', '--json', ...args], { cwd: root, home });
  const made = await run('--out', 'pack', '--zip');
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(JSON.parse(made.stdout).files, ['pack.zip']);
  assert.ok(!existsSync(path.join(root, 'pack')));
  const verified = await probity(['verify', path.join(root, 'pack.zip'), '--json'], { home });
  assert.equal(verified.code, 0, verified.stdout);
  const entries = unzipBounded(readFileSync(path.join(root, 'pack.zip')), 'pack.zip');
  assert.deepEqual([...entries.keys()].sort(), [
    'assessment.json',
    'attestation.dsse.json',
    'evidence-manifest.json',
    'summary.md',
  ]);
  const [first, second] = await Promise.all(
    ['a.zip', 'b.zip'].map(async (name) => {
      assert.equal((await run('--out', name, '--zip', '--no-sign')).code, 0);
      return readFileSync(path.join(root, name));
    }),
  );
  assert.ok(first?.equals(second ?? Buffer.from('')), 'the same bytes, where nobody signs');
  assert.equal((await run('--out', 'probity.yaml/x', '--zip')).code, 2);
});
