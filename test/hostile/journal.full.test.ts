import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { finishPack, JOURNAL, writePack } from '../../src/pack/write.ts';
import { ask, judgeHere } from '../support/judges.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* A pack is whole or old, always. */

const WRITER = path.join(ROOT, 'test/hostile/writer.ts');
const GENERATIONS = {
  old: ['assessment.json', 'report.pdf', 'report.xlsx'],
  new: ['assessment.json', 'attestation.dsse.json', 'report.pdf'],
} as const;
type Generation = keyof typeof GENERATIONS;

const pack = (generation: Generation): Map<string, Uint8Array> =>
  new Map(GENERATIONS[generation].map((name) => [name, Buffer.from(`${generation} ${name}`)]));

/** What stands at the names of a pack, hidden names left out. */
function seen(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );
}

function whole(folder: string): Generation | undefined {
  const found = seen(folder);
  return (['old', 'new'] as const).find(
    (generation) =>
      JSON.stringify(Object.keys(found).sort()) === JSON.stringify(GENERATIONS[generation]) &&
      Object.entries(found).every(([name, text]) => text === `${generation} ${name}`),
  );
}

/** Every name of the old pack that the new one has stands there, as old or as new. */
function presentThroughout(folder: string, when: string): void {
  const found = seen(folder);
  for (const name of ['assessment.json', 'report.pdf'])
    assert.ok([`old ${name}`, `new ${name}`].includes(found[name] ?? ''), `${when}: ${name} is "${found[name]}"`);
}

test('a run that is killed before any system call that changes the folder leaves a pack that is old, or becomes new', async (t) => {
  if (!judgeHere('strace', t)) return;
  const ends = new Map<string, number>();
  const stopBefore = async (call: string): Promise<void> => {
    for (let when = 1; ; when++) {
      const folder = path.join(scratch(), 'out');
      await writePack(folder, pack('old'));
      const { code } = await ask('strace', [
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-E',
        'UV_THREADPOOL_SIZE=1',
        '-e',
        `trace=${call}`,
        '-e',
        `inject=${call}:signal=KILL:when=${when}`,
        process.execPath,
        WRITER,
        folder,
        'new',
      ]);
      if (code === 0) {
        assert.equal(whole(folder), 'new');
        break;
      }
      const point = `${call} ${when}`;
      presentThroughout(folder, point);
      const finished = await finishPack(folder);
      const state = whole(folder);
      assert.equal(state, finished || state === 'new' ? 'new' : 'old', point);
      ends.set(state ?? '', (ends.get(state ?? '') ?? 0) + 1);
      // The next run cleans up what this one left behind.
      execFileSync(process.execPath, [WRITER, folder, 'new']);
      assert.deepEqual(readdirSync(folder).sort(), GENERATIONS.new, point);
    }
  };
  await Promise.all(['mkdir', 'link', 'rename', 'unlink', 'rmdir', 'fsync'].map(stopBefore));
  assert.ok((ends.get('old') ?? 0) > 3 && (ends.get('new') ?? 0) > 3, JSON.stringify([...ends]));
});

test('a run that fails leaves the old pack as it was, and nothing besides', async () => {
  const folder = scratch();
  await writePack(folder, pack('old'));
  mkdirSync(path.join(folder, 'attestation.dsse.json'));
  await assert.rejects(writePack(folder, pack('new')), { code: 'OUTPUT_FAILED' });
  execFileSync('rmdir', [path.join(folder, 'attestation.dsse.json')]);
  assert.equal(whole(folder), 'old');
  assert.deepEqual(readdirSync(folder).sort(), GENERATIONS.old);
});

/** A folder as a run leaves it that was stopped behind its journal, with what an attacker may have changed in it. */
function stopped(change: (journal: Record<string, unknown>, folder: string) => void): string {
  const folder = scratch();
  const staging = '.probity-1-0123abcd';
  const sha256 = '4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a';
  write(folder, { 'report.pdf': 'old', [`${staging}/new/report.pdf`]: '4', [`${staging}/old/report.pdf`]: 'old' });
  const journal = { schema: 'probity/journal/v1', staging, put: [{ name: 'report.pdf', sha256 }], remove: [] };
  change(journal, folder);
  writeFileSync(path.join(folder, JOURNAL), JSON.stringify(journal));
  return folder;
}

test('a journal that somebody else wrote moves and removes nothing', async () => {
  const outside = scratch();
  write(outside, { 'new/report.pdf': '4', 'keep.txt': 'kept' });
  const attacks: Record<string, (journal: Record<string, unknown>, folder: string) => void> = {
    'a name elsewhere': (journal) => Object.assign(journal, { remove: [`../${path.basename(outside)}/keep.txt`] }),
    'a name of another kind': (journal) => Object.assign(journal, { remove: ['keep.txt'] }),
    'a place elsewhere': (journal) => Object.assign(journal, { staging: `../${path.basename(outside)}` }),
    'other bytes': (_journal, folder) => writeFileSync(path.join(folder, '.probity-1-0123abcd/new/report.pdf'), '5'),
    'a link': (_journal, folder) => {
      execFileSync('rm', ['-r', path.join(folder, '.probity-1-0123abcd')]);
      symlinkSync(outside, path.join(folder, '.probity-1-0123abcd'));
    },
  };
  for (const [name, change] of Object.entries(attacks)) {
    const folder = stopped(change);
    await assert.rejects(finishPack(folder), { code: 'PACK_UNFINISHED' }, name);
    assert.equal(seen(folder)['report.pdf'], 'old', name);
    assert.ok(existsSync(path.join(outside, 'keep.txt')) && existsSync(path.join(outside, 'new/report.pdf')), name);
  }
  const folder = stopped(() => undefined);
  assert.equal(await finishPack(folder), true);
  assert.deepEqual(seen(folder), { 'report.pdf': '4' });
  assert.equal(await finishPack(folder), false);
});

test('where the folder may not be written, the answer is that the last run did not finish', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may write everywhere');
  const folder = stopped(() => undefined);
  chmodSync(folder, 0o555);
  await assert.rejects(finishPack(folder), { code: 'PACK_UNFINISHED', message: /did not finish/ });
});
