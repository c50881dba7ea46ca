import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { makeFolder, writeAlone } from '../../src/files/write.ts';
import { writePack } from '../../src/pack/write.ts';
import { trialSigner } from '../../src/sign/trial.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { probity, ROOT, scratch, workspaceYaml, write } from '../support/workspace.ts';

/* Where a system would not let us, the answer is one line with advice that works. */

const files = new Map([['assessment.json', Buffer.from('new')]]);

test('a place that is no folder, or can be none, is answered at once', { timeout: 20_000 }, async () => {
  const folder = scratch();
  writeFileSync(path.join(folder, 'file'), '');
  const cases: [string, RegExp][] = [
    ['', /is empty/],
    [' ', /is empty/],
    ['a\0b', /cannot be one/],
    ['/proc/x', /not on a disk.*Choose another folder/],
    ['/proc/self/fd/x', /not on a disk/],
    ['/dev/null/x', /not on a disk/],
    ['/sys/x/y', /not on a disk/],
    [path.join(folder, 'file'), /a file stands where a folder is needed.*Choose another folder/],
    [path.join(folder, 'file/below'), /a file stands where a folder is needed/],
    [path.join(folder, 'n'.repeat(300)), /the name is too long.*shorter/],
  ];
  for (const [place, expected] of cases)
    for (const attempt of [() => makeFolder(place), () => writePack(place, files)])
      await assert.rejects(attempt(), (error: Error & { line: string }) => {
        assert.match(error.line, expected, place);
        assert.doesNotMatch(error.line, /--out|undefined|ENO|EEXIST/, place);
        return true;
      });
});

test('a name with a line end is a name', async () => {
  const root = scratch();
  write(root, {
    'probity.yaml': workspaceYaml(),
    'evidence/a.yaml': 'apiVersion: probity/v1\nkind: ChangeLog\nchanges: []\n',
  });
  const out = 'o\nut';
  const { code, stdout, stderr } = await probity(['run', '--format', 'json', '--out', out, '--as-of', '2026-09-30'], {
    cwd: root,
    home: path.join(root, 'home'),
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Written to o<U\+000A>ut:/);
  assert.match(stdout, /Next: probity verify \$'o\\x0aut'/);
  assert.ok(readdirSync(path.join(root, out)).includes('assessment.json'));
});

test('a disk that is full, read-only or of another user is named, and the old file stays', async (t) => {
  if (!judgeHere('strace', t)) return;
  for (const [code, expected] of [
    ['ENOSPC', /the disk is full. Make room/],
    ['EROFS', /its disk is read-only/],
    ['EACCES', /may not be written by this user/],
    ['EDQUOT', /the quota of the disk is used up/], // a code that Node has no name for
  ] as const) {
    const folder = scratch();
    await writePack(folder, files);
    const before = readdirSync(folder);
    const { code: exit, text } = await ask('strace', [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=fsync',
      '-e',
      `inject=fsync:error=${code}:when=1`,
      process.execPath,
      path.join(ROOT, 'test/hostile/writer.ts'),
      folder,
      'new',
    ]);
    assert.notEqual(exit, 0);
    assert.match(text.replaceAll('\n', ' '), new RegExp(expected.source.split('. ')[0] ?? ''));
    assert.deepEqual(readdirSync(folder), before, code);
  }
});

test('where a home may not be written the trial identity is of one run', async (t) => {
  const folder = scratch();
  const home = path.join(folder, 'home');
  if (process.getuid?.() === 0) writeFileSync(home, '');
  else {
    mkdirSync(home);
    chmodSync(home, 0o500);
  }
  const former = process.env.PROBITY_HOME;
  process.env.PROBITY_HOME = path.join(home, 'probity');
  t.after(() => {
    if (former === undefined) delete process.env.PROBITY_HOME;
    else process.env.PROBITY_HOME = former;
  });
  const { identity, created, unkept } = await trialSigner();
  assert.ok(identity.trial && created, 'it serves this run alone');
  assert.match(unkept ?? '', /^E(?:NOTDIR|ACCES|EXIST)$/);
  await assert.rejects(writeAlone(path.join(home, 'x/y.json'), 'x'), { code: 'OUTPUT_FAILED' });
});
