/*
 * The syntax of PDF objects (ISO 32000-2, 7.2 and 7.3), read as written: nothing is repaired, guessed or searched for. Work and
 * depth are bounded by the bytes.
 */

interface PdfName {
  kind: 'name';
  name: string;
}
interface PdfString {
  kind: 'string';
  /** One character per byte. */
  bytes: string;
  hex: boolean;
  /** Where it stands, its delimiters included. */
  start: number;
  end: number;
}
export interface PdfRef {
  kind: 'ref';
  number: number;
  generation: number;
}
export interface PdfDict {
  kind: 'dict';
  entries: ReadonlyMap<string, PdfValue>;
}
/** A stream's dictionary, and where its bytes stand. */
export interface PdfStream {
  kind: 'stream';
  dict: PdfDict;
  start: number;
  end: number;
}
export type PdfValue =
  | null
  | boolean
  | number
  | PdfName
  | PdfString
  | PdfRef
  | PdfDict
  | PdfStream
  | readonly PdfValue[];

/** What makes a PDF one that readers do not agree on. It never leaves this room. */
export class Unreadable extends Error {}

export function unreadable(why: string): never {
  throw new Unreadable(why);
}

const MOST_NESTED = 100;
const LONGEST_NUMBER = 32;

/** A place in the bytes, moved on by what is read. */
export interface Cursor {
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Whether comments may stand between tokens. */
  comments: boolean;
}

export function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9 || byte === 12 || byte === 0;
}

/** Delimiters: ( ) < > [ ] { } / % */
function isDelimiter(byte: number): boolean {
  return (
    byte === 40 ||
    byte === 41 ||
    byte === 60 ||
    byte === 62 ||
    byte === 91 ||
    byte === 93 ||
    byte === 123 ||
    byte === 125 ||
    byte === 47 ||
    byte === 37
  );
}

