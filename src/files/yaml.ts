import {
  type AliasEvent,
  dump,
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  SCALAR_STYLE_PLAIN,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from 'js-yaml';
import type { z } from 'zod';
import { type ErrorCode, ProbityError } from '../errors.ts';
import { check, firstIssue } from '../schema.ts';

/** A value that YAML and JSON can both hold. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** What one text may hold. Counted in things, not in seconds, so that a file is accepted everywhere or nowhere. */
const LIMITS = {
  /** Lists within lists, as for JSON. */
  depth: 200,
  /** Uses of anchors, and what they may add up to in values. */
  aliases: 50,
  aliasedValues: 10_000,
  /** Characters that can begin a value: colons, commas, dashes, brackets, line ends. About 20 MB of ordinary YAML. */
  marks: 3_000_000,
} as const;

/** A parsed YAML text and the means to say on which line a part of it stands. */
export interface YamlText {
  value: Plain;
  /** The 1-based line of a JSON pointer's node, or of its nearest ancestor. */
  lineOf(pointer: string): number;
}

/**
 * Parses one YAML 1.2 document as plain data: core schema only (dates stay text), no custom tags, at most 50 alias
 * expansions, no duplicate or prototype keys. Time and memory grow with the text and no faster.
 * @throws ProbityError with the given code, naming file and line
 */
export function parseYaml(text: string, file: string, code: ErrorCode): YamlText {
  const fail = (message: string, offset: number, remedy?: string): never => {
    throw new ProbityError(code, message, {
      where: `${file}:${lineAt(text, offset)}`,
      ...(remedy ? { remedy } : {}),
    });
  };
  if (marksExceed(text, LIMITS.marks))
    fail(`more than ${LIMITS.marks} values or lines, which is too much for YAML`, 0, 'Write the same as JSON');
  const events = eventsOf(text, fail);
  const value = new Composer(text, events, fail).document();
  return { value, lineOf: (pointer) => lineAt(text, offsetOf(text, events, pointer)) };
}

/** One document of a text that holds several. */
export interface YamlDocument extends YamlText {
  /** The 1-based line of the text on which the document begins. */
  line: number;
}

/**
 * Parses the documents of a YAML text one after the other, each within the bounds of {@link parseYaml}; lines are those of
 * the whole text. Empty documents are passed over.
 * @throws ProbityError as {@link parseYaml} does
 */
export function* yamlDocuments(text: string, file: string, code: ErrorCode): Generator<YamlDocument> {
  let line = 1;
  for (let from = 0; from <= text.length; ) {
    const mark = /^---(?=[ \t\r\n]|$)[^\n]*/gm;
    mark.lastIndex = from === 0 ? 0 : from + 3;
    // A mark at the very beginning opens the first document and ends none.
    let next = mark.exec(text);
    if (next !== null && next.index === from) next = mark.exec(text);
    const end = next?.index ?? text.length;
    const part = text.slice(from, end);
    if (/^(?!---|\s*#|\s*$|%|\.\.\.)/m.test(part) || /^---[ \t]+[^#\s]/.test(part)) {
      const before = line;
      const parsed = parsePart(part, file, code, before - 1);
      yield { value: parsed.value, line: before, lineOf: (pointer) => parsed.lineOf(pointer) + before - 1 };
    }
    if (next === null) return;
    for (let at = part.indexOf('\n'); at !== -1; at = part.indexOf('\n', at + 1)) line++;
    from = end;
  }
}

/** A document, with lines in errors counted from the beginning of the text that it is part of. */
function parsePart(part: string, file: string, code: ErrorCode, before: number): YamlText {
  try {
    return parseYaml(part, file, code);
  } catch (error) {
    const line = error instanceof ProbityError ? /:(\d+)$/.exec(error.where ?? '')?.[1] : undefined;
    if (!(error instanceof ProbityError) || line === undefined) throw error;
    throw new ProbityError(error.code, error.message, {
      where: `${file}:${Number(line) + before}`,
      ...(error.remedy ? { remedy: error.remedy } : {}),
    });
  }
}

type Fail = (message: string, offset: number, remedy?: string) => never;

function eventsOf(text: string, fail: Fail): Event[] {
  try {
    return parseEvents(text, { maxDepth: LIMITS.depth });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return fail(`not valid YAML: ${error.reason.split('\n')[0]}`, error.mark?.position ?? 0);
  }
}

/** Whether a text holds more than so many characters at which a value can begin or end. */
function marksExceed(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let marks = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if ((c === 44 || c === 58 || c === 10 || c === 45 || c === 91 || c === 123 || c === 63) && ++marks > limit)
      return true;
  }
  return false;
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

const YAML_TAG = 'tag:yaml.org,2002:';
const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:true|True|TRUE)$/;
const FALSE = /^(?:false|False|FALSE)$/;
const INTEGER = /^[-+]?\d+$/;
const BASED = /^0(?:o[0-7]+|x[\da-fA-F]+)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;
/** No value of ours needs more digits; a run of them would take time that grows with its square. */
const LONGEST_NUMBER = 400;

/** A plain scalar by the core schema (YAML 1.2.2, 10.3.2). */
function coreValue(text: string): Plain {
  const first = text.charCodeAt(0);
  // Most texts begin with a letter that begins no null, boolean or number.
  if (first > 122 || (first >= 65 && !/^[tTfFnN~]/.test(text))) return text === '~' ? null : text;
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (text.length > LONGEST_NUMBER) return text;
  if (INTEGER.test(text) || BASED.test(text) || FLOAT.test(text)) return Number(text);
  if (INFINITE.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return NOT_A_NUMBER.test(text) ? Number.NaN : text;
}

type Node = ScalarEvent | SequenceEvent | MappingEvent;

/** Plain values out of the parser's events, with their sizes, so that aliases cannot multiply. */
class Composer {
  #text: string;
  #events: readonly Event[];
  #fail: Fail;
  #at = 0;
  /** Values made so far, aliased ones counted each time. */
  #values = 0;
  #aliases = 0;
  #aliased = 0;
  #anchors = new Map<string, { value: Plain; size: number }>();

  constructor(text: string, events: readonly Event[], fail: Fail) {
    this.#text = text;
    this.#events = events;
    this.#fail = fail;
  }

  document(): Plain {
    if (this.#events.length === 0) return null;
    this.#at = 1;
    const value = this.#events[1]?.type === EVENT_POP ? null : this.#value();
    // What is left closes the document; anything else begins another one.
    const next = this.#events[this.#at + 1];
    if (next?.type === EVENT_DOCUMENT) {
      const first = this.#events.slice(this.#at + 2).find((event) => event.type !== EVENT_DOCUMENT);
      this.#fail('more than one document in one file', startOf(first));
    }
    return value;
  }

  #value(): Plain {
    const event = this.#events[this.#at++];
    if (event === undefined || event.type === EVENT_POP || event.type === EVENT_DOCUMENT)
      return this.#fail('a value is missing', this.#text.length);
    if (event.type === EVENT_ALIAS) return this.#alias(event);
    const before = this.#values++;
    const value =
      event.type === EVENT_SCALAR
        ? this.#scalar(event)
        : event.type === EVENT_SEQUENCE
          ? this.#sequence(event)
          : this.#mapping(event);
    if (event.anchorStart >= 0)
      this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), { value, size: this.#values - before });
    return value;
  }

  #alias({ anchorStart, anchorEnd }: AliasEvent): Plain {
    const found = this.#anchors.get(this.#text.slice(anchorStart, anchorEnd));
    if (!found) return this.#fail('an alias names no anchor before it', anchorStart);
    this.#values += found.size;
    this.#aliased += found.size;
    if (++this.#aliases > LIMITS.aliases || this.#aliased > LIMITS.aliasedValues)
      this.#fail('not acceptable YAML: its aliases expand too far', anchorStart, 'Write the values out');
    return found.value;
  }

  #scalar(event: ScalarEvent): Plain {
    const text = getScalarValue(this.#text, event);
    const tag = this.#tag(event);
    const plain = event.style === SCALAR_STYLE_PLAIN;
    if (tag === undefined) return plain ? coreValue(text) : text;
    const value = tag === 'str' ? text : coreValue(text);
    const type = value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value;
    const fits =
      tag === 'str' || tag === type || (type === 'number' && (tag === 'float' || (tag === 'int' && isWhole(value))));
    return fits ? value : this.#fail(`!!${tag} does not fit the value`, event.tagStart);
  }

  #sequence(event: SequenceEvent): Plain {
    this.#kind(event, 'seq');
    const items: Plain[] = [];
    while (this.#events[this.#at]?.type !== EVENT_POP) items.push(this.#value());
    this.#at++;
    return items;
  }

  #mapping(event: MappingEvent): Plain {
    this.#kind(event, 'map');
    const mapped: { [key: string]: Plain } = {};
    while (this.#events[this.#at]?.type !== EVENT_POP) {
      const keyEvent = this.#events[this.#at++];
      if (keyEvent?.type !== EVENT_SCALAR) return this.#fail('a key is not a text', startOf(keyEvent));
      const key = getScalarValue(this.#text, keyEvent);
      if (FORBIDDEN_KEYS.has(key)) this.#fail(`the key "${key}" is not allowed`, startOf(keyEvent));
      if (Object.hasOwn(mapped, key)) this.#fail('the same key twice', startOf(keyEvent));
      mapped[key] = this.#value();
    }
    this.#at++;
    return mapped;
  }

  #kind(event: SequenceEvent | MappingEvent, kind: 'seq' | 'map'): void {
    const tag = this.#tag(event);
    if (tag !== undefined && tag !== kind) this.#fail(`!!${tag} does not fit the value`, event.tagStart);
  }

  /** The tag of the core schema that a node carries, by its last word. */
  #tag({ tagStart, tagEnd }: Node): string | undefined {
    if (tagStart < 0 || tagStart === tagEnd) return undefined;
    const written = this.#text.slice(tagStart, tagEnd);
    const name = written.startsWith('!!')
      ? written.slice(2)
      : written.startsWith(`!<${YAML_TAG}`)
        ? written.slice(2 + YAML_TAG.length, -1)
        : written === '!'
          ? 'str'
          : '';
    return /^(?:str|int|float|bool|null|map|seq)$/.test(name)
      ? name
      : this.#fail('not valid YAML: a tag that is not accepted', tagStart, 'Leave the tag out');
  }
}

