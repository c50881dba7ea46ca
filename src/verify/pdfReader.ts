import { inflateSync } from 'node:zlib';
import {
  type Cursor,
  expectWord,
  isKind,
  isList,
  isSpace,
  latin1,
  type PdfDict,
  type PdfStream,
  type PdfValue,
  parseValue,
  skipSpace,
  takeWhole,
  takeWord,
  Unreadable,
  unreadable,
} from './pdfSyntax.ts';

/*
 * A PDF as readers read it (ISO 32000-2, 7.5): from the last `startxref` along the cross-reference sections. No byte is searched
 * for objects; what no table names is not there.
 */

export type Entry =
  | { kind: 'free' }
  | { kind: 'at'; offset: number; generation: number }
  | { kind: 'in'; stream: number; index: number };

/** One cross-reference section and its trailer. */
export interface Section {
  offset: number;
  entries: ReadonlyMap<number, Entry>;
  trailer: PdfDict;
  /** The number of the object that it is, when it is a stream. */
  object?: number;
  /** One past its trailer or stream object. */
  end: number;
}

export interface PdfFile {
  bytes: Uint8Array;
  /** Newest first. */
  sections: readonly Section[];
  /** Values by where they stand. */
  cache: Map<string, PdfValue>;
  /** Object streams by number and offset: their decoded bytes and the objects in them. */
  streams: Map<number, ObjectStream>;
  budget: { left: number };
}

export interface ObjectStream {
  decoded: Uint8Array;
  objects: readonly { number: number; start: number; end: number }[];
}

const MOST_SECTIONS = 1000;
const HIGHEST_NUMBER = 8_388_607;
const MOST_ENTRIES = 4_000_000;

/** Opens a file. @throws Unreadable */
export function openPdf(bytes: Uint8Array): PdfFile {
  if (latin1(bytes, 0, 5) !== '%PDF-') unreadable('it does not begin with %PDF-');
  const file = {
    bytes,
    cache: new Map<string, PdfValue>(),
    streams: new Map<number, ObjectStream>(),
    budget: { left: Math.min(512 * 2 ** 20, Math.max(16 * 2 ** 20, 40 * bytes.length)) },
  };
  const sections: Section[] = [];
  const seen = new Set<number>();
  let entries = 0;
  for (let offset: number | undefined = lastStart(bytes); offset !== undefined; ) {
    if (seen.has(offset)) unreadable('its cross-reference sections lead in a circle');
    if (seen.size >= MOST_SECTIONS) unreadable('it has too many cross-reference sections');
    seen.add(offset);
    const section = readSection(bytes, offset, file.budget);
    const hybrid = section.trailer.entries.get('XRefStm');
    sections.push(hybrid === undefined ? section : withHybrid(bytes, section, hybrid, file.budget));
    entries += section.entries.size;
    if (entries > MOST_ENTRIES) unreadable('it lists too many objects');
    if (section.trailer.entries.has('Encrypt')) unreadable('it is encrypted');
    const previous = section.trailer.entries.get('Prev');
    if (previous !== undefined && !isOffset(previous)) unreadable('a Prev is no offset');
    offset = previous;
  }
  return { ...file, sections };
}

