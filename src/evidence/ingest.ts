import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { minimatch } from 'minimatch';
import { ProbityError } from '../errors.ts';
import type { AttackClass, Tool } from '../terms.ts';
import { visible } from '../visible.ts';
import type { Adapter, AdapterContext, ProbeLookup, Reading, ThreatTerms, Unmapped } from './adapter.ts';
import { ADAPTERS } from './adapters/index.ts';
import { EVIDENCE_KINDS } from './adapters/probity/index.ts';
import { Content } from './content.ts';
import type { SourceDeclaration } from './declaration.ts';
import { answered, EvidenceFile, type Head } from './file.ts';
import { findEvidence, type Search } from './find.ts';
import { nearestGuess } from './guess.ts';
import { isTestBody, type Located, type Observation } from './observation.ts';
import { assemble, byFile, type FoundPart, type PartOf, partOf } from './parts/assemble.ts';
import { bytesRead, type EvidencePart } from './parts/part.ts';
import { redactName, redactText } from './secrets.ts';
import { mapText, tameText } from './text.ts';
import { mayHold, type Unread, WITHHOLDABLE, type Withholdable } from './unread.ts';

/** One file of the evidence index, accepted or not. */
export interface EvidenceEntry {
  path: string;
  /** Hex; all zeros is never used: a file that could not be read has an empty string. */
  sha256: string;
  bytes: number;
  format: string;
  accepted: boolean;
  /** Why it was not accepted, one line. */
  reason?: string;
  /** Stable error code behind `reason`. */
  code?: string;
  observations: number;
  tool?: Tool;
  collected?: string;
  warnings: string[];
  unmapped: Unmapped[];
  /** What larger file it is a part of. */
  partOf?: PartOf;
}

export interface Ingested {
  files: EvidenceEntry[];
  observations: Observation[];
  /** Files that were not read and may hold what a verdict would be better off without. */
  unread: Unread[];
}

export interface IngestOptions extends Search {
  sources?: readonly SourceDeclaration[];
  probes: ProbeLookup;
  terms: ThreatTerms;
  /** The attack class of every technique that the catalog knows; evidence that says otherwise is rejected. */
  techniques?: ReadonlyMap<string, AttackClass>;
  /** Mask secrets and personal data; default true. */
  redact?: boolean;
  /** Keep a few of the leaked answers, for the report to show; default false, and then nothing of an answer is taken. */
  showContent?: boolean;
  /** Told the path and how many of its bytes have been read. */
  onProgress?: (path: string, read: number, total: number) => void;
}

/**
 * Finds, recognises, reads and hashes evidence. A file that cannot be used becomes an entry with `accepted: false` and
 * a reason; the others are not affected.
 * @throws ProbityError those of {@link findEvidence}
 */
export async function ingest(options: IngestOptions): Promise<Ingested> {
  const paths = await findEvidence(options);
  const files: EvidenceEntry[] = [];
  const observations: Observation[] = [];
  const seen = new Map<string, string>();
  const parts: FoundPart[] = [];
  const unread: Unread[] = [];
  for (const file of paths) {
    const { entry, reading, holds } = await ingestFile(file, options);
    if (holds?.length) unread.push({ path: entry.path, mayHold: holds });
    const twin = entry.sha256 ? seen.get(entry.sha256) : undefined;
    if (entry.accepted && twin !== undefined) {
      files.push({
        ...entry,
        accepted: false,
        observations: 0,
        unmapped: [],
        reason: `the same bytes as ${twin}, counted once`,
      });
      continue;
    }
    if (entry.sha256) seen.set(entry.sha256, entry.path);
    files.push(entry);
    if (reading?.part) parts.push({ path: entry.path, part: reading.part });
    // What has been taken over is let go: of a large file nothing is held twice.
    for (const located of reading ? drained(reading.observations) : []) {
      const { at, ...body } = located;
      observations.push(Object.assign(body, { source: { path: entry.path, sha256: entry.sha256, at } }));
    }
  }
  observations.push(...assembled(parts, files, options));
  return { files, observations, unread };
}

