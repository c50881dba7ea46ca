import { JSONParser, type ParsedElementInfo, TokenType } from '@streamparser/json';
import { ProbityError } from '../errors.ts';
import { PythonBytes, withoutNonNumbers } from './json.ts';

/** What one value that a stream hands out may hold; all of it is in memory at once. */
const STREAMED = { depth: 200, values: 1_000_000, bytes: 64 * 2 ** 20 } as const;

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_RECORD, CLOSE_RECORD] = [34, 92, 44, 91, 93, 123, 125];

/** Whether steps lead to a value, or to one around it. */
const leadsTo = (steps: readonly string[], keys: readonly (string | number | undefined)[]): boolean =>
  steps.every((step, i) => step === '*' || step === keys[i]);

/** Where a value stood: what the parser says of it. */
type Found = Pick<ParsedElementInfo, 'value' | 'key' | 'stack'>;

export interface JsonStreamOptions {
  /** As it is shown. */
  file: string;
  /** Told the name of each field of the root, before anything in it. */
  onField?: ((name: string) => void) | undefined;
  /** Whether Python wrote it, in which a number may be `NaN` or `Infinity`: those come out as empty texts. */
  python?: boolean;
}

/**
 * Hands out the values at some paths of a JSON document while it streams by, and holds no more than a piece and one value.
 *
 * The parser of tokens sees the outer levels alone. A list or record as deep as the deepest path is cut out by its brackets,
 * a number stands in its place, and it is parsed at once by `JSON.parse`, which is ten times as fast. Whether it is handed
 * out or not, all of it has to be JSON. Where one path leads to what is around another's values, that comes without those
 * which were handed out before: a list, for example, with nothing in their places.
 */
export class JsonRecords {
  onValue: (found: Found) => void = () => undefined;
  onError: (error: unknown) => void = () => undefined;
  onEnd: () => void = () => undefined;

  readonly #parser: JSONParser;
  readonly #options: JsonStreamOptions;
  readonly #python: PythonBytes | undefined;
  /** How many containers are open around what is cut out. */
  readonly #cutDepth: number;
  #depth = 0;
  #inText = false;
  /** The next byte of a text stands behind a backslash. */
  #escaped = false;
  /** Pieces of what is being cut out, from earlier chunks. */
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  #values = 0;
  /** What the outer levels hold since a value was last handed out. */
  #held = 0;
  /** What was cut out of the chunk at hand, by its number. */
  readonly #cut = new Map<number, Buffer>();
  /** Of earlier chunks, parsed: parts of a value that has not ended yet. */
  readonly #kept = new Map<number, unknown>();
  #number = 0;
  readonly #paths: readonly string[][];

