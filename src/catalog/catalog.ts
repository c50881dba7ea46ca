import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { ProbityError, systemCode } from '../errors.ts';
import type { ProbeLookup, ThreatTerms } from '../evidence/adapter.ts';
import { ATTACK_CLASSES, type AttackClass, SURFACES } from '../evidence/observation.ts';
import { readYaml } from '../yaml.ts';
import {
  type ChangeEffects,
  type Control,
  changeEffectsSchema,
  controlSchema,
  FAMILIES,
  type Framework,
  frameworkSchema,
  type ProbeMap,
  type Profile,
  probeMapSchema,
  profileSchema,
  type Technique,
  type ThreatTermsDocument,
  techniquesSchema,
  threatTermsSchema,
} from './schemas.ts';

/** A catalog document and the file it came from, relative to the catalog's folder. */
export interface Filed<T> {
  file: string;
  document: T;
}

/** Everything under `controls/`, loaded and validated one by one; {@link lint} checks how the parts fit together. */
export interface Catalog {
  controls: Filed<Control>[];
  profiles: Filed<Profile>[];
  frameworks: Filed<Framework>[];
  probeMaps: Filed<ProbeMap>[];
  techniques: Technique[];
  changeEffects: ChangeEffects;
  threatTerms: ThreatTermsDocument;
  /** SHA-256 over every file's name and bytes. */
  sha256: string;
}

/** The catalog that ships with the package. */
const BUNDLED_CATALOG = fileURLToPath(new URL('../../controls/', import.meta.url));

/**
 * Loads a catalog folder.
 * @throws ProbityError CATALOG_INVALID with file and line
 */
export async function loadCatalog(folder: string = BUNDLED_CATALOG): Promise<Catalog> {
  const texts = await readFolder(folder);
  const hash = createHash('sha256');
  for (const [name, text] of texts) hash.update(`${name}\0${createHash('sha256').update(text).digest('hex')}\n`);
  const load = <T>(schema: z.ZodType<T>, prefix: string): Filed<T>[] =>
    [...texts]
      .filter(([name]) => path.posix.dirname(name) === prefix)
      .map(([name, text]) => ({ file: name, document: readYaml(schema, text, name, 'CATALOG_INVALID') }));
  const one = <T>(schema: z.ZodType<T>, name: string): T => {
    const text = texts.get(name);
    if (text === undefined) throw new ProbityError('CATALOG_INVALID', 'the catalog lacks a file', { where: path.posix.join(folder, name) });
    return readYaml(schema, text, name, 'CATALOG_INVALID');
  };
  const threatTerms = one(threatTermsSchema, 'probes/threat-terms.yaml');
  texts.delete('probes/threat-terms.yaml');
  return {
    controls: FAMILIES.flatMap((family) => load(controlSchema, family)),
    profiles: load(profileSchema, 'profiles'),
    frameworks: load(frameworkSchema, 'frameworks'),
    probeMaps: load(probeMapSchema, 'probes'),
    techniques: one(techniquesSchema, 'techniques.yaml').techniques,
    changeEffects: one(changeEffectsSchema, 'changes.yaml').effects,
    threatTerms,
    sha256: hash.digest('hex'),
  };
}

async function readFolder(folder: string): Promise<Map<string, string>> {
  let entries: string[];
  try {
    entries = await readdir(folder, { recursive: true });
  } catch (error) {
    throw new ProbityError('CATALOG_INVALID', `the catalog cannot be read (${systemCode(error) ?? 'unknown'})`, { where: folder, cause: error });
  }
  const names = entries
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const texts = new Map<string, string>();
  for (const name of names) texts.set(name, await readFile(path.join(folder, name), 'utf8'));
  return texts;
}

/** The profile with this id. @throws ProbityError USAGE naming those that exist */
export function findProfile(catalog: Catalog, id: string): Profile {
  const found = catalog.profiles.find((profile) => profile.document.id === id)?.document;
  if (found) return found;
  throw new ProbityError('USAGE', `there is no profile "${id}"`, { remedy: `Use one of ${catalog.profiles.map((profile) => profile.document.id).join(', ')}` });
}

/** Looks probes up in the catalog's maps; the first matching line of the tool's map decides. */
export function probeLookup(catalog: Catalog): ProbeLookup {
  const maps = new Map(
    catalog.probeMaps.map(({ document }) => [
      document.tool,
      document.probes.map((entry) => ({
        pattern: wildcard(entry.match),
        meaning: { attackClass: entry.attackClass, technique: entry.technique, surface: entry.surface },
      })),
    ]),
  );
  return (tool, probe) => maps.get(tool)?.find((entry) => entry.pattern.test(probe))?.meaning;
}

