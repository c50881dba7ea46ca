import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ProbityError, systemCode } from '../errors.ts';
import { makeFolder, unfinishedName, writeFailure, writeSynced } from '../files/write.ts';
import type { Listed, ObjectStore } from './objects.ts';

const STAGING = '.probity-fleet-';
/** No pack takes so long to write, in milliseconds. */
const ABANDONED = 86_400_000;

/** A folder as a store. What is put is whole or not there; a process that is killed leaves nothing under a name that counts. */
export class FolderStore implements ObjectStore {
  readonly place: ObjectStore['place'];
  #root: string;

  constructor(place: Extract<ObjectStore['place'], { kind: 'folder' }>) {
    this.place = place;
    this.#root = place.path;
  }

  async *list(prefix: string): AsyncGenerator<Listed> {
    const folder = path.join(this.#root, prefix);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
      throw failed(error, folder);
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory()) yield* this.list(`${name}/`);
      else if (entry.isFile()) yield { name, ...(await markOf(path.join(this.#root, name))) };
    }
  }

  async get(name: string, limit: number): Promise<Buffer | undefined> {
    const file = path.join(this.#root, name);
    const stats = await lstat(file).catch(() => undefined);
    if (!stats) return undefined;
    if (!stats.isFile() || stats.size > limit) throw tooLarge(file, limit);
    return readFile(file).catch((error: unknown) => {
      throw failed(error, file);
    });
  }

  async fetch(listed: Listed, to: string): Promise<void> {
    const file = path.join(this.#root, listed.name);
    try {
      await copyFile(file, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      throw failed(error, file);
    }
    if ((await markOf(file)).mark !== listed.mark)
      throw new ProbityError('STORE_FAILED', 'the file changed while it was read', { where: file });
  }

  async putIfAbsent(name: string, content: Uint8Array): Promise<boolean> {
    const file = path.join(this.#root, name);
    const folder = await makeFolder(path.dirname(file));
    const fresh = path.join(folder, unfinishedName(`.${path.basename(file)}.`));
    try {
      await writeSynced(fresh, content);
      await link(fresh, file);
      await sync(folder);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw writeFailure(error, 'the file', file);
    } finally {
      await rm(fresh, { force: true });
    }
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    const file = path.join(this.#root, name);
    const folder = await makeFolder(path.dirname(file));
    const fresh = path.join(folder, unfinishedName(`.${path.basename(file)}.`));
    try {
      await writeSynced(fresh, content);
      await rename(fresh, file);
      await sync(folder);
    } catch (error) {
      await rm(fresh, { force: true });
      throw writeFailure(error, 'the file', file);
    }
  }

  async putFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const target = path.join(this.#root, folder);
    const parent = await makeFolder(path.dirname(target));
    const staging = path.join(parent, unfinishedName(STAGING));
    try {
      await removeAbandoned(parent);
      await mkdir(staging);
      for (const [name, content] of files) await writeSynced(path.join(staging, name), content);
      await sync(staging);
      await rename(staging, target);
      await sync(parent);
    } catch (error) {
      if (!['EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw writeFailure(error, 'the pack', target);
      // A folder that is there carries the same digest in its name; where its files are not those, somebody changed them.
      if (!(await holds(target, files))) await replaceFolder(staging, target);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }

  async removeFolder(folder: string): Promise<void> {
    await rm(path.join(this.#root, folder), { recursive: true, force: true }).catch(() => undefined);
  }

  async folders(prefix: string): Promise<string[]> {
    const entries = await readdir(path.join(this.#root, prefix), { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  }
}

/** What killed workers left, of this machine or another that shares the disk: by age, since process numbers are each machine's own. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(STAGING)) continue;
    const stats = await lstat(path.join(folder, name)).catch(() => undefined);
    if (stats && Date.now() - stats.mtimeMs > ABANDONED)
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function holds(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  for (const [name, content] of files) {
    const there = await readFile(path.join(folder, name)).catch(() => undefined);
    if (there === undefined || Buffer.compare(there, content) !== 0) return false;
  }
  return true;
}

async function replaceFolder(fresh: string, target: string): Promise<void> {
  const former = `${fresh}-former`;
  try {
    await rename(target, former);
    await rename(fresh, target);
    await rm(former, { recursive: true, force: true });
  } catch (error) {
    throw writeFailure(error, 'the pack', target);
  }
}

async function markOf(file: string): Promise<{ bytes: number; mark: string }> {
  const stats = await lstat(file, { bigint: true }).catch((error: unknown) => {
    throw failed(error, file);
  });
  // The time of the last change of the file's record cannot be set back, unlike that of its content.
  return { bytes: Number(stats.size), mark: `${stats.ino}-${stats.size}-${stats.mtimeNs}-${stats.ctimeNs}` };
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function failed(error: unknown, where: string): ProbityError {
  return new ProbityError('STORE_FAILED', `cannot be read (${systemCode(error) ?? 'unknown'})`, {
    where,
    cause: error,
  });
}

export function tooLarge(where: string, limit: number): ProbityError {
  return new ProbityError('STORE_FAILED', `it is larger than the ${limit} bytes that are accepted here`, { where });
}