  /** @param paths such as `$.results.*`; at least one step each */
  constructor(paths: readonly string[], options: JsonStreamOptions) {
    this.#options = options;
    this.#paths = paths.map((path) => path.split('.').slice(1));
    this.#cutDepth = Math.max(...this.#paths.map((steps) => steps.length));
    this.#python = options.python ? new PythonBytes() : undefined;
    this.#parser = new JSONParser({ paths: [...paths], keepStack: false });
    this.#parser.onError = (error) => {
      this.onError(error);
    };
    this.#parser.onEnd = () => {
      this.onEnd();
    };
    this.#parser.onValue = ({ value, key, stack }) => {
      this.#held = 0;
      const whole = this.#whole(value, this.#cutDepth - stack.length);
      this.onValue({ value: whole as Found['value'], key, stack });
    };
    this.#watchTokens();
  }

  /** Takes the next piece of the document, of which nothing is kept. @throws whatever `onValue` throws */
  write(chunk: Buffer): void {
    const outside: Buffer[] = [];
    // Where what is passed on, or what is being cut out, begins in this chunk.
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (this.#inText) {
        i = this.#textEnd(chunk, i);
        continue;
      }
      const byte = chunk[i] as number;
      if (byte === QUOTE) this.#inText = true;
      else if (byte === OPEN_LIST || byte === OPEN_RECORD) {
        if (this.#depth === this.#cutDepth) {
          outside.push(chunk.subarray(from, i));
          from = i;
        }
        this.#depth++;
        this.#count();
      } else if (byte === CLOSE_LIST || byte === CLOSE_RECORD) {
        this.#depth--;
        if (this.#depth === this.#cutDepth) {
          outside.push(this.#cutOut(chunk.subarray(from, i + 1)));
          from = i + 1;
        }
      } else if (byte === COMMA) this.#count();
    }
    if (this.#depth > this.#cutDepth) this.#carry(chunk.subarray(from));
    else outside.push(chunk.subarray(from));
    const passed = Buffer.concat(outside);
    this.#parser.write(this.#python ? this.#python.plain(passed) : passed);
    // What waits for the rest of the value that it belongs to outlives this chunk.
    for (const number of [...this.#cut.keys()]) this.#kept.set(number, this.#parsed(number));
  }

  /** The index of the quote that ends a text, or of the chunk's last byte. */
  #textEnd(chunk: Buffer, start: number): number {
    let from = start;
    if (this.#escaped) {
      this.#escaped = false;
      from++;
    }
    for (;;) {
      const end = chunk.indexOf(QUOTE, from);
      const last = end === -1 ? chunk.length : end;
      let first = last;
      while (first > from && chunk[first - 1] === BACKSLASH) first--;
      const escaped = (last - first) % 2 === 1;
      if (end === -1) {
        this.#escaped = escaped;
        return chunk.length - 1;
      }
      if (!escaped) {
        this.#inText = false;
        return end;
      }
      from = end + 1;
    }
  }

  #count(): void {
    if (this.#depth <= this.#cutDepth) return;
    if (++this.#values > STREAMED.values) this.#tooLarge('one result holds more than is accepted');
    if (this.#depth > STREAMED.depth) this.#tooLarge('lists are nested too deep');
  }

  #carry(piece: Buffer): void {
    this.#carriedBytes += piece.length;
    if (this.#carriedBytes > STREAMED.bytes) this.#tooLarge('one result holds more than is accepted');
    this.#carried.push(Buffer.from(piece));
  }

  /** Takes what was cut out, and gives what stands in its place. */
  #cutOut(last: Buffer): Buffer {
    const number = this.#number++;
    this.#cut.set(number, this.#carried.length === 0 ? last : Buffer.concat([...this.#carried, last]));
    this.#carried = [];
    this.#carriedBytes = 0;
    this.#values = 0;
    return Buffer.from(`{"":${number}}`);
  }

  /** A value with what was cut out of it in its place again. @param levels how far down that stood */
  #whole(value: unknown, levels: number): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (levels === 0) return this.#parsed((value as { '': number })['']);
    for (const [key, part] of Object.entries(value))
      if (typeof part === 'object') (value as Record<string, unknown>)[key] = this.#whole(part, levels - 1);
    return value;
  }

  /** Whether a value on this way down, or one around it, is handed out. @param keys from depth 1 on; none in a list */
  #wanted(keys: readonly (string | undefined)[]): boolean {
    return this.#paths.some((steps) => leadsTo(steps, keys.slice(1)));
  }

  /** What was cut out; undefined once it was handed out. @throws SyntaxError for what is no JSON; it repeats nothing of it */
  #parsed(number: number): unknown {
    const kept = this.#kept.get(number);
    const text = this.#cut.get(number)?.toString('utf8');
    this.#kept.delete(number);
    this.#cut.delete(number);
    if (text === undefined) return kept;
    try {
      return JSON.parse(this.#python ? withoutNonNumbers(text, '""') : text);
    } catch {
      throw new SyntaxError('a list or record that is none');
    }
  }

  /** Bounds what the outer levels hold, and tells the fields of the root. */
  #watchTokens(): void {
    const { onField } = this.#options;
    let depth = 0;
    let last: unknown;
    const keys: (string | undefined)[] = [];
    this.#parser.onToken = ({ token, value }) => {
      // A text before a colon, within nothing but the root, is the name of one of its fields.
      if (onField && depth === 1 && token === TokenType.COLON && typeof last === 'string') onField(last);
      if (token === TokenType.COLON && typeof last === 'string') keys[depth] = last;
      last = value;
      // What nobody asked for has to be JSON as well.
      if (depth > this.#cutDepth && token === TokenType.NUMBER && !this.#wanted(keys)) this.#parsed(Number(value));
      if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) keys[++depth] = undefined;
      else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) {
        depth--;
        // Between two results nothing is held but the way down to them.
        if (depth <= 4) this.#held = 0;
      }
      if (++this.#held > STREAMED.values) this.#tooLarge('one result holds more than is accepted');
    };
  }

  #tooLarge(message: string): never {
    throw new ProbityError('EVIDENCE_TOO_LARGE', message, { where: this.#options.file });
  }
}