function wildcard(match: string): RegExp {
  return new RegExp(`^${match.split('*').map(escapeRegExp).join('.*')}$`, 'i');
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Compiles the terms by which threats are matched to attack classes and surfaces. */
export function threatTerms(catalog: Catalog): ThreatTerms {
  const whole = (term: string): RegExp =>
    new RegExp(`(?<![A-Za-z0-9])${escapeRegExp(term).replaceAll('\\*', '[A-Za-z]*').replaceAll(' ', '[\\s-]+')}(?![A-Za-z0-9])`, 'i');
  const classes = ATTACK_CLASSES.map((attackClass) => {
    const terms = catalog.threatTerms.attackClasses[attackClass];
    return {
      attackClass,
      identifiers: terms.identifiers.map((term) => ({ term, pattern: whole(term) })),
      words: terms.words.map((term) => ({ term, pattern: whole(term) })),
    };
  });
  const surfaces = SURFACES.flatMap((surface) => catalog.threatTerms.surfaces[surface].map((term) => ({ surface, term, pattern: whole(term) })));
  return {
    attackClasses: (text) =>
      classes.flatMap(({ attackClass, identifiers, words }): { attackClass: AttackClass; basis: 'identifier' | 'text'; term: string }[] => {
        const identifier = identifiers.find(({ pattern }) => pattern.test(text));
        if (identifier) return [{ attackClass, basis: 'identifier', term: identifier.term }];
        const word = words.find(({ pattern }) => pattern.test(text));
        return word ? [{ attackClass, basis: 'text', term: word.term }] : [];
      }),
    surfaces: (text) => {
      const found = new Map<string, { surface: (typeof SURFACES)[number]; basis: 'text'; term: string }>();
      for (const { surface, term, pattern } of surfaces) if (!found.has(surface) && pattern.test(text)) found.set(surface, { surface, basis: 'text', term });
      return [...found.values()];
    },
  };
}

/** What an identifier as people cite it stands for. */
export interface Resolution {
  cited: string;
  framework: string;
  items: string[];
  /** Set when the identifier is not the framework's own, with the sentence that says so. */
  legacy?: string;
}

/** Resolves a current, legacy or loosely written framework identifier; empty when nothing knows it. */
export function resolveIdentifier(frameworks: readonly Framework[], cited: string): Resolution[] {
  const literal = cited.trim().toUpperCase();
  const key = normalise(cited);
  return frameworks.flatMap((framework): Resolution[] => {
    const item = (same: (id: string) => boolean): Resolution[] => {
      const items = framework.items.filter((entry) => same(entry.id)).map((entry) => entry.id);
      return items.length > 0 ? [{ cited, framework: framework.id, items }] : [];
    };
    const legacy = (same: (id: string) => boolean): Resolution[] => {
      const entry = framework.legacy.find((candidate) => same(candidate.id));
      return entry ? [{ cited, framework: framework.id, items: entry.now.flatMap((id) => membersOf(framework, id)), legacy: entry.note }] : [];
    };
    // As written before loosely read: `PR.DS-1` is CSF 1.1 and `PR.DS-01` is CSF 2.0, though they look alike.
    const readings = [
      () => item((id) => id.toUpperCase() === literal),
      () => legacy((id) => id.toUpperCase() === literal),
      () => item((id) => normalise(id) === key),
      () => legacy((id) => normalise(id) === key),
    ];
    for (const reading of readings) {
      const found = reading();
      if (found.length > 0) return found;
    }
    const members = membersOf(framework, literal);
    return members[0] === literal ? [] : [{ cited, framework: framework.id, items: members }];
  });
}

/** The items of a group, or the identifier itself when it names no group. */
function membersOf(framework: Framework, id: string): string[] {
  const members = framework.items.filter((item) => item.group?.toUpperCase() === id.toUpperCase()).map((item) => item.id);
  return members.length > 0 ? members : [id];
}

/** Case, blanks, a year after a colon and leading zeros do not distinguish identifiers (`PR.AC-04`, `PR.AC-4`). */
function normalise(id: string): string {
  return id
    .toUpperCase()
    .replace(/\s+/g, ' ')
    .replace(/:\d{4}$/, '')
    .replace(/(^|[^0-9.])0+(\d)/g, '$1$2')
    .trim();
}
