// https://github.com/apache/parquet-format, parquet.thrift (PageHeader), and Thrift's compact protocol: what the pages of a
// column say of themselves, before anything is unpacked. hyparquet believes them.

const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, STRUCT] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12];
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
/** How true and false are kept among the fields of a header: as no number that stands there otherwise. */
const KEPT_TRUE = -1;
const KEPT_FALSE = -2;
/** Structures within structures that a page header may have; it has two. */
const DEEPEST = 8;

/** A structure as its numbered fields: whole numbers and structures are kept, the rest is passed over. */
type Fields = Map<number, number | Fields>;

class Compact {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  #byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new RangeError('a page header ends before it is complete');
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is too long');
  }

  struct(depth = 0): Fields {
    if (depth > DEEPEST) throw new RangeError('a page header is nested too deep');
    const fields: Fields = new Map();
    for (let id = 0; ; ) {
      const byte = this.#byte();
      if (byte === 0) return fields;
      id = byte >> 4 ? id + (byte >> 4) : this.#zigzag();
      const value = this.#value(byte & 0x0f, depth);
      if (value !== undefined) fields.set(id, value);
    }
  }

  #zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #value(type: number, depth: number): number | Fields | undefined {
    switch (type) {
      case TRUE:
        return KEPT_TRUE;
      case FALSE:
        return KEPT_FALSE;
      case BYTE:
        this.#byte();
        return undefined;
      case I16:
      case I32:
      case I64:
        return this.#zigzag();
      case DOUBLE:
        this.at += 8;
        return undefined;
      case BINARY: {
        const length = this.varint();
        this.at += length;
        return undefined;
      }
      case LIST:
      case SET:
        this.#list(depth);
        return undefined;
      case STRUCT:
        return this.struct(depth + 1);
      default:
        throw new RangeError('a page header holds what none has');
    }
  }

  #list(depth: number): void {
    const byte = this.#byte();
    const size = byte >> 4 === 15 ? this.varint() : byte >> 4;
    const type = byte & 0x0f;
    // Every element takes a byte at least, so a list that is longer than the file ends in an error above.
    for (let i = 0; i < size; i++) {
      if (type === TRUE || type === FALSE) this.#byte();
      else this.#value(type, depth + 1);
    }
  }
}

/** In which field of a page header what is said of a page of each kind stands. */
const HEADER_OF = new Map([
  [DATA_PAGE, 5],
  [DICTIONARY_PAGE, 7],
  [DATA_PAGE_V2, 8],
]);

/** What is known of a column before its pages are read. */
export interface FlatColumn {
  /** Where its first page header begins, and where its last page ends. */
  from: number;
  to: number;
  /** One value for each row. */
  rows: number;
  /** Whether values may be missing, so that levels stand before them. */
  optional: boolean;
  /** Unpacks a page to as many bytes as it says. @throws where it cannot */
  unpack(page: Uint8Array, length: number): Uint8Array;
}

/**
 * Walks the pages of a flat column and holds what they claim against the rows there are: the number of values, and the
 * length of every run, which may stand for a thousand million values in three bytes.
 * @returns the size of all pages, unpacked
 * @throws RangeError when the pages are none, claim more than the rows, or are of a kind that is not read
 */
export function checkedBytes(bytes: Uint8Array, { from, to, rows, optional, unpack }: FlatColumn): number {
  let size = 0;
  let values = 0;
  for (let at = from; at < to; ) {
    const reader = new Compact(bytes, at);
    const header = reader.struct();
    const length = numberIn(header, 2);
    const end = reader.at + numberIn(header, 3);
    if (end > to) throw new RangeError('a page leads out of its column');
    const type = numberIn(header, 1);
    const inner = header.get(HEADER_OF.get(type) ?? -1);
    if (inner === undefined || typeof inner === 'number') throw new RangeError('a page of a kind that is not read');
    const count = numberIn(inner, 1);
    if (type === DATA_PAGE_V2) {
      values += count;
      if (values > rows) throw new RangeError('a column has more values than there are rows');
      checkSecondVersion(bytes.subarray(reader.at, end), length, inner, { optional, unpack });
      size += length;
      at = end;
      continue;
    }
    const page = unpack(bytes.subarray(reader.at, end), length);
    if (page.length !== length) throw new RangeError('a page is not as long as it says');
    size += length;
    if (type === DICTIONARY_PAGE) {
      if (count > length) throw new RangeError('a dictionary has more entries than bytes');
    } else {
      values += count;
      if (values > rows) throw new RangeError('a column has more values than there are rows');
      checkRuns(page, count, numberIn(inner, 2), optional);
    }
    at = end;
  }
  if (values !== rows) throw new RangeError('a column has not one value for each row');
  return size;
}