function isWhole(value: Plain): boolean {
  return typeof value === 'number' && Number.isInteger(value);
}

/** Where an event stands in the text. */
function startOf(event: Event | undefined): number {
  if (event === undefined || event.type === EVENT_POP || event.type === EVENT_DOCUMENT) return 0;
  if (event.type === EVENT_SCALAR) return Math.max(0, event.valueStart);
  return event.type === EVENT_ALIAS ? event.anchorStart : event.start;
}

/** The place of a pointer's node, or of its nearest ancestor. */
function offsetOf(text: string, events: readonly Event[], pointer: string): number {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let offset = 0;
  let at = 1;
  for (const part of path) {
    const found = childAt(text, events, at, part);
    if (found === undefined) return offset;
    at = found;
    const start = startOf(events[at]);
    if (start > 0) offset = start;
  }
  return offset;
}

/** The index of the event of a mapping's value or a sequence's item. */
function childAt(text: string, events: readonly Event[], at: number, part: string): number | undefined {
  const parent = events[at]?.type;
  if (parent !== EVENT_MAPPING && parent !== EVENT_SEQUENCE) return undefined;
  let child = at + 1;
  for (let index = 0; events[child] !== undefined && events[child]?.type !== EVENT_POP; index++) {
    if (parent === EVENT_SEQUENCE) {
      if (String(index) === part) return child;
    } else {
      const key = events[child++];
      if (key?.type === EVENT_SCALAR && getScalarValue(text, key) === part) return child;
    }
    child = after(events, child);
  }
  return undefined;
}

