import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Minimatch } from 'minimatch';
import { ProbityError } from '../errors.ts';
import { isWithin } from '../files/place.ts';

export interface Search {
  /** Glob patterns, files or folders, relative to `root`. */
  patterns: readonly string[];
  ignore?: readonly string[];
  /** The folder that paths in the result are relative to. */
  root: string;
  /** The patterns were named by whoever runs this; others stay within `root`. */
  named?: boolean;
  /** Patterns besides those, which stay within `root` in any case. */
  within?: readonly string[];
}

/** Evidence that tools themselves give a name with a dot before it, which patterns otherwise pass over. */
const DOTTED = new Set(['.mcp.json', '.secrets.baseline']);

function undotted(path: string): string {
  return path.replace(/(^|\/)\.([^/]+)$/, '$1$2');
}

/** Folders that hold no evidence, wherever they are. */
const NEVER = ['**/node_modules/**'];

/**
 * Every evidence file, as sorted POSIX paths relative to the root; folders named outright are searched whole. No link is
 * followed, at any depth: a link that a pattern reaches stands in the result by its own name. Only names are read here.
 * @throws ProbityError EVIDENCE_MISSING when a pattern without wildcards names nothing, WORKSPACE_INVALID when a pattern
 * that nobody named leaves the root
 */
export async function findEvidence(search: Search): Promise<string[]> {
  const { root, ignore = [] } = search;
  const found = new Set<string>();
  const all = [
    ...search.patterns.map((pattern) => ({ pattern, named: search.named === true })),
    ...(search.within ?? []).map((pattern) => ({ pattern, named: false })),
  ];
  const ignored = [...ignore, ...NEVER].map((pattern) => new Minimatch(pattern, { dot: true }));
  for (const { pattern, named } of all) {
    const { base, rest } = split(pattern.split(path.sep).join('/'));
    const start = path.resolve(root, base);
    if (!named) refuseOutside(root, start, pattern);
    const link = named ? undefined : await linkOnTheWay(root, start);
    if (link !== undefined) {
      found.add(toRelative(root, link));
      continue;
    }
    const before = found.size;
    const stats = await lstat(start).catch(() => undefined);
    if (stats && !stats.isDirectory()) {
      if (rest === '') found.add(toRelative(root, start));
    } else if (stats) {
      const matcher = new Minimatch(rest === '' ? '**/*' : rest, { dot: false });
      await walk({ root, start, folder: '', matcher, ignored, found });
    }
    if (found.size === before && rest === '' && !(stats && !stats.isDirectory())) {
      const typed = named ? asTyped(start) : pattern;
      if (stats) await refuseIgnored(root, start, typed);
      throw new ProbityError('EVIDENCE_MISSING', stats ? 'the folder holds no files' : 'there is no such file', {
        where: typed,
        remedy: 'Name evidence files, folders or patterns that exist',
      });
    }
  }
  return [...found].sort();
}

/** A place that was named, as it is called from the current folder, or outright where it lies outside. */
function asTyped(place: string): string {
  return isWithin('', place) ? path.relative('', place) || '.' : place;
}

/** Where a folder holds files and the workspace ignores every one, that is said. @throws ProbityError EVIDENCE_MISSING */
async function refuseIgnored(root: string, start: string, typed: string): Promise<void> {
  const there = new Set<string>();
  const ignored = NEVER.map((pattern) => new Minimatch(pattern, { dot: true }));
  await walk({ root, start, folder: '', matcher: new Minimatch('**/*', { dot: false }), ignored, found: there });
  if (there.size === 0) return;
  const held = there.size === 1 ? '1 file, ignored' : `${there.size} files, all ignored`;
  const examples = [...there].some((file) => /\.example(\.|$)/.test(path.posix.basename(file)));
  const names = there.size === 1 ? 'its name' : 'their names';
  throw new ProbityError('EVIDENCE_MISSING', `the folder holds ${held} by \`ignore\` in probity.yaml`, {
    where: typed,
    remedy: examples
      ? `Once they say what is so of your system, take .example out of ${names}`
      : 'Change `ignore`, or name other evidence',
  });
}

/** The part of a pattern before its first wildcard, and the rest. */
function split(pattern: string): { base: string; rest: string } {
  const parts = pattern.replace(/\/+$/, '').split('/');
  const magic = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part) && new Minimatch(part).hasMagic());
  if (magic === -1) return { base: parts.join('/') || '/', rest: '' };
  return {
    base: parts.slice(0, magic).join('/') || (pattern.startsWith('/') ? '/' : '.'),
    rest: parts.slice(magic).join('/'),
  };
}

function refuseOutside(root: string, start: string, pattern: string): void {
  if (isWithin(root, start)) return;
  throw new ProbityError('WORKSPACE_INVALID', 'a pattern of the workspace leads out of its folder', {
    where: pattern,
    remedy: 'Move the evidence into the folder of probity.yaml, or name it on the command line',
  });
}

/** The first link between the root and a place below it. */
async function linkOnTheWay(root: string, place: string): Promise<string | undefined> {
  let at = path.resolve(root);
  for (const part of path.relative(root, place).split(path.sep).filter(Boolean)) {
    at = path.join(at, part);
    const stats = await lstat(at).catch(() => undefined);
    if (!stats) return undefined;
    if (stats.isSymbolicLink()) return at;
  }
  return undefined;
}

interface Walk {
  root: string;
  start: string;
  /** POSIX path below `start`. */
  folder: string;
  matcher: Minimatch;
  ignored: readonly Minimatch[];
  found: Set<string>;
}

async function walk({ folder, ...way }: Walk): Promise<void> {
  const { root, start, matcher, ignored, found } = way;
  // A folder that may not be read holds nothing that anybody could look at; the report lists what is there.
  const entries = await readdir(path.join(start, folder), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const below = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const relative = toRelative(root, path.join(start, below));
    if (ignored.some((pattern) => pattern.match(relative))) continue;
    if (entry.isDirectory()) {
      const whole = ignored.some((pattern) => pattern.match(`${relative}/x`) && pattern.match(`${relative}/x/x`));
      if (!whole && matcher.match(below, true)) await walk({ ...way, folder: below });
    } else if (
      matcher.match(DOTTED.has(entry.name) ? undotted(below) : below) ||
      (entry.isSymbolicLink() && matcher.match(below, true))
    )
      found.add(relative);
  }
}

function toRelative(root: string, absolute: string): string {
  return path.relative(root, absolute).split(path.sep).join('/');
}
