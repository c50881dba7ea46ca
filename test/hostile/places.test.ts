import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { answered, EvidenceFile } from '../../src/evidence/file.ts';
import { ingest } from '../../src/evidence/ingest.ts';
import { overlaysOf } from '../../src/workspace/overlays.ts';
import { loadWorkspace } from '../../src/workspace/workspace.ts';
import { lookups, read, readAll } from '../support/reading.ts';
import { scratch, workspaceYaml, write } from '../support/workspace.ts';

/* What is read lies in the workspace, or was named by whoever runs the tool; nothing is followed out of it, nor waited for. */

const SECRET = 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n';

/** A workspace with links out of it at every depth, and what lies behind them. */
function linked(): { root: string; outside: string } {
  const folder = scratch();
  const [root, outside] = [path.join(folder, 'root'), path.join(folder, 'outside')];
  write(root, { 'evidence/own.yaml': SECRET, 'evidence/deep/deeper/own.yaml': SECRET });
  write(outside, { 'secret.yaml': SECRET, 'sub/secret.yaml': SECRET });
  symlinkSync(outside, path.join(root, 'evidence/linked'));
  symlinkSync(outside, path.join(root, 'evidence/deep/linked'));
  symlinkSync(path.join(outside, 'secret.yaml'), path.join(root, 'evidence/deep/deeper/linked.yaml'));
  symlinkSync(path.join(root, 'evidence'), path.join(root, 'evidence/deep/circle'));
  return { root, outside };
}

test('links are not followed, at any depth, under any pattern', async () => {
  const { root } = linked();
  const patterns = [
    'evidence/**/*',
    'evidence',
    'evidence/*/*.yaml',
    'evidence/linked/*.yaml',
    'evidence/linked/secret.yaml',
    'evidence/linked/**',
    'evidence/{linked,deep}/**/*.yaml',
    'evidence/deep/linked/sub/*',
    'evidence/deep/circle/**/*.yaml',
    '**/secret.yaml',
    '*/*/*/*.yaml',
  ];
  for (const pattern of patterns)
    for (const named of [false, true]) {
      // Whoever names a folder behind a link has followed it already.
      if (named && /^evidence\/(linked|deep\/(linked|circle))/.test(pattern)) continue;
      const { files } = await ingest({ root, patterns: [pattern], named, ...lookups });
      for (const file of files) {
        const own = /^evidence\/(deep\/deeper\/)?own\.yaml$/.test(file.path);
        assert.ok(own || /is a link, and links are not followed/.test(file.reason ?? ''), `${pattern}: ${file.path}`);
      }
    }
  const { files } = await readAll(root, ['evidence/**/*']);
  assert.deepEqual(
    files.filter((file) => !file.accepted && /is a link/.test(file.reason ?? '')).map((file) => file.path),
    ['evidence/deep/circle', 'evidence/deep/deeper/linked.yaml', 'evidence/deep/linked', 'evidence/linked'],
  );
});

test('a workspace reads nothing outside of its folder; whoever runs it may name more', async () => {
  const { root, outside } = linked();
  for (const pattern of [
    '../outside/*.yaml',
    '../**/*.yaml',
    '/etc/*',
    `${outside}/secret.yaml`,
    'evidence/../../outside/*',
  ])
    await assert.rejects(readAll(root, [pattern]), { code: 'WORKSPACE_INVALID' }, pattern);
  for (const pattern of ['*/../../outside/*.yaml', '{..,evidence}/outside/*.yaml', '[.][.]/outside/*.yaml'])
    assert.deepEqual((await readAll(root, [pattern]).catch(() => ({ files: [] }))).files, [], pattern);
  const named = await ingest({ root, patterns: ['../outside/secret.yaml'], named: true, ...lookups });
  assert.deepEqual(
    named.files.map((file) => file.accepted),
    [true],
  );

  write(root, { 'probity.yaml': workspaceYaml('controls: ["../outside"]\n') });
  const loaded = await loadWorkspace(path.join(root, 'probity.yaml'));
  assert.throws(() => overlaysOf(loaded), { code: 'WORKSPACE_INVALID' });
});

test('a control behind a link is refused, not passed over', async () => {
  const { outside } = linked();
  const controls = scratch();
  symlinkSync(outside, path.join(controls, 'more'));
  await assert.rejects(loadCatalog([controls]), { code: 'CATALOG_INVALID', message: /links are not followed/ });
});

test('pipes, sockets, devices and the files of /proc are answered, not waited for', { timeout: 10_000 }, async (t) => {
  const root = scratch();
  mkdirSync(path.join(root, 'evidence'));
  execFileSync('mkfifo', [path.join(root, 'evidence/pipe.yaml')]);
  const server = createServer().listen(path.join(root, 'evidence/socket.yaml'));
  t.after(() => server.close());
  const { files } = await readAll(root, ['evidence/**/*']);
  assert.deepEqual(
    files.map((file) => [file.path, file.reason]),
    [
      ['evidence/pipe.yaml', 'is not a regular file'],
      ['evidence/socket.yaml', 'is not a regular file'],
    ],
  );
  for (const place of ['/dev/zero', '/dev/tty', '/proc/kmsg', '/proc/self/mem', '/proc/self/environ'])
    assert.equal((await read('/', place.slice(1))).entry.accepted, false, place);
  // Even one that took the place of a file after it was looked at.
  const swapped = new EvidenceFile(path.join(root, 'evidence/pipe.yaml'), 'pipe.yaml', 10);
  await assert.rejects(swapped.sha256(), { code: 'EVIDENCE_UNREADABLE', message: 'is not a regular file' });
});

test('a file that changes while it is read is not used, and a silent disk is given up', async () => {
  const root = scratch();
  write(root, { 'a.yaml': SECRET });
  for (const size of [SECRET.length - 1, SECRET.length + 1])
    await assert.rejects(new EvidenceFile(path.join(root, 'a.yaml'), 'a.yaml', size).sha256(), {
      message: 'it changed while it was read',
    });
  await assert.rejects(answered(new Promise(() => undefined), 'a.yaml', 10), { message: /did not answer/ });
});

test('a file that somebody names is no pipe or device that would be waited for', async () => {
  const { readNamed } = await import('../../src/files/read.ts');
  const here = scratch();
  execFileSync('mkfifo', [path.join(here, 'pipe')]);
  for (const [name, code] of [
    [path.join(here, 'pipe'), 'ENOTREG'],
    ['/dev/zero', 'ENOTREG'],
    [here, 'EISDIR'],
    [path.join(here, 'none'), 'ENOENT'],
  ] as const)
    await assert.rejects(readNamed(name), { code }, name);
  // What reads a file that was named says what it is.
  const { loadWorkspace } = await import('../../src/workspace/workspace.ts');
  const { loadResponses } = await import('../../src/workspace/responses.ts');
  const { loadFleet } = await import('../../src/fleet/definition.ts');
  for (const read of [
    (file: string) => loadWorkspace(file),
    (file: string) => loadResponses(file, 'pipe'),
    (file: string) => loadFleet(file, { today: '2026-09-30' }),
  ])
    await assert.rejects(read(path.join(here, 'pipe')), {
      message: /is a pipe, socket or device, not a regular file$/,
    });
  write(here, { 'a.txt': 'words' });
  assert.equal(await readNamed(path.join(here, 'a.txt'), 'utf8'), 'words');
});
