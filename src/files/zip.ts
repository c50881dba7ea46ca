import zlib from 'node:zlib';
import { type UnzipFileInfo, unzipSync, type Zippable, zipSync } from 'fflate';
import { z } from 'zod';
import { ProbityError } from '../errors.ts';

/** What is unpacked is held whole, so it is bounded by memory: ten million numbers, or the largest sheet of a workbook. */
const LIMITS = { entries: 200_000, entryBytes: 128 * 2 ** 20, totalBytes: 256 * 2 ** 20, ratio: 2000 } as const;

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
  const zstandard = new Set<string>();
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
    if (info.compression === ZSTANDARD) zstandard.add(info.name);
    return info.compression !== ZSTANDARD;
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
    const content = zstandard.has(name) ? unpackedZstandard(bytes, name, size, path) : files[name];
    if (content === undefined || content.length !== size)
      throw new ProbityError('EVIDENCE_MALFORMED', 'the archive entry is not as long as its header says', {
        where: `${path}!${name}`,
      });
    result.set(name, content);
  }
  return result;
}

/** The number of a compression method that fflate does not know (APPNOTE 4.4.5). */
const ZSTANDARD = 93;
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;

/**
 * One entry that was packed with Zstandard, as the zip's directory points to it.
 * @throws ProbityError EVIDENCE_MALFORMED when it is not there, unpacks to more than it says, or this Node knows no Zstandard
 */
function unpackedZstandard(bytes: Uint8Array, name: string, size: number, path: string): Uint8Array | undefined {
  const where = `${path}!${name}`;
  if (!zlib.zstdDecompressSync)
    throw new ProbityError('EVIDENCE_MALFORMED', 'the archive is packed with Zstandard', {
      where,
      remedy: 'Use Node 22.15 or newer, or pack it again with deflate',
    });
  const packed = packedEntry(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name);
  if (!packed) return undefined;
  try {
    return unpackedFrames(packed, size);
  } catch (error) {
    throw new ProbityError('EVIDENCE_MALFORMED', 'the archive entry is not as long as its header says', {
      where,
      cause: error,
    });
  }
}

/** Large entries are packed in several frames, one after the other, of which Node unpacks one at a time. */
function unpackedFrames(packed: Buffer, size: number): Uint8Array {
  const frames: Buffer[] = [];
  let length = 0;
  for (let at = 0; at < packed.length; ) {
    const options = { maxOutputLength: Math.max(1, size - length), info: true };
    const { buffer, engine } = unpackedFrame.parse(zlib.zstdDecompressSync(packed.subarray(at), options));
    if (engine.bytesWritten === 0) break;
    frames.push(buffer);
    length += buffer.length;
    at += engine.bytesWritten;
  }
  return Buffer.concat(frames);
}

/** What zlib gives back with `info`, which its types do not tell. */
const unpackedFrame = z.object({
  buffer: z.instanceof(Buffer),
  engine: z.object({ bytesWritten: z.number().int().min(0) }),
});

/** The packed bytes of an entry, by its header in the directory at the archive's end. */
function packedEntry(bytes: Buffer, name: string): Buffer | undefined {
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  if (end === -1 || end + 20 > bytes.length) return undefined;
  const wanted = Buffer.from(name, 'utf8');
  for (let at = bytes.readUInt32LE(end + 16); at + 46 <= end && bytes.readUInt32LE(at) === CENTRAL_HEADER; ) {
    const [packed, nameLength, extraLength, commentLength, local] = [
      bytes.readUInt32LE(at + 20),
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
      bytes.readUInt32LE(at + 42),
    ];
    if (bytes.subarray(at + 46, at + 46 + nameLength).equals(wanted)) {
      if (local + 30 > bytes.length || bytes.readUInt32LE(local) !== LOCAL_HEADER) return undefined;
      const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      return from + packed <= bytes.length ? bytes.subarray(from, from + packed) : undefined;
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  return undefined;
}

/** The oldest time a zip can state, in local terms as the format wants it; every entry carries it. */
const STAMP = new Date(1980, 0, 1);

/** Packs entries in the given order, the same bytes for the same content wherever and whenever it is done. */
export function zipSame(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const files: Zippable = {};
  for (const [name, bytes] of entries) files[name] = [bytes, { mtime: STAMP, level: 6 }];
  return zipSync(files);
}
