import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProbityError, systemCode } from '../errors.ts';
import type { EvidenceFile } from './file.ts';

/**
 * Hands out a private copy of a file, for libraries that open files themselves: what they read is then what was hashed,
 * unpacked where it was packed, and nothing is ever written beside the evidence.
 * @throws ProbityError EVIDENCE_TOO_LARGE past 256 MiB; EVIDENCE_UNREADABLE where no copy can be made
 */
export async function withCopy<T>(file: EvidenceFile, use: (copy: string) => Promise<T> | T): Promise<T> {
  const bytes = await file.whole();
  let folder: string | undefined;
  try {
    let copy: string;
    try {
      folder = await mkdtemp(path.join(tmpdir(), 'probity-'));
      copy = path.join(folder, 'copy');
      await writeFile(copy, bytes, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      throw new ProbityError('EVIDENCE_UNREADABLE', `no copy of it can be made (${systemCode(error) ?? 'unknown'})`, {
        where: file.path,
        remedy: 'Name a folder that can be written to in TMPDIR',
        cause: error,
      });
    }
    return await use(copy);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
