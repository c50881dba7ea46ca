import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ProbityError, systemCode } from '../errors.ts';
import {
  isThere,
  leftBehind,
  makeFolder,
  unfinishedName,
  writeAlone,
  writeFailure,
  writeSynced,
} from '../files/write.ts';
import { sha256Hex } from '../schema.ts';
import { PACK_FILES, PORTFOLIO_NAMES, WORKBOOK_BESIDE } from './files.ts';

/*
 * A pack is whole or old, always. A folder cannot be exchanged in one step, but each of its names can:
 *
 * 1. All new files are written below `.probity-PID-RANDOM/new`, and the former ones are linked below `old`.
 * 2. The journal takes its place, in one step: from here on the new pack counts.
 * 3. Each name is replaced in one step; names that the new pack lacks are removed.
 * 4. The journal goes, then what it spoke of.
 *
 * Before 2 the old pack is untouched. After it, whoever comes next (`run`, `sign`, `verify`) finishes what the journal says.
 */

export const JOURNAL = '.probity-journal.json';
const STAGING = '.probity-';

/** Every name that a run writes or takes away. */
const WRITTEN: readonly string[] = [...PACK_FILES, WORKBOOK_BESIDE];

const packName = z
  .string()
  .refine((name) => WRITTEN.includes(name) || PORTFOLIO_NAMES.includes(name), 'not a file of a pack');
const journalSchema = z.strictObject({
  schema: z.literal('probity/journal/v1'),
  staging: z.string().regex(/^\.probity-\d{1,10}-[0-9a-f]{8}$/),
  /** What takes its place, with the SHA-256 of its bytes. */
  put: z.array(z.strictObject({ name: packName, sha256: sha256Hex })).max(100),
  remove: z.array(packName).max(100),
});
type Journal = z.infer<typeof journalSchema>;

/**
 * Puts a pack, or with other `names` a portfolio, into a folder, all or nothing. Files of
 * other names are left alone; files of these that are not written anew are removed, unless they are to be kept.
 * @param options `names`: what may be there; `keepOthers`: remove none; `keep`: do not remove these
 * @throws ProbityError OUTPUT_FAILED; the previous pack is then as it was
 */
export async function writePack(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  options: { keepOthers?: boolean; keep?: readonly string[]; names?: readonly string[] } = {},
): Promise<void> {
  const { keepOthers = false, keep = [], names = WRITTEN } = options;
  const target = await makeFolder(folder);
  // What cannot be finished is replaced whole.
  await finishPack(target).catch(() => rm(path.join(target, JOURNAL), { force: true }));
  const staging = unfinishedName(STAGING);
  try {
    for (const name of await leftBehind(target, STAGING)) await rm(path.join(target, name), { recursive: true });
    await refuseFolders(target, names);
    const journal = await stage(target, staging, files, { names, keep: keepOthers ? names : keep });
    await writeAlone(path.join(target, JOURNAL), `${JSON.stringify(journal, null, 2)}\n`);
    await carryOut(target, journal);
  } catch (error) {
    await undo(target, staging).catch(() => undefined);
    throw writeFailure(error, 'the pack', folder);
  }
}

/** A folder of a file's name would stop the change half-way. */
async function refuseFolders(target: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    if ((await lstat(path.join(target, name)).catch(() => undefined))?.isDirectory())
      throw new ProbityError('OUTPUT_FAILED', 'the pack cannot be written: a folder stands where the file should go', {
        where: path.join(target, name),
        remedy: 'Move it away, or choose another folder',
      });
}

