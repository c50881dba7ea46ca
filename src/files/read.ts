import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** So large may a file be that is read whole because somebody named it. */
const LARGEST = 256 * 2 ** 20;

/**
 * A file that somebody named, whole: no pipe, socket or device, which might have to be waited for or never end.
 * @throws Error with the system's code; ENOTREG for what is no regular file, EFBIG for one past 256 MiB
 */
export async function readNamed(file: string): Promise<Buffer>;
export async function readNamed(file: string, encoding: 'utf8'): Promise<string>;
export async function readNamed(file: string, encoding?: 'utf8'): Promise<Buffer | string> {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw failure('EISDIR');
    if (!stats.isFile()) throw failure('ENOTREG');
    if (stats.size > LARGEST) throw failure('EFBIG');
    return await handle.readFile(encoding ?? null);
  } finally {
    await handle.close();
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