/** The entries of a list in their order, of which none is left in it. */
function* drained<T>(list: T[]): Generator<T> {
  list.reverse();
  for (let last = list.pop(); last !== undefined; last = list.pop()) yield last;
}

/**
 * What files say that lie here in parts. Each fact stands in the part that holds its place; where the parts do not make up a
 * whole, or the file itself is there too, all of them are set aside.
 */
function assembled(parts: readonly FoundPart[], files: EvidenceEntry[], options: IngestOptions): Observation[] {
  const entries = new Map(files.map((entry) => [entry.path, entry]));
  const known = new Map<string, string>();
  return byFile(parts).flatMap((group) => {
    const own = group.map(({ path: name }) => entries.get(name) as EvidenceEntry);
    try {
      const [first] = group as [FoundPart];
      const of = first.part.of;
      const declared = {
        ...declarationFor(first.path, options.sources ?? []),
        ...declarationFor(of, options.sources ?? []),
      };
      const {
        whole,
        reading: raw,
        holderOf,
      } = assemble(group, ADAPTERS, (format, body) =>
        completed(format.read(body, of, { probes: options.probes, terms: options.terms, declared }), declared),
      );
      const reading = tamed(raw, taming(options.redact));
      refuseOtherClasses(reading, options.techniques, of);
      refuseTwice(whole, files, known);
      const spoken = (at: string): string => `${at} of ${visible(tameText(of))}`;
      for (const entry of own) {
        if (reading.tool) entry.tool = reading.tool;
        if (reading.collected) entry.collected = reading.collected;
      }
      own[0]?.warnings.push(...reading.warnings);
      for (const one of reading.unmapped)
        entries.get(holderOf(one.at).path)?.unmapped.push({ ...one, at: spoken(one.at) });
      return reading.observations.map(({ at, ...body }): Observation => {
        const entry = entries.get(holderOf(at).path) as EvidenceEntry;
        entry.observations++;
        return { ...body, source: { path: entry.path, sha256: entry.sha256, at: spoken(at) } };
      });
    } catch (error) {
      const known = knownError(error, group[0]?.path ?? '');
      for (const entry of own)
        Object.assign(entry, { accepted: false, observations: 0, ...rejection(known, entry.path, options.redact) });
      return [];
    }
  });
}

/** The same bytes may not count twice: as a file and as its parts, or as parts under two names. */
function refuseTwice(whole: EvidencePart, files: readonly EvidenceEntry[], known: Map<string, string>): void {
  const { of, format, read } = whole;
  const bytes = bytesRead(read);
  const itself = files.find((entry) => entry.accepted && entry.format === format && entry.bytes === bytes);
  const twin =
    itself?.path ??
    read
      .flatMap(({ digests }) => digests)
      .map((digest) => known.get(digest))
      .find(Boolean);
  if (twin !== undefined)
    throw new ProbityError('EVIDENCE_MALFORMED', `${twin} holds the same, and it is counted once`, {
      where: of,
      remedy: 'Keep the file or its parts in the evidence, not both',
    });
  for (const { digests } of read) for (const digest of digests) known.set(digest, of);
}