async function stage(
  target: string,
  staging: string,
  files: ReadonlyMap<string, Uint8Array>,
  { names, keep }: { names: readonly string[]; keep: readonly string[] },
): Promise<Journal> {
  const place = path.join(target, staging);
  await mkdir(path.join(place, 'new'), { recursive: true });
  await mkdir(path.join(place, 'old'));
  const put: Journal['put'] = [];
  const remove: string[] = [];
  for (const [name, bytes] of files) {
    await writeSynced(path.join(place, 'new', name), bytes);
    put.push({ name, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  for (const name of names) {
    const former = path.join(target, name);
    if (!(await isThere(former))) continue;
    // Two names of one file cost nothing; where a disk has no such thing, or the name is a link, a copy does.
    await link(former, path.join(place, 'old', name)).catch(() =>
      copyFile(former, path.join(place, 'old', name), constants.COPYFILE_FICLONE),
    );
    if (!files.has(name) && !keep.includes(name)) remove.push(name);
  }
  await syncFolder(path.join(place, 'new'));
  return { schema: 'probity/journal/v1', staging, put, remove };
}

/** Does what the journal says, or what is left of it; done twice it does no more. */
async function carryOut(target: string, journal: Journal): Promise<void> {
  const fresh = path.join(target, journal.staging, 'new');
  for (const { name } of journal.put)
    await rename(path.join(fresh, name), path.join(target, name)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
  for (const name of journal.remove) await rm(path.join(target, name), { force: true });
  await syncFolder(target);
  await rm(path.join(target, JOURNAL), { force: true });
  await rm(path.join(target, journal.staging), { recursive: true, force: true });
}

/** Puts the former files back, each in one step, and takes away those that were not there. */
async function undo(target: string, staging: string): Promise<void> {
  const place = path.join(target, staging);
  const journal = await readJournal(target).catch(() => undefined);
  if (journal?.staging === staging) {
    const former = new Set(await readdir(path.join(place, 'old')));
    for (const name of former) await rename(path.join(place, 'old', name), path.join(target, name));
    for (const { name } of journal.put) if (!former.has(name)) await rm(path.join(target, name), { force: true });
    await rm(path.join(target, JOURNAL), { force: true });
  }
  await rm(place, { recursive: true, force: true });
}

/** Sees names on the disk, where a system lets folders be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function readJournal(target: string): Promise<Journal | undefined> {
  const file = path.join(target, JOURNAL);
  const stats = await lstat(file).catch(() => undefined);
  if (!stats) return undefined;
  const unreadable = (): ProbityError =>
    new ProbityError('PACK_UNFINISHED', 'the folder holds a journal that is none of ours', {
      where: file,
      remedy: 'Remove it, and make the pack again',
    });
  if (!stats.isFile() || stats.size > 1_000_000) throw unreadable();
  try {
    return journalSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw unreadable();
  }
}

/**
 * Finishes what a run that was stopped had begun: the new pack is whole then.
 * @returns whether there was anything to finish
 * @throws ProbityError PACK_UNFINISHED where it cannot be finished
 */
export async function finishPack(folder: string): Promise<boolean> {
  const journal = await readJournal(folder);
  if (!journal) return false;
  const place = path.join(folder, journal.staging);
  try {
    await requireStaged(folder, place, journal);
    await carryOut(folder, journal);
  } catch (error) {
    if (error instanceof ProbityError) throw error;
    throw new ProbityError('PACK_UNFINISHED', 'the last run into this folder did not finish', {
      where: folder,
      remedy: 'Run it again, or verify it where the folder may be written',
      cause: error,
    });
  }
  return true;
}

/** Every file of the journal has its bytes, in its place or still beside it. */
async function requireStaged(folder: string, place: string, journal: Journal): Promise<void> {
  const isFolder = async (name: string): Promise<boolean> =>
    (await lstat(name).catch(() => undefined))?.isDirectory() === true;
  for (const { name, sha256 } of journal.put) {
    const candidates = [path.join(folder, name)];
    if ((await isFolder(place)) && (await isFolder(path.join(place, 'new'))))
      candidates.unshift(path.join(place, 'new', name));
    let found: string | undefined;
    for (const file of candidates)
      if (found === undefined && (await lstat(file).catch(() => undefined))?.isFile())
        found = createHash('sha256')
          .update(await readFile(file))
          .digest('hex');
    if (found !== sha256)
      throw new ProbityError(
        'PACK_UNFINISHED',
        'the last run into this folder did not finish, and what it made is not whole',
        {
          where: path.join(folder, name),
          remedy: `Run it again; remove ${JOURNAL} first`,
        },
      );
  }
}
