import { type Zippable, zipSync } from 'fflate';

/** The oldest time a zip can state, in local terms as the format wants it; every entry carries it. */
const STAMP = new Date(1980, 0, 1);

/** Packs entries in the given order, the same bytes for the same content wherever and whenever it is done. */
export function zipSame(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const files: Zippable = {};
  for (const [name, bytes] of entries) files[name] = [bytes, { mtime: STAMP, level: 6 }];
  return zipSync(files);
}