/** Reads one file. Never throws for what is wrong with the file itself. */
export async function ingestFile(
  relative: string,
  options: Omit<IngestOptions, 'patterns' | 'ignore' | 'named' | 'within'>,
): Promise<{ entry: EvidenceEntry; reading?: Reading; holds?: Withholdable[] }> {
  const absolute = path.resolve(options.root, relative);
  const shown = visible(tameText(relative));
  const display = options.redact === false ? shown : redactName(shown);
  const base: EvidenceEntry = {
    path: display,
    sha256: '',
    bytes: 0,
    format: 'unknown',
    accepted: false,
    observations: 0,
    warnings: [],
    unmapped: [],
  };
  let stats: Stats;
  try {
    stats = await answered(lstat(absolute), display);
  } catch (error) {
    const reason = error instanceof ProbityError ? error.message : 'cannot be found';
    return { entry: { ...base, reason, code: 'EVIDENCE_UNREADABLE' }, holds: [...WITHHOLDABLE] };
  }
  if (!stats.isFile())
    return {
      entry: {
        ...base,
        reason: stats.isSymbolicLink()
          ? 'is a link, and links are not followed'
          : stats.isDirectory()
            ? 'is a folder, not a file'
            : 'is not a regular file',
        code: 'EVIDENCE_UNREADABLE',
      },
      ...(stats.isDirectory() ? {} : { holds: [...WITHHOLDABLE] }),
    };
  let read = 0;
  const file = new EvidenceFile(absolute, display, stats.size, (count) => {
    read += count;
    options.onProgress?.(display, read, stats.size);
  });
  const entry: EvidenceEntry = { ...base, bytes: stats.size };
  const declared = declarationFor(relative, options.sources ?? []);
  let head: Head | undefined;
  let format: string | undefined;
  try {
    if (stats.size === 0) throw new ProbityError('EVIDENCE_EMPTY', 'the file is empty', { where: display });
    head = await file.head();
    const adapter = await recognise(head, declared, display);
    format = adapter.format;
    entry.format = format;
    const { probes, terms, techniques } = options;
    const content = options.showContent ? new Content(options.redact !== false) : undefined;
    const context: AdapterContext = { probes, terms, techniques, declared, content };
    const { part, ...raw } = await adapter.read(file, context);
    const reading: Reading = tamed(completed(raw, declared), taming(options.redact));
    if (part) Object.assign(entry, { format: part.format, partOf: mapText(partOf(part), taming(options.redact)) });
    refuseOtherClasses(reading, options.techniques, display);
    if (declared.access && adapter.format !== 'access-table')
      reading.warnings.push('its format says by itself what is what, and access under sources is not used for it');
    entry.sha256 = await file.sha256();
    if (!part && reading.observations.length === 0 && reading.unmapped.length === 0)
      reading.warnings.push('nothing to assess came out of this file');
    return {
      entry: {
        ...entry,
        accepted: true,
        observations: reading.observations.length,
        ...(reading.tool ? { tool: reading.tool } : {}),
        ...(reading.collected ? { collected: reading.collected } : {}),
        warnings: reading.warnings,
        unmapped: reading.unmapped,
      },
      reading: { ...reading, ...(part ? { part } : {}) },
    };
  } catch (error) {
    const sha256 = await file.sha256().catch(() => '');
    const failure = knownError(error, display);
    return {
      entry: { ...entry, sha256, ...rejection(failure, display, options.redact) },
      holds: holdsUnread(failure, head, format, declared),
    };
  }
}

/** What a refused file may hold: nothing where it is empty, unless the workspace says what it is; anything where it was not read to its end. */
function holdsUnread(
  { code }: ProbityError,
  head: Head | undefined,
  format: string | undefined,
  declared: Partial<SourceDeclaration>,
): Withholdable[] {
  if (code === 'EVIDENCE_EMPTY') return declared.change ? ['changes'] : [];
  const known = new Set(EVIDENCE_KINDS.map(({ kind }) => kind));
  return mayHold(code === 'EVIDENCE_UNREADABLE' ? undefined : head, format, declared, known);
}

function knownError(error: unknown, display: string): ProbityError {
  if (error instanceof ProbityError) return error;
  return new ProbityError('EVIDENCE_MALFORMED', 'cannot be read as what it seems to be', {
    where: display,
    cause: error,
  });
}

/** Why a file is not accepted, as its entry says it. */
function rejection(
  error: ProbityError,
  display: string,
  redact: boolean | undefined,
): { reason: string; code: string } {
  const reason = visible(
    [
      error.message,
      error.where && error.where !== display ? `at ${error.where}` : '',
      error.remedy ? `(${error.remedy})` : '',
    ]
      .filter(Boolean)
      .join(' ')
      .slice(0, 2000),
  );
  return { reason: redact === false ? reason : redactText(reason), code: error.code };
}

