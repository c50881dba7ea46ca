import { type ErrorCode, messageOf, ProbityError } from '../errors.ts';
import { forbiddenKey, type Plain } from './yaml.ts';

/**
 * Lists and records that one document may hold: an inventory of 100,000 identities with a million entitlements has four
 * million. Each takes up to a hundred bytes once parsed, whatever its three characters in the text were.
 */
const MOST_CONTAINERS = 6_000_000;
const MOST_VALUES = 20_000_000;
/** Below this size no text can hold too many. */
const COUNT_FROM = 2 * MOST_CONTAINERS;

/**
 * Parses one JSON document as plain data, without prototype keys, within bounds of depth and of count.
 * @throws ProbityError with the given code, naming file and place; it repeats nothing of the text
 */
export function parseJson(text: string, file: string, code: ErrorCode): Plain {
  if (text.length > COUNT_FROM && holdsTooMuch(text))
    throw new ProbityError(
      code,
      `more than ${MOST_CONTAINERS} lists and records, or ${MOST_VALUES} values, in one document`,
      { where: file, remedy: 'Split it into several files' },
    );
  let value: Plain;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const line = /\(line (\d+) column \d+\)/.exec(messageOf(error))?.[1];
    const cut = /end of JSON input|Unterminated/.test(messageOf(error));
    throw new ProbityError(code, `not valid JSON${cut ? ': it ends before it is complete' : ''}`, {
      where: line === undefined ? file : `${file}:${line}`,
    });
  }
  const bad = forbiddenKey(value, '');
  if (bad === undefined) return value;
  throw bad.length > 400
    ? new ProbityError(code, 'lists are nested too deep', { where: file })
    : new ProbityError(code, `the key at ${bad} is not allowed`, { where: file });
}

/**
 * The same for JSON that Python's `json` wrote, which lets numbers be `NaN` and `Infinity`: those become null.
 * @throws ProbityError as {@link parseJson}
 */
export function parsePythonJson(text: string, file: string, code: ErrorCode): Plain {
  return parseJson(withoutNonNumbers(text, 'null'), file, code);
}

/** JSON with something else in place of the numbers that are none, which Python writes as bare words. */
export function withoutNonNumbers(text: string, instead: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)\b/g, (token) => (token.startsWith('"') ? token : instead));
}

const [QUOTE, BACKSLASH, SPACE, MINUS, CAPITAL_N, CAPITAL_I] = [34, 92, 32, 45, 78, 73];

/**
 * Makes plain JSON of what Python wrote while it streams by: `NaN` and `Infinity`, which stand outside of texts alone,
 * become empty texts of the same length, so that places stay what they are.
 */
export class PythonBytes {
  #inText = false;
  #escaped = false;
  /** How many bytes of such a word have gone by. */
  #word = 0;

  /** Changes the bytes in place, and returns them. */
  plain(bytes: Buffer): Buffer {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inText = false;
      } else if (byte === QUOTE) this.#inText = true;
      else if (this.#word > 0 || byte === CAPITAL_N || byte === CAPITAL_I) this.#inWord(bytes, i, byte);
    }
    return bytes;
  }

  #inWord(bytes: Buffer, i: number, byte: number): void {
    const letter = (byte | 32) >= 97 && (byte | 32) <= 122;
    if (!letter) {
      this.#word = 0;
      return;
    }
    if (this.#word === 0 && i > 0 && bytes[i - 1] === MINUS) bytes[i - 1] = SPACE;
    bytes[i] = this.#word < 2 ? QUOTE : SPACE;
    this.#word++;
  }
}

/** Counts by the characters that begin or part values, those in texts included. */
function holdsTooMuch(text: string): boolean {
  let containers = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 44) values++;
    else if (c === 123 || c === 91) containers++;
  }
  return containers > MOST_CONTAINERS || values > MOST_VALUES;
}

/** Whether a key stands twice in one record, of which programs take one or the other. @param value what the text parses to */
export function repeatsKeys(text: string, value: unknown): boolean {
  let written = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g)) if (colon) written++;
  let kept = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) kept += Object.keys(next).length;
    for (const one of Object.values(next)) if (typeof one === 'object' && one !== null) open.push(one);
  }
  return written !== kept;
}