/** The index of the event behind a node and all that is in it. */
function after(events: readonly Event[], at: number): number {
  let depth = 0;
  let next = at;
  do {
    const type = events[next++]?.type;
    if (type === EVENT_MAPPING || type === EVENT_SEQUENCE) depth++;
    else if (type === EVENT_POP) depth--;
  } while (depth > 0 && next < events.length);
  return next;
}

/** The pointer of a key that could reach an object's prototype, or of nesting that is too deep, if there is any. */
export function forbiddenKey(value: unknown, at: string): string | undefined {
  const keys = forbiddenPath(value, 0);
  return keys && [at, ...keys.reverse()].join('/');
}

/** The keys on the way, innermost first; most files have none, and none are put together for them. */
function forbiddenPath(value: unknown, depth: number): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > LIMITS.depth) return [];
  if (Array.isArray(value)) {
    // By position: the names of fifty million positions would be fifty million texts.
    for (let i = 0; i < value.length; i++) {
      const found = forbiddenPath(value[i], depth + 1);
      if (found) {
        found.push(String(i));
        return found;
      }
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(key)) return [key];
    const found = forbiddenPath(Reflect.get(value, key), depth + 1);
    if (found) {
      found.push(key);
      return found;
    }
  }
  return undefined;
}

/**
 * Validates what was parsed.
 * @throws ProbityError with the given code, naming file, line and pointer of the first thing wrong
 */
export function fitYaml<T>(schema: z.ZodType<T>, yaml: YamlText, file: string, code: ErrorCode): T {
  const parsed = check(schema, yaml.value);
  if (parsed.success) return parsed.data;
  const { pointer, message } = firstIssue(parsed.error);
  throw new ProbityError(code, `${pointer || '/'}: ${message}`, { where: `${file}:${yaml.lineOf(pointer)}` });
}

/** Parses and validates in one go. @throws ProbityError as {@link parseYaml} and {@link fitYaml} do */
export function readYaml<T>(schema: z.ZodType<T>, text: string, file: string, code: ErrorCode): T {
  return fitYaml(schema, parseYaml(text, file, code), file, code);
}

/** A plain value as YAML text. */
export function yamlText(value: unknown): string {
  return dump(value, { lineWidth: 160, quoteStyle: 'double' });
}