function isDigit(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function peek(cursor: Cursor, ahead = 0): number | undefined {
  return cursor.at + ahead < cursor.end ? cursor.bytes[cursor.at + ahead] : undefined;
}

export function skipSpace(cursor: Cursor): void {
  for (;;) {
    while (isSpace(peek(cursor))) cursor.at++;
    if (!cursor.comments || peek(cursor) !== 37) return;
    while (peek(cursor) !== undefined && peek(cursor) !== 10 && peek(cursor) !== 13) cursor.at++;
  }
}

/** Whether these letters stand here, and are a word of their own; moves past them when they do. */
export function takeWord(cursor: Cursor, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (peek(cursor, i) !== word.charCodeAt(i)) return false;
  const next = peek(cursor, word.length);
  if (next !== undefined && !isSpace(next) && !isDelimiter(next)) return false;
  cursor.at += word.length;
  return true;
}

export function expectWord(cursor: Cursor, word: string): void {
  if (!takeWord(cursor, word)) unreadable(`"${word}" is missing at byte ${cursor.at}`);
}

/** A whole number without a sign, of at most so many digits. */
export function takeWhole(cursor: Cursor, digits = 10): number | undefined {
  let value = 0;
  let count = 0;
  while (isDigit(peek(cursor, count))) {
    if (++count > digits) return undefined;
    value = value * 10 + ((peek(cursor, count - 1) as number) - 48);
  }
  if (count === 0) return undefined;
  cursor.at += count;
  return value;
}

/** One value at the cursor. @throws Unreadable */
export function parseValue(cursor: Cursor, depth = 0): PdfValue {
  if (depth > MOST_NESTED) unreadable('lists are nested too deep');
  skipSpace(cursor);
  const byte = peek(cursor);
  switch (byte) {
    case undefined:
      return unreadable('it ends in the middle of an object');
    case 47:
      return parseName(cursor);
    case 40:
      return parseLiteral(cursor);
    case 60:
      return peek(cursor, 1) === 60 ? parseDict(cursor, depth) : parseHex(cursor);
    case 91: {
      cursor.at++;
      const items: PdfValue[] = [];
      for (;;) {
        skipSpace(cursor);
        if (peek(cursor) === 93) break;
        items.push(parseValue(cursor, depth + 1));
      }
      cursor.at++;
      return items;
    }
    default:
      if (takeWord(cursor, 'true')) return true;
      if (takeWord(cursor, 'false')) return false;
      if (takeWord(cursor, 'null')) return null;
      return parseNumberOrRef(cursor);
  }
}

function parseNumberOrRef(cursor: Cursor): number | PdfRef {
  const start = cursor.at;
  const number = takeWhole(cursor);
  if (number !== undefined && isSpace(peek(cursor))) {
    const after = cursor.at;
    skipSpace(cursor);
    const generation = takeWhole(cursor, 5);
    if (generation !== undefined && isSpace(peek(cursor))) {
      skipSpace(cursor);
      if (takeWord(cursor, 'R')) return { kind: 'ref', number, generation };
    }
    cursor.at = after;
    return number;
  }
  cursor.at = start;
  let text = '';
  for (;;) {
    const byte = peek(cursor);
    if (byte === undefined || isSpace(byte) || isDelimiter(byte)) break;
    if (text.length >= LONGEST_NUMBER) unreadable(`a number or word is too long at byte ${start}`);
    text += String.fromCharCode(byte);
    cursor.at++;
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) unreadable(`byte ${start} begins no value`);
  return Number(text);
}

function parseName(cursor: Cursor): PdfName {
  cursor.at++;
  const start = cursor.at;
  for (let byte = peek(cursor); byte !== undefined && !isSpace(byte) && !isDelimiter(byte); byte = peek(cursor))
    cursor.at++;
  const written = latin1(cursor.bytes, start, cursor.at);
  return {
    kind: 'name',
    name: written.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  };
}

function parseHex(cursor: Cursor): PdfString {
  const start = cursor.at;
  let close = cursor.at + 1;
  while (close < cursor.end && cursor.bytes[close] !== 62) close++;
  if (close >= cursor.end) unreadable('a text does not end');
  const digits = latin1(cursor.bytes, start + 1, close).replace(/[\0\t\n\f\r ]/g, '');
  if (/[^0-9A-Fa-f]/.test(digits)) unreadable(`a text in hexadecimal holds something else at byte ${start}`);
  cursor.at = close + 1;
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex').toString('latin1');
  return { kind: 'string', bytes, hex: true, start, end: cursor.at };
}

const ESCAPES = new Map([
  [110, '\n'],
  [114, '\r'],
  [116, '\t'],
  [98, '\b'],
  [102, '\f'],
]);

function parseLiteral(cursor: Cursor): PdfString {
  const start = cursor.at++;
  const out: string[] = [];
  for (let open = 1; ; ) {
    const byte = peek(cursor);
    if (byte === undefined) unreadable('a text does not end');
    cursor.at++;
    if (byte === 92) {
      const next = peek(cursor);
      if (next === undefined) unreadable('a text does not end');
      cursor.at++;
      if (next >= 48 && next <= 55) {
        let code = next - 48;
        for (let i = 0; i < 2; i++) {
          const digit = peek(cursor);
          if (digit === undefined || digit < 48 || digit > 55) break;
          code = code * 8 + digit - 48;
          cursor.at++;
        }
        out.push(String.fromCharCode(code & 255));
      } else if (next === 13) {
        if (peek(cursor) === 10) cursor.at++;
      } else if (next !== 10) out.push(ESCAPES.get(next) ?? String.fromCharCode(next));
      continue;
    }
    if (byte === 40) open++;
    if (byte === 41 && --open === 0) break;
    if (byte === 13) {
      if (peek(cursor) === 10) cursor.at++;
      out.push('\n');
    } else out.push(String.fromCharCode(byte));
  }
  return { kind: 'string', bytes: out.join(''), hex: false, start, end: cursor.at };
}

function parseDict(cursor: Cursor, depth: number): PdfDict {
  cursor.at += 2;
  const entries = new Map<string, PdfValue>();
  for (;;) {
    skipSpace(cursor);
    if (peek(cursor) === 62 && peek(cursor, 1) === 62) break;
    if (peek(cursor) !== 47) unreadable(`a dictionary holds something that is no key at byte ${cursor.at}`);
    const { name } = parseName(cursor);
    // Readers differ in which of two they take.
    if (entries.has(name)) unreadable(`a dictionary has the key ${name} twice`);
    entries.set(name, parseValue(cursor, depth + 1));
  }
  cursor.at += 2;
  return { kind: 'dict', entries };
}

/** Bytes as text, one character each; no further than they go. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  const part = bytes.subarray(start, Math.max(start, end));
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('latin1');
}

export function isKind<K extends 'name' | 'string' | 'ref' | 'dict' | 'stream'>(
  value: PdfValue | undefined,
  kind: K,
): value is Extract<PdfValue, { kind: K }> {
  return typeof value === 'object' && value !== null && !isList(value) && value.kind === kind;
}

export function isList(value: PdfValue | undefined): value is readonly PdfValue[] {
  return Array.isArray(value);
}

/** A string in UTF-16 whose characters the other encoding (ISO 32000-2, annex D.2) has at the same place, as it has them. */
function inOneByte(bytes: string): string {
  if (!bytes.startsWith('\u00fe\u00ff') || bytes.length % 2 !== 0) return bytes;
  let text = '';
  for (let i = 2; i < bytes.length; i += 2) {
    const low = bytes.charCodeAt(i + 1);
    const same = (low >= 0x20 && low <= 0x7e) || (low >= 0xa1 && low !== 0xad);
    if (bytes.charCodeAt(i) !== 0 || !same) return bytes;
    text += bytes.charAt(i + 1);
  }
  return text;
}

/**
 * One text for equal values, whatever their spelling; a stream's stands for its dictionary alone.
 * @param asText whether strings are texts for people, which are equal in either encoding
 */
export function canonicalValue(value: PdfValue | undefined, asText = false): string {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number')
    return String(value);
  if (isList(value)) return `[${value.map((one) => canonicalValue(one, asText)).join(' ')}]`;
  switch (value.kind) {
    case 'name':
      return `/${JSON.stringify(value.name)}`;
    case 'string':
      return JSON.stringify(asText ? inOneByte(value.bytes) : value.bytes);
    case 'ref':
      return `${value.number} ${value.generation} R`;
    case 'dict':
      return `<<${[...value.entries]
        .filter(([, one]) => one !== null)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, one]) => `${JSON.stringify(key)} ${canonicalValue(one, asText)}`)
        .join(' ')}>>`;
    case 'stream':
      return `stream ${canonicalValue(value.dict)}`;
  }
}

/** A text string (ISO 32000-2, 7.9.2.2) as text. */
export function textOfString(value: PdfValue | undefined): string | undefined {
  if (!isKind(value, 'string')) return undefined;
  const bytes = Buffer.from(value.bytes, 'latin1');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
    return Buffer.from(even).swap16().toString('utf16le');
  }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3).toString('utf8');
  return value.bytes;
}
