import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProbityError, systemCode } from '../errors.ts';
import { PACK_FILES } from './formats.ts';

/**
 * Puts a pack into a folder, all or nothing: files are written beside it first, the former pack is set aside, and comes
 * back if anything goes wrong. Files of other names are left alone; pack files that the new pack lacks are removed.
 * @throws ProbityError OUTPUT_FAILED
 */
export async function writePack(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const target = path.resolve(folder);
  let staging: string | undefined;
  const setAside: string[] = [];
  const placed: string[] = [];
  try {
    await mkdir(target, { recursive: true });
    staging = await mkdtemp(path.join(target, '.probity-'));
    const fresh = path.join(staging, 'new');
    const former = path.join(staging, 'old');
    await mkdir(fresh);
    await mkdir(former);
    for (const [name, bytes] of files) await writeFile(path.join(fresh, name), bytes);
    for (const name of PACK_FILES) {
      if (!(await exists(path.join(target, name)))) continue;
      await rename(path.join(target, name), path.join(former, name));
      setAside.push(name);
    }
    for (const name of files.keys()) {
      await rename(path.join(fresh, name), path.join(target, name));
      placed.push(name);
    }
  } catch (error) {
    if (staging) {
      for (const name of placed) await rm(path.join(target, name), { force: true });
      for (const name of setAside) await rename(path.join(staging, 'old', name), path.join(target, name));
    }
    throw new ProbityError('OUTPUT_FAILED', `the pack cannot be written (${systemCode(error) ?? 'unknown'})`, {
      where: target,
      remedy: 'The previous pack is as it was',
      cause: error,
    });
  } finally {
    if (staging) await rm(staging, { recursive: true, force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Writes one file whole or not at all. @throws ProbityError OUTPUT_FAILED */
export async function writeAlone(file: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    await writeFile(fresh, content);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw new ProbityError('OUTPUT_FAILED', `cannot be written (${systemCode(error) ?? 'unknown'})`, {
      where: file,
      cause: error,
    });
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
  const wanted: [name: string, content: string | Uint8Array][] = [];
  for (const [name, content] of files) {
    const there = await exists(path.join(folder, name));
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
