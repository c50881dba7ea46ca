import {
  type Aim,
  type AttackClass,
  aimOf,
  type Shows,
  type StatedSurface,
  type Surface,
  type Tool,
} from '../terms.ts';
import type { SourceDeclaration } from './declaration.ts';
import type { EvidenceFile, Head, LineSource } from './file.ts';
import type { Located } from './observation.ts';
import type { EvidencePart } from './parts/part.ts';

/** What a probe means, out of `controls/probes/<tool>.yaml`. */
export interface ProbeMeaning {
  attackClass: AttackClass;
  technique: string;
  surface: Surface;
  shows: Shows;
  /** It replays texts that everybody can read. */
  publicText?: boolean;
  /** Where the tool's own source or description says so. */
  why: string;
}

/** Looks up what the tool's own names of an attack and of what judged it stand for; undefined when no map says. */
export type ProbeLookup = (tool: string, probe: string, detector?: string) => ProbeMeaning | undefined;

/** Finds what a threat's words and identifiers name. */
export interface ThreatTerms {
  attackClasses(text: string): { attackClass: AttackClass; basis: 'identifier' | 'text'; term: string }[];
  surfaces(text: string): { surface: Surface; basis: 'text'; term: string }[];
}

/** What an adapter may rely on besides the file. */
export interface AdapterContext {
  probes: ProbeLookup;
  terms: ThreatTerms;
  /** The attack class of every technique that the catalog knows. */
  techniques?: ReadonlyMap<string, AttackClass> | undefined;
  /** What `probity.yaml` declares for this file, merged over all matching entries. */
  declared: Partial<SourceDeclaration>;
}

/** A test in the file that no probe map explains: shown, never dropped. */
export interface Unmapped {
  probe: string;
  at: string;
  trials: number;
  successes: number;
}

/** Everything that came out of one file. */
export interface Reading {
  tool?: Tool;
  collected?: string;
  observations: Located[];
  unmapped: Unmapped[];
  /** Things a reader of the report should know about this file, one sentence each. */
  warnings: string[];
  /** What the file says of a larger one, to be put together with its other parts. */
  part?: EvidencePart;
}

/**
 * How a format whose files grow large is read in parts: what each part holds is plain data that adds up to exactly what the
 * whole file holds.
 */
export interface PartFormat {
  /** What a range of lines holds; no map of probes is asked. @throws ProbityError EVIDENCE_MALFORMED */
  summarise(lines: LineSource, declared: Partial<SourceDeclaration>): Promise<unknown>;
  /** Puts what consecutive parts hold together, as if they had been read at once. @throws ProbityError EVIDENCE_MALFORMED */
  merge(bodies: readonly PartBody[]): unknown;
  /** What comes out of the whole. @param path the file, for errors @throws ProbityError EVIDENCE_MALFORMED */
  read(body: unknown, path: string, context: AdapterContext): Reading;
}

/** What one part holds, how many lines begin in it, and where it was read. */
export interface PartBody {
  body: unknown;
  lines: number;
  where: string;
}

/** The kinds of formats, in the order in which people are told of them. */
export const FORMAT_GROUPS = [
  'attack results',
  'access',
  'secrets',
  'threat models',
  'findings of other tools',
  'changes',
  "Probity's own",
] as const;

/** What people are told of a format. Texts are Markdown within one cell of a table. */
export interface FormatFacts {
  group: (typeof FORMAT_GROUPS)[number];
  /** Which files of which tool, and how they are made. */
  files: string;
  recognisedBy: string;
  gives: string;
  /** What it is not, what is not counted, and what is left unknown. */
  limits?: string;
  /** Of an attack tool: what of a test's circumstances the file records by itself, and what is left to declare. */
  records?: { target?: string; day?: string; draw?: string; control?: string; declare: string };
}

/** The one module that knows a tool's file format. */
export interface Adapter {
  /** Stable name of the format, shown in reports. */
  format: string;
  title: string;
  /** The documentation's tables and `evidence formats` are made of this. */
  about: FormatFacts;
  /** How sure the adapter is from the file's first bytes and name, and what the workspace declares: 0 (no) to 1 (certain). */
  recognise(head: Head, declared: Partial<SourceDeclaration>): number;
  /** @throws ProbityError EVIDENCE_MALFORMED with file and place; nothing half-read is used */
  read(file: EvidenceFile, context: AdapterContext): Promise<Reading>;
  /** Present where files of this format may be read in parts. */
  parts?: PartFormat;
}

/** An empty reading for an adapter to fill. */
export function newReading(tool?: Tool): Reading {
  return { ...(tool ? { tool } : {}), observations: [], unmapped: [], warnings: [] };
}

/** The part of a test result that every probe-based adapter fills in the same way. */
export function testIdentity(
  meaning: Omit<ProbeMeaning, 'surface'> & { surface: StatedSurface },
  declared: Partial<SourceDeclaration>,
): Aim & { technique: string; surface: StatedSurface; shows: Shows; publicText?: boolean } {
  return {
    ...aimOf(meaning.attackClass, meaning.technique),
    shows: meaning.shows,
    ...(meaning.publicText ? { publicText: true } : {}),
    technique: meaning.technique,
    surface: declared.surface ?? meaning.surface,
  };
}
