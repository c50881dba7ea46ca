import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ProbityError, systemCode } from '../errors.ts';

/* How files of ours take their place: whole or not at all, with nothing left behind. */

/** Why a system would not write, in words, and what helps; other codes are named as they are. */
const REASONS = new Map<string, [reason: string, remedy: string]>([
  ['EACCES', ['it may not be written by this user', 'Choose a folder that this user may write']],
  ['EPERM', ['the system does not permit it', 'Choose a folder that this user may write']],
  ['EROFS', ['its disk is read-only', 'Choose a folder on another disk']],
  ['ENOSPC', ['the disk is full', 'Make room, or choose a folder on another disk']],
  ['Unknown system error -122', ['the quota of the disk is used up', 'Make room, or choose a folder on another disk']],
  ['ENOTDIR', ['a file stands where a folder is needed', 'Choose another folder']],
  ['EISDIR', ['a folder stands where the file should go', 'Move it away, or choose another folder']],
  ['EEXIST', ['a file stands where a folder is needed', 'Choose another folder']],
  ['ENAMETOOLONG', ['the name is too long', 'Choose a shorter one']],
  ['ENOENT', ['there is no such folder, and it cannot be made', 'Choose another folder']],
  ['ELOOP', ['its links lead in a circle', 'Choose another folder']],
]);

/** An error about writing as one of ours. */
export function writeFailure(error: unknown, what: string, where: string): ProbityError {
  if (error instanceof ProbityError) return error;
  const code = systemCode(error) ?? 'unknown';
  const [reason, remedy] = REASONS.get(code) ?? [code, undefined];
  return new ProbityError('OUTPUT_FAILED', `${what} cannot be written: ${reason}`, {
    where,
    ...(remedy === undefined ? {} : { remedy }),
    cause: error,
  });
}

/** Places that are no disk: what is made there vanishes, or never returns. */
const NO_DISK = /^\/(?:proc|sys|dev)(?:\/(?!shm\/.)|$)/;

/** The whole path of a folder for output. @throws ProbityError OUTPUT_FAILED, USAGE for a name that cannot be one */
function folderPath(folder: string): string {
  if (folder.trim() === '')
    throw new ProbityError('USAGE', 'the name of the folder to write to is empty', { remedy: 'Name one, like out' });
  if (folder.includes('\0')) throw new ProbityError('USAGE', 'the name of the folder to write to cannot be one');
  const target = path.resolve(folder);
  if (process.platform !== 'win32' && NO_DISK.test(target))
    throw new ProbityError('OUTPUT_FAILED', 'the folder is not on a disk', {
      where: folder,
      remedy: 'Choose another folder',
    });
  return target;
}

/**
 * Refuses at once a folder that could not be made or written later, before the work that would fill it. Nothing is made.
 * @throws ProbityError OUTPUT_FAILED, USAGE for a name that cannot be one
 */
export async function requirePlace(folder: string): Promise<void> {
  let place = folderPath(folder);
  for (;;) {
    try {
      if (!(await stat(place)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
      await access(place, constants.W_OK);
      return;
    } catch (error) {
      const above = path.dirname(place);
      if (systemCode(error) !== 'ENOENT' || above === place) throw writeFailure(error, 'the folder', folder);
      place = above;
    }
  }
}

/** Makes a folder for output. @throws ProbityError OUTPUT_FAILED, USAGE for a name that cannot be one */
export async function makeFolder(folder: string): Promise<string> {
  const target = folderPath(folder);
  try {
    await mkdir(target, { recursive: true });
  } catch (error) {
    throw writeFailure(error, 'the folder', folder);
  }
  return target;
}

/** Writes bytes to a new file and sees them on the disk. */
export async function writeSynced(file: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether the process that began something still runs. Our own number means one before us, in a container like this. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** A name for something unfinished, from which the next run can tell whose it is. */
export function unfinishedName(prefix: string): string {
  return `${prefix}${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** Names in a folder of unfinished things whose process is gone. */
export async function leftBehind(folder: string, prefix: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => {
    const pid = name.startsWith(prefix) ? /^(\d{1,10})-[0-9a-f]{8}$/.exec(name.slice(prefix.length))?.[1] : undefined;
    return pid !== undefined && !isRunning(Number(pid));
  });
}

/**
 * Writes one file whole or not at all, in the place of what is there; a link is replaced, not followed.
 * @throws ProbityError OUTPUT_FAILED
 */
export async function writeAlone(file: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const folder = await makeFolder(path.dirname(path.resolve(file)));
  const prefix = `.${path.basename(file)}.probity-`;
  const fresh = path.join(folder, unfinishedName(prefix));
  try {
    for (const name of await leftBehind(folder, prefix)) await rm(path.join(folder, name), { force: true });
    await writeSynced(fresh, content, mode);
    await rename(fresh, path.resolve(file));
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw writeFailure(error, 'the file', file);
  }
}

/**
 * Writes files by their names below a folder: all, or none when one of them is there already and may not be replaced.
 * @returns the paths that were written
 * @throws ProbityError OUTPUT_FAILED
 */
export async function writeNew(
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
  options: { force?: boolean; keep?: (name: string) => boolean } = {},
): Promise<string[]> {
  await makeFolder(folder);
  const wanted: [name: string, content: string | Uint8Array][] = [];
  for (const [name, content] of files) {
    const there = await isThere(path.join(folder, name));
    if (there && options.keep?.(name)) continue;
    if (there && !options.force)
      throw new ProbityError('OUTPUT_FAILED', 'there is a file of that name already, and nothing was written', {
        where: path.join(folder, name),
        remedy: options.force === undefined ? 'Choose another folder' : 'Choose another folder, or say --force',
      });
    wanted.push([name, content]);
  }
  for (const [name, content] of wanted) await writeAlone(path.join(folder, name), content);
  return wanted.map(([name]) => path.join(folder, name));
}

export async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
