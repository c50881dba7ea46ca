import { type UnzipFileInfo, unzipSync, type Zippable, zipSync } from 'fflate';
import { ProbityError } from '../errors.ts';

/** What is unpacked is held whole, so it is bounded by memory: ten million numbers, or the largest sheet of a workbook. */
const LIMITS = { entries: 10_000, entryBytes: 128 * 2 ** 20, totalBytes: 256 * 2 ** 20, ratio: 2000 } as const;

/**
 * Unpacks a zip held in memory within bounds: count of entries, size and ratio of each, total size; what an entry
 * inflates to may not differ from what its header promises. Folders are passed over.
 * @param want which entries to unpack, by name
 * @throws ProbityError EVIDENCE_MALFORMED or EVIDENCE_TOO_LARGE, naming file and entry
 */
export function unzipBounded(
  bytes: Uint8Array,
  path: string,
  want: (name: string) => boolean = () => true,
): Map<string, Uint8Array> {
  let entries = 0;
  let total = 0;
  const wanted = new Map<string, number>();
  const guard = (info: UnzipFileInfo): boolean => {
    if (++entries > LIMITS.entries)
      throw new ProbityError('EVIDENCE_TOO_LARGE', `the archive has more than ${LIMITS.entries} entries`, {
        where: path,
      });
    // What stands for a folder holds nothing; some programs write such entries and others do not.
    if (info.name.endsWith('/') && info.originalSize === 0) return false;
    if (!want(info.name)) return false;
    if (wanted.has(info.name))
      throw new ProbityError('EVIDENCE_MALFORMED', 'the archive holds two entries of one name', {
        where: `${path}!${info.name}`,
      });
    total += info.originalSize;
    if (
      info.originalSize > LIMITS.entryBytes ||
      total > LIMITS.totalBytes ||
      info.originalSize > Math.max(info.size, 1024) * LIMITS.ratio
    )
      throw new ProbityError('EVIDENCE_TOO_LARGE', 'the archive entry unpacks to more than is accepted', {
        where: `${path}!${info.name}`,
      });
    wanted.set(info.name, info.originalSize);
    return true;
  };
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter: guard });
  } catch (error) {
    if (error instanceof ProbityError) throw error;
    throw new ProbityError('EVIDENCE_MALFORMED', 'not a complete zip archive', { where: path, cause: error });
  }
  const result = new Map<string, Uint8Array>();
  for (const [name, size] of wanted) {
    const content = files[name];
    if (content === undefined || content.length !== size)
      throw new ProbityError('EVIDENCE_MALFORMED', 'the archive entry is not as long as its header says', {
        where: `${path}!${name}`,
      });
    result.set(name, content);
  }
  return result;
}

/** The oldest time a zip can state, in local terms as the format wants it; every entry carries it. */
const STAMP = new Date(1980, 0, 1);

/** Packs entries in the given order, the same bytes for the same content wherever and whenever it is done. */
export function zipSame(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const files: Zippable = {};
  for (const [name, bytes] of entries) files[name] = [bytes, { mtime: STAMP, level: 6 }];
  return zipSync(files);
}
