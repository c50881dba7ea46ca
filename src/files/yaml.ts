import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type ErrorCode, ProbityError } from '../errors.ts';
import { firstIssue } from '../schema.ts';

/** A value that YAML and JSON can both hold. */
type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** A parsed YAML text and the means to say on which line a part of it stands. */
export interface YamlText {
  value: Plain;
  /** The 1-based line of a JSON pointer's node, or of its nearest ancestor. */
  lineOf(pointer: string): number;
}

/**
 * Parses one YAML 1.2 document as plain data: core schema only (dates stay text), no custom tags, at most 50 alias
 * expansions, no duplicate or prototype keys.
 * @throws ProbityError with the given code, naming file and line
 */
export function parseYaml(text: string, file: string, code: ErrorCode): YamlText {
  const lines = new LineCounter();
  const fail = (message: string, line: number): never => {
    throw new ProbityError(code, message, { where: `${file}:${line}` });
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    version: '1.2',
    customTags: [],
    resolveKnownTags: false,
    merge: false,
    stringKeys: true,
    uniqueKeys: text.length < 2_000_000,
    prettyErrors: false,
    logLevel: 'error',
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) fail(`not valid YAML: ${problem.message.split('\n')[0]}`, lines.linePos(problem.pos[0]).line);
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    fail(`not acceptable YAML: ${error instanceof Error ? error.message : 'aliases expand too far'}`, 1);
  }
  const lineOf = (pointer: string): number => {
    const path = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(
        path.slice(0, length).map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
        true,
      );
      const offset = nodeOffset(node);
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    return 1;
  };
  const bad = forbiddenKey(raw, '');
  if (bad) fail(`the key at ${bad} is not allowed`, lineOf(bad));
  return { value: raw as Plain, lineOf };
}

function nodeOffset(node: unknown): number | undefined {
  if (
    typeof node === 'object' &&
    node !== null &&
    'range' in node &&
    Array.isArray(node.range) &&
    typeof node.range[0] === 'number'
  )
    return node.range[0];
  return undefined;
}

/** The pointer of a key that could reach an object's prototype, or of nesting that is too deep, if there is any. */
export function forbiddenKey(value: unknown, at: string): string | undefined {
  const keys = forbiddenPath(value, 0);
  return keys && [at, ...keys.reverse()].join('/');
}

/** The keys on the way, innermost first; most files have none, and none are put together for them. */
function forbiddenPath(value: unknown, depth: number): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > 200) return [];
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
  const parsed = schema.safeParse(yaml.value);
  if (parsed.success) return parsed.data;
  const { pointer, message } = firstIssue(parsed.error);
  throw new ProbityError(code, `${pointer || '/'}: ${message}`, { where: `${file}:${yaml.lineOf(pointer)}` });
}

/** Parses and validates in one go. @throws ProbityError as {@link parseYaml} and {@link fitYaml} do */
export function readYaml<T>(schema: z.ZodType<T>, text: string, file: string, code: ErrorCode): T {
  return fitYaml(schema, parseYaml(text, file, code), file, code);
}