function isOffset(value: PdfValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The objects of newer files that a hybrid section keeps in a stream; what its own table says goes first. */
function withHybrid(bytes: Uint8Array, section: Section, at: PdfValue, budget: { left: number }): Section {
  if (!isOffset(at)) unreadable('an XRefStm is no offset');
  const hidden = readSection(bytes, at, budget);
  if (hidden.object === undefined) unreadable('an XRefStm leads to no stream');
  const taken = [...section.entries].filter(([number, entry]) => entry.kind !== 'free' || !hidden.entries.has(number));
  return { ...section, entries: new Map([...hidden.entries, ...taken]) };
}

/**
 * The offset that the last `startxref` states; like readers, it looks for it in the last kilobyte only.
 * @throws Unreadable
 */
function lastStart(bytes: Uint8Array): number {
  const tail = latin1(bytes, Math.max(0, bytes.length - 1024), bytes.length);
  const found = /^startxref[\0\t\n\f\r ]+(\d{1,15})[\0\t\n\f\r ]/.exec(
    tail.slice(Math.max(0, tail.lastIndexOf('startxref'))),
  );
  if (!found) unreadable('it does not end with startxref and %%EOF');
  const offset = Number(found[1]);
  if (offset >= bytes.length) unreadable('its startxref leads out of the file');
  return offset;
}

function cursorAt(bytes: Uint8Array, at: number, comments = true): Cursor {
  return { bytes, at, end: bytes.length, comments };
}

function readSection(bytes: Uint8Array, offset: number, budget: { left: number }): Section {
  const cursor = cursorAt(bytes, offset);
  return takeWord(cursor, 'xref') ? readTable(cursor, offset) : readStreamSection(cursor, offset, budget);
}

function readTable(cursor: Cursor, offset: number): Section {
  const entries = new Map<number, Entry>();
  for (;;) {
    skipSpace(cursor);
    if (takeWord(cursor, 'trailer')) break;
    const first = takeWhole(cursor);
    if (first === undefined || cursor.bytes[cursor.at] !== 32) unreadable('a cross-reference table is not well-formed');
    cursor.at++;
    const count = takeWhole(cursor);
    if (count === undefined || first + count > HIGHEST_NUMBER + 1)
      unreadable('a cross-reference table lists impossible objects');
    while (cursor.bytes[cursor.at] === 32) cursor.at++;
    if (cursor.bytes[cursor.at] === 13) cursor.at++;
    if (cursor.bytes[cursor.at] === 10) cursor.at++;
    for (let i = 0; i < count; i++) {
      const line = latin1(cursor.bytes, cursor.at, cursor.at + 20);
      // Twenty bytes, as 7.5.4 prescribes: readers that count lines and readers that count bytes see the same.
      const parts = /^(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)$/.exec(line);
      if (!parts) unreadable('a line of a cross-reference table is not as prescribed');
      if (entries.has(first + i)) unreadable(`a cross-reference table lists object ${first + i} twice`);
      entries.set(
        first + i,
        parts[3] === 'f' ? { kind: 'free' } : { kind: 'at', offset: Number(parts[1]), generation: Number(parts[2]) },
      );
      cursor.at += 20;
    }
  }
  const trailer = parseValue(cursor);
  if (!isKind(trailer, 'dict')) unreadable('a trailer is no dictionary');
  return { offset, entries, trailer, end: cursor.at };
}

function readStreamSection(cursor: Cursor, offset: number, budget: { left: number }): Section {
  const { number, value, end } = readObject(cursor, () => undefined);
  if (!isKind(value, 'stream') || nameOf(value.dict, 'Type') !== 'XRef')
    unreadable('startxref or Prev leads to no cross-reference section');
  const { entries: keys } = value.dict;
  const widths = keys.get('W');
  if (
    !isList(widths) ||
    widths.length !== 3 ||
    !widths.every((one): one is number => typeof one === 'number' && Number.isInteger(one) && one >= 0 && one <= 8)
  )
    unreadable('a cross-reference stream is not well-formed');
  const [kindWidth = 0, second = 0, third = 0] = widths;
  const width = kindWidth + second + third;
  const size = keys.get('Size');
  const index = keys.get('Index') ?? [0, size ?? 0];
  if (width === 0 || !isList(index) || index.length % 2 !== 0 || !index.every(isOffset))
    unreadable('a cross-reference stream is not well-formed');
  const data = decode(cursor.bytes, value, budget, true);
  const entries = new Map<number, Entry>();
  let at = 0;
  const field = (length: number): number => {
    let result = 0;
    for (let i = 0; i < length; i++) result = result * 256 + (data[at++] ?? 0);
    if (!Number.isSafeInteger(result)) unreadable('a cross-reference stream lists impossible objects');
    return result;
  };
  for (let section = 0; section < index.length; section += 2) {
    const [first, count] = [index[section] as number, index[section + 1] as number];
    if (first + count > HIGHEST_NUMBER + 1 || at + count * width > data.length)
      unreadable('a cross-reference stream lists impossible objects');
    for (let i = 0; i < count; i++) {
      const kind = kindWidth === 0 ? 1 : field(kindWidth);
      const [a, b] = [field(second), field(third)];
      if (entries.has(first + i)) unreadable(`a cross-reference stream lists object ${first + i} twice`);
      if (kind > 2) unreadable('a cross-reference stream has an entry of an unknown kind');
      entries.set(
        first + i,
        kind === 0
          ? { kind: 'free' }
          : kind === 1
            ? { kind: 'at', offset: a, generation: b }
            : { kind: 'in', stream: a, index: b },
      );
    }
  }
  if (at !== data.length) unreadable('a cross-reference stream holds more than it lists');
  return { offset, entries, trailer: value.dict, object: number, end };
}

export function nameOf(dict: PdfDict | undefined, key: string): string | undefined {
  const value = dict?.entries.get(key);
  return isKind(value, 'name') ? value.name : undefined;
}

/**
 * The indirect object at the cursor, whole.
 * @param length gives a stream's length that is a reference
 */
export function readObject(
  cursor: Cursor,
  length: (value: PdfValue) => number | undefined,
): { number: number; generation: number; value: PdfValue; end: number } {
  const start = cursor.at;
  const number = takeWhole(cursor);
  if (number === undefined) unreadable(`no object begins at byte ${start}`);
  skipSpace(cursor);
  const generation = takeWhole(cursor, 5);
  if (generation === undefined) unreadable(`no object begins at byte ${start}`);
  skipSpace(cursor);
  expectWord(cursor, 'obj');
  const value = parseValue(cursor);
  skipSpace(cursor);
  if (!isKind(value, 'dict') || !takeWord(cursor, 'stream')) {
    expectWord(cursor, 'endobj');
    return { number, generation, value, end: cursor.at };
  }
  if (cursor.bytes[cursor.at] === 13 && cursor.bytes[cursor.at + 1] === 10) cursor.at += 2;
  else if (cursor.bytes[cursor.at] === 10) cursor.at++;
  else unreadable(`the stream of object ${number} does not begin as prescribed`);
  const stated = value.entries.get('Length');
  const bytes = stated === undefined ? undefined : isOffset(stated) ? stated : length(stated);
  if (bytes === undefined || cursor.at + bytes > cursor.end)
    unreadable(`the stream of object ${number} states no length that fits`);
  const stream: PdfStream = { kind: 'stream', dict: value, start: cursor.at, end: cursor.at + bytes };
  cursor.at = stream.end;
  for (let i = 0; i < 2 && (cursor.bytes[cursor.at] === 13 || cursor.bytes[cursor.at] === 10); i++) cursor.at++;
  expectWord(cursor, 'endstream');
  skipSpace(cursor);
  expectWord(cursor, 'endobj');
  return { number, generation, value: stream, end: cursor.at };
}

/**
 * A stream's bytes, where it is not compressed or deflated; within what the file may unpack to.
 * @param exact whether the compressed bytes must end where the stream does
 * @throws Unreadable
 */
export function decode(bytes: Uint8Array, stream: PdfStream, budget: { left: number }, exact: boolean): Uint8Array {
  const raw = bytes.subarray(stream.start, stream.end);
  const { entries } = stream.dict;
  const given = entries.get('Filter');
  const filters = given === undefined ? [] : isList(given) ? given : [given];
  if (entries.has('F') || filters.length > 1) unreadable('a stream is packed in a way that is not read');
  if (filters.length === 0) return raw;
  if (!isKind(filters[0], 'name') || filters[0].name !== 'FlateDecode')
    unreadable('a stream is packed in a way that is not read');
  if (budget.left <= 0) unreadable('it unpacks to more than is accepted');
  let unpacked: Uint8Array;
  try {
    const result = inflateSync(raw, { maxOutputLength: budget.left, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (exact && result.engine.bytesWritten !== raw.length && !restIsSpace(raw, result.engine.bytesWritten))
      unreadable('a stream holds more than what is packed in it');
    unpacked = result.buffer;
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    unreadable('a stream does not unpack');
  }
  budget.left -= unpacked.length;
  const given2 = entries.get('DecodeParms');
  const parameters = isList(given2) ? given2[0] : given2;
  return isKind(parameters, 'dict') ? unpredict(unpacked, parameters) : unpacked;
}

function restIsSpace(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (!isSpace(bytes[i])) return false;
  return true;
}

/** Undoes the predictors of PNG (ISO 32000-2, 7.4.4.4) over single bytes. */
function unpredict(data: Uint8Array, parameters: PdfDict): Uint8Array {
  const number = (key: string, otherwise: number): number => {
    const value = parameters.entries.get(key) ?? otherwise;
    return typeof value === 'number' && Number.isInteger(value)
      ? value
      : unreadable('a stream has parameters that are not read');
  };
  const predictor = number('Predictor', 1);
  if (predictor === 1) return data;
  const columns = number('Columns', 1);
  if (
    predictor < 10 ||
    columns < 1 ||
    columns > 1_000_000 ||
    number('Colors', 1) !== 1 ||
    number('BitsPerComponent', 8) !== 8
  )
    unreadable('a stream has parameters that are not read');
  const rows = Math.floor(data.length / (columns + 1));
  if (rows * (columns + 1) !== data.length) unreadable('a stream has a row that is cut off');
  const out = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const kind = data[row * (columns + 1)] ?? 0;
    if (kind > 4) unreadable('a stream has parameters that are not read');
    for (let i = 0; i < columns; i++) {
      const left = i > 0 ? (out[row * columns + i - 1] ?? 0) : 0;
      const up = row > 0 ? (out[(row - 1) * columns + i] ?? 0) : 0;
      const corner = row > 0 && i > 0 ? (out[(row - 1) * columns + i - 1] ?? 0) : 0;
      const add =
        kind === 0 ? 0 : kind === 1 ? left : kind === 2 ? up : kind === 3 ? (left + up) >> 1 : paeth(left, up, corner);
      out[row * columns + i] = (data[row * (columns + 1) + 1 + i] ?? 0) + add;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** What a section and those before it say of an object. @param from the newest section that counts */
export function entryOf(file: PdfFile, number: number, from: number): Entry | undefined {
  for (let i = from; i < file.sections.length; i++) {
    const entry = file.sections[i]?.entries.get(number);
    if (entry) return entry.kind === 'free' ? undefined : entry;
  }
  return undefined;
}

/** The value of an object in the state of the file that a section made; null where there is none. @throws Unreadable */
export function objectOf(file: PdfFile, number: number, from: number, nested = 0): PdfValue {
  const entry = entryOf(file, number, from);
  if (entry === undefined || entry.kind === 'free') return null;
  if (nested > 4) unreadable('objects lead in a circle');
  const key = entry.kind === 'at' ? `${number}@${entry.offset}` : `${number}@${from}:${entry.stream}/${entry.index}`;
  const known = file.cache.get(key);
  if (known !== undefined) return known;
  const value =
    entry.kind === 'at'
      ? objectAt(file, number, entry, from, nested)
      : objectIn(file, number, entry.index, objectStream(file, entry.stream, from, nested));
  file.cache.set(key, value);
  return value;
}

function objectAt(
  file: PdfFile,
  number: number,
  { offset, generation }: Extract<Entry, { kind: 'at' }>,
  from: number,
  nested: number,
): PdfValue {
  const found = readObject(cursorAt(file.bytes, offset), (length) => {
    const value = isKind(length, 'ref') ? objectOf(file, length.number, from, nested + 1) : undefined;
    return typeof value === 'number' && isOffset(value) ? value : undefined;
  });
  if (found.number !== number || found.generation !== generation)
    unreadable(`the cross-reference of object ${number} leads to another object`);
  return found.value;
}

function objectIn(file: PdfFile, number: number, index: number, { decoded, objects }: ObjectStream): PdfValue {
  const place = objects[index];
  if (place?.number !== number) unreadable(`the cross-reference of object ${number} leads to another object`);
  const cursor: Cursor = { bytes: decoded, at: place.start, end: place.end, comments: false };
  const value = parseValue(cursor);
  skipSpace(cursor);
  if (cursor.at !== place.end) unreadable(`object ${number} holds more than one value`);
  return file.budget.left < 0 ? unreadable('it unpacks to more than is accepted') : value;
}

/** An object stream (7.5.7), its objects in their order. @throws Unreadable */
export function objectStream(file: PdfFile, number: number, from: number, nested = 0): ObjectStream {
  const entry = entryOf(file, number, from);
  if (entry?.kind !== 'at') unreadable(`object ${number} is no object stream`);
  const known = file.streams.get(entry.offset);
  if (known) return known;
  const value = objectOf(file, number, from, nested + 1);
  if (!isKind(value, 'stream') || nameOf(value.dict, 'Type') !== 'ObjStm')
    unreadable(`object ${number} is no object stream`);
  const [count, first] = ['N', 'First'].map((key) => value.dict.entries.get(key));
  const decoded = decode(file.bytes, value, file.budget, true);
  if (
    typeof count !== 'number' ||
    typeof first !== 'number' ||
    first > decoded.length ||
    !(count >= 0 && count <= first)
  )
    unreadable(`the object stream ${number} is not well-formed`);
  const cursor: Cursor = { bytes: decoded, at: 0, end: first, comments: false };
  const places: { number: number; start: number }[] = [];
  for (let i = 0; i < count; i++) {
    skipSpace(cursor);
    const object = takeWhole(cursor);
    skipSpace(cursor);
    const start = takeWhole(cursor);
    if (object === undefined || start === undefined) unreadable(`the object stream ${number} is not well-formed`);
    places.push({ number: object, start: first + start });
  }
  skipSpace(cursor);
  if (cursor.at !== first) unreadable(`the object stream ${number} is not well-formed`);
  const objects = places.map((place, i) => ({ ...place, end: places[i + 1]?.start ?? decoded.length }));
  if (objects.some(({ start, end }, i) => start > end || (i === 0 && start !== first)))
    unreadable(`the object stream ${number} is not well-formed`);
  const stream = { decoded, objects };
  file.streams.set(entry.offset, stream);
  return stream;
}

/** A value with a reference followed. @throws Unreadable */
export function resolve(file: PdfFile, value: PdfValue | undefined, from: number): PdfValue {
  let current = value ?? null;
  for (let i = 0; isKind(current, 'ref'); i++) {
    if (i > 8) unreadable('references lead in a circle');
    const entry = entryOf(file, current.number, from);
    if (entry?.kind === 'at' && entry.generation !== current.generation) return null;
    current = objectOf(file, current.number, from);
  }
  return current;
}

/** The dictionary that a value is or refers to. */
export function dictOf(file: PdfFile, value: PdfValue | undefined, from: number): PdfDict | undefined {
  const found = resolve(file, value, from);
  return isKind(found, 'dict') ? found : undefined;
}

/** The list that a value is or refers to; an empty one where there is none. */
export function listOf(file: PdfFile, value: PdfValue | undefined, from: number): readonly PdfValue[] {
  const found = resolve(file, value, from);
  return isList(found) ? found : [];
}
