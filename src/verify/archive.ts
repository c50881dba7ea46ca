import { crc32 } from 'node:zlib';

/*
 * A zip as every reader sees it. Programs differ in what they follow: the central directory at the end, or the headers before
 * each entry. So a signed archive holds nothing but entries, one after the other, each named in the same way in both places, the
 * directory, and its end (APPNOTE 6.3.10, 4.3).
 */

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const DESCRIPTOR = 0x08074b50;
/** Another name for an entry, which some programs take and others do not (4.6.9). */
const UNICODE_PATH = 0x7075;
const WHOLE = 0xffffffff;

interface Entry {
  name: string;
  flags: number;
  method: number;
  crc: number;
  packed: number;
  unpacked: number;
  offset: number;
}

/**
 * What of an archive not every reader would see, or would see differently.
 * @param contents what its entries unpack to, by name
 */
export function archiveProblems(bytes: Uint8Array, contents: ReadonlyMap<string, Uint8Array>): string[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return [...new Set(problemsOf(view, contents))].slice(0, 5);
  } catch (error) {
    // A length that leads out of the file.
    if (error instanceof RangeError) return ['the archive is not well-formed'];
    throw error;
  }
}

function problemsOf(bytes: Buffer, contents: ReadonlyMap<string, Uint8Array>): string[] {
  const end = bytes.length - 22;
  if (end < 0 || bytes.readUInt32LE(end) !== END || bytes.readUInt16LE(end + 20) !== 0)
    return ['the archive ends with something that belongs to none of its parts'];
  let [count, size, start, after] = [
    bytes.readUInt16LE(end + 10),
    bytes.readUInt32LE(end + 12),
    bytes.readUInt32LE(end + 16),
    end,
  ];
  if (start === WHOLE || count === 0xffff) {
    // The larger form of the same record, and the pointer to it, stand before it.
    const large = end - 20 - 56;
    if (large < 0 || bytes.readUInt32LE(large) !== END64) return ['the archive is not well-formed'];
    count = Number(bytes.readBigUInt64LE(large + 32));
    size = Number(bytes.readBigUInt64LE(large + 40));
    start = Number(bytes.readBigUInt64LE(large + 48));
    after = large;
  }
  if (start + size !== after) return ['the archive holds something beside its entries and their directory'];
  const { entries, problems } = directory(bytes, start, after);
  if (entries.length !== count) problems.push('the archive does not have as many entries as it says');
  let at = 0;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (entry.offset !== at) return [...problems, 'the archive holds bytes between its entries'];
    const next = nextAfter(bytes, entry);
    if (next === undefined) return [...problems, `${entry.name.slice(0, 100)} is described in two ways in the archive`];
    const content = contents.get(entry.name);
    if (content !== undefined && crc32(content) !== entry.crc)
      problems.push(`${entry.name.slice(0, 100)} does not have the checksum that the archive states`);
    at = next;
  }
  if (at !== start) problems.push('the archive holds bytes between its entries');
  return problems;
}

function directory(bytes: Buffer, start: number, end: number): { entries: Entry[]; problems: string[] } {
  const entries: Entry[] = [];
  const problems: string[] = [];
  let at = start;
  while (at < end && bytes.readUInt32LE(at) === CENTRAL) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const flags = bytes.readUInt16LE(at + 8);
    const entry: Entry = {
      // As the library that unpacks it reads it.
      name: bytes.toString(flags & 0x800 ? 'utf8' : 'latin1', at + 46, at + 46 + nameLength),
      flags,
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      unpacked: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    const extra = extras(bytes, at + 46 + nameLength, extraLength);
    widen(bytes, entry, extra.get(1));
    if (extra.has(UNICODE_PATH)) problems.push(`${entry.name.slice(0, 100)} has a second name in the archive`);
    if (commentLength > 0) problems.push(`${entry.name.slice(0, 100)} carries a comment that nobody signed`);
    if (flags & 1) problems.push(`${entry.name.slice(0, 100)} is encrypted`);
    entries.push(entry);
    at += 46 + nameLength + extraLength + commentLength;
  }
  if (at !== end) problems.push('the directory of the archive is not well-formed');
  return { entries, problems };
}

/** Where each further field of an entry stands, by its number. */
function extras(bytes: Buffer, from: number, length: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = from; at + 4 <= from + length; at += 4 + bytes.readUInt16LE(at + 2))
    found.set(bytes.readUInt16LE(at), at + 4);
  return found;
}

/** Takes the sizes that do not fit into their fields from the further one that holds them (4.5.3). */
function widen(bytes: Buffer, entry: Pick<Entry, 'packed' | 'unpacked' | 'offset'>, at: number | undefined): void {
  if (at === undefined) return;
  let next = at;
  for (const key of ['unpacked', 'packed', 'offset'] as const)
    if (entry[key] === WHOLE) {
      entry[key] = Number(bytes.readBigUInt64LE(next));
      next += 8;
    }
}

/** One past an entry's bytes; undefined where its own header says something else than the directory. */
function nextAfter(bytes: Buffer, entry: Entry): number | undefined {
  const { offset } = entry;
  const [nameLength, extraLength] = [bytes.readUInt16LE(offset + 26), bytes.readUInt16LE(offset + 28)];
  const flags = bytes.readUInt16LE(offset + 6);
  const name = bytes.toString(flags & 0x800 ? 'utf8' : 'latin1', offset + 30, offset + 30 + nameLength);
  const extra = extras(bytes, offset + 30 + nameLength, extraLength);
  const stated = { packed: bytes.readUInt32LE(offset + 18), unpacked: bytes.readUInt32LE(offset + 22), offset: 0 };
  widen(bytes, stated, extra.get(1));
  if (
    bytes.readUInt32LE(offset) !== LOCAL ||
    name !== entry.name ||
    bytes.readUInt16LE(offset + 8) !== entry.method ||
    extra.has(UNICODE_PATH)
  )
    return undefined;
  const end = offset + 30 + nameLength + extraLength + entry.packed;
  const crc = bytes.readUInt32LE(offset + 14);
  if ((flags & 8) === 0)
    return crc === entry.crc && stated.packed === entry.packed && stated.unpacked === entry.unpacked ? end : undefined;
  // Checksum and sizes stand behind the entry, with or without a mark, in four bytes each or in eight (4.3.9).
  if (![0, entry.crc].includes(crc)) return undefined;
  const marked = bytes.readUInt32LE(end) === DESCRIPTOR ? end + 4 : end;
  if (bytes.readUInt32LE(marked) !== entry.crc) return undefined;
  const short = bytes.readUInt32LE(marked + 4) === entry.packed && bytes.readUInt32LE(marked + 8) === entry.unpacked;
  return short ? marked + 12 : marked + 20;
}