/**
 * A data page of the second version: its levels stand before the values and are never packed.
 * @throws RangeError as above
 */
function checkSecondVersion(
  page: Uint8Array,
  length: number,
  header: Fields,
  { optional, unpack }: Pick<FlatColumn, 'optional' | 'unpack'>,
): void {
  const count = numberIn(header, 1);
  const levels = numberIn(header, 5);
  if (numberIn(header, 6) !== 0 || (!optional && levels !== 0))
    throw new RangeError('levels that a flat column has not');
  if (numberIn(header, 3) !== count || numberIn(header, 2) > count)
    throw new RangeError('a page has not one value for each row');
  if (levels > page.length || levels > length) throw new RangeError('levels are longer than their page');
  runs(page.subarray(0, levels), 1, count);
  const packed = page.subarray(levels);
  const values = header.get(7) === KEPT_FALSE ? packed : unpack(packed, length - levels);
  if (values.length !== length - levels) throw new RangeError('a page is not as long as it says');
  checkRuns(values, count, numberIn(header, 4), false);
}

function numberIn(fields: Fields, id: number): number {
  const value = fields.get(id);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new RangeError('a page header lacks a number');
  return value;
}

/** Encodings by their number in parquet.thrift. */
const [PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY, BYTE_STREAM_SPLIT] = [0, 2, 3, 8, 9];

function checkRuns(page: Uint8Array, count: number, encoding: number, optional: boolean): void {
  let at = 0;
  if (optional) {
    const length = new DataView(page.buffer, page.byteOffset, page.length).getUint32(0, true);
    at = 4 + length;
    if (at > page.length) throw new RangeError('levels are longer than their page');
    runs(page.subarray(4, at), 1, count);
  }
  if (encoding === PLAIN || encoding === BYTE_STREAM_SPLIT) return;
  if (encoding === RLE) {
    // True and false, with their length in front.
    if (at + 4 > page.length) throw new RangeError('a page ends before its values');
    const length = new DataView(page.buffer, page.byteOffset, page.length).getUint32(at, true);
    if (at + 4 + length > page.length) throw new RangeError('values are longer than their page');
    runs(page.subarray(at + 4, at + 4 + length), 1, count);
    return;
  }
  if (encoding !== PLAIN_DICTIONARY && encoding !== RLE_DICTIONARY)
    throw new RangeError('values are written in a way that is not read');
  const width = page[at];
  if (width === undefined && count > 0) throw new RangeError('a page ends before its values');
  if ((width ?? 0) > 32) throw new RangeError('numbers of more than 32 bits');
  runs(page.subarray(at + 1), width ?? 0, count);
}

/** Adds up the runs of a hybrid of run lengths and packed bits; the last group of packed bits may be filled up. */
function runs(bytes: Uint8Array, width: number, count: number): void {
  let seen = 0;
  const reader = new Compact(bytes, 0);
  while (reader.at < bytes.length && seen < count) {
    const header = reader.varint();
    const length = header % 2 === 1 ? ((header - 1) / 2) * 8 : header / 2;
    seen += length;
    if (seen > count + 7) throw new RangeError('a run is longer than there are values');
    reader.at += header % 2 === 1 ? (length / 8) * width : Math.ceil(width / 8);
  }
}