/** Makes a text safe to carry. */
function taming(redact: boolean | undefined): (text: string) => string {
  return remembering((text) => (redact === false ? tameText(text) : redactText(tameText(text))));
}

/** A reading with every text made safe to carry; observations one by one, so that a large file is not held twice. */
function tamed(reading: Reading, tame: (text: string) => string): Reading {
  const { observations, ...rest } = reading;
  for (let i = 0; i < observations.length; i++) {
    const one = observations[i] as Located;
    const examples = one.kind === 'trials' ? one.examples : undefined;
    const safe = mapText(one, tame);
    // Answers were masked before they were cut, and are not to grow again.
    if (examples && safe.kind === 'trials')
      safe.examples = examples.map(({ at, ...example }) => ({ ...example, at: tame(at) }));
    observations[i] = safe;
  }
  return { ...mapText(rest, tame), observations };
}

/** So many short texts are remembered; those of one file repeat. */
const REMEMBERED = 50_000;

function remembering(transform: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    if (text.length > 200) return transform(text);
    let result = known.get(text);
    if (result === undefined) {
      result = transform(text);
      if (known.size < REMEMBERED) known.set(text, result);
    }
    return result;
  };
}

async function recognise(head: Head, declared: Partial<SourceDeclaration>, display: string): Promise<Adapter> {
  const ranked = ADAPTERS.map((adapter) => ({ adapter, score: adapter.recognise(head, declared) })).sort(
    (a, b) => b.score - a.score,
  );
  const best = ranked[0];
  if (best && best.score > 0) return best.adapter;
  throw new ProbityError('EVIDENCE_UNRECOGNISED', `not a format that is known${nearestGuess(head)}`, {
    where: display,
    remedy:
      'Draft what has to be said of a table with: probity evidence map FILE; or give its facts as kind: ProbeResult, AccessInventory, ThreatModel or Attestation',
  });
}

/** What the file itself does not say of its tests, and the workspace declares for it. */
function completed(reading: Reading, declared: Partial<SourceDeclaration>): Reading {
  const { target, assignment, positiveControl } = declared;
  if (!target && !assignment && !positiveControl) return reading;
  const { observations } = reading;
  for (let i = 0; i < observations.length; i++) {
    const one = observations[i] as Located;
    if (!isTestBody(one)) continue;
    observations[i] = {
      ...one,
      ...(one.target === undefined && target ? { target } : {}),
      ...(one.assignment === undefined && assignment ? { assignment } : {}),
      ...(one.positiveControl === undefined && positiveControl ? { positiveControl } : {}),
    };
  }
  return reading;
}

/** A technique belongs to one attack class, wherever it is named. @throws ProbityError EVIDENCE_MALFORMED with the place */
function refuseOtherClasses(
  reading: Reading,
  techniques: ReadonlyMap<string, AttackClass> | undefined,
  display: string,
): void {
  for (const observation of reading.observations) {
    if (!('technique' in observation) || !('attackClass' in observation)) continue;
    const known = techniques?.get(observation.technique);
    if (known === undefined || known === observation.attackClass) continue;
    throw new ProbityError(
      'EVIDENCE_MALFORMED',
      `${observation.technique} is a technique of ${known}, and is given for ${observation.attackClass}`,
      { where: `${display}#${observation.at}`, remedy: 'Name the technique that was used, with its own attack class' },
    );
  }
}

/** Whether an entry under `sources` is about a file. */
export function matchesSource(relative: string, match: string): boolean {
  return minimatch(relative, match, { dot: true });
}

/** What `probity.yaml` says of a file; a later entry that matches completes and overrides earlier ones. */
export function declarationFor(relative: string, sources: readonly SourceDeclaration[]): Partial<SourceDeclaration> {
  return Object.assign({}, ...sources.filter((source) => matchesSource(relative, source.match)));
}
