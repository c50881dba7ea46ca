import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { ROOT } from './workspace.ts';

/** What a rendered example depends on. */
const INPUTS = ['src', 'controls', 'evidence', 'templates'];

/** A digest over every file that the example's assessment and reports are made from. */
function keyOfInputs(): string {
  const hash = createHash('sha256').update(readFileSync(path.join(ROOT, 'package-lock.json')));
  for (const folder of INPUTS)
    for (const entry of readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => path.join(one.parentPath, one.name))
      .sort())
      hash.update(`${path.relative(ROOT, entry)}\0`).update(createHash('sha256').update(readFileSync(entry)).digest());
  return hash.digest('hex');
}

let place: string | undefined;

/**
 * Bytes that several test files need and that are costly to make: made once, and kept until anything changes that they
 * are made from. Files of one run may ask for them at the same time; each sees them whole or makes them itself.
 */
export async function madeOnce(name: string, make: () => Promise<Uint8Array>): Promise<Buffer> {
  place ??= path.join(tmpdir(), `probity-made-${userInfo().uid}`, keyOfInputs().slice(0, 24));
  const file = path.join(place, name);
  if (existsSync(file)) return readFileSync(file);
  const bytes = Buffer.from(await make());
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, file);
  return bytes;
}
