import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { ProbityError, whyUnread } from '../errors.ts';
import type { ProbeLookup, ThreatTerms } from '../evidence/adapter.ts';
import { mapText } from '../evidence/text.ts';
import { fitYaml, parseYaml, type YamlText } from '../files/yaml.ts';
import { ATTACK_CLASSES, type AttackClass, SURFACES } from '../terms.ts';
import { visibleLines } from '../visible.ts';
import { resolveIdentifier } from './identifiers.ts';
import { type PrebuiltDocuments, prebuiltDocuments } from './prebuilt.ts';
import {
  type Action,
  CATALOG_KINDS,
  type CatalogDocument,
  type CatalogKind,
  type ChangeEffects,
  type Control,
  FAMILIES,
  type Framework,
  type ProbeMap,
  type Profile,
  type SensitivityWeights,
  type SwitchedOff,
  type Technique,
  type ThreatTermsDocument,
} from './schemas.ts';

/** A catalog document and the file it came from. */
export interface Filed<T> {
  /** Relative to the bundled catalog's folder; for overlays, the path as it was named. */
  file: string;
  document: T;
  /** The 1-based line of a JSON pointer in the file. */
  lineOf(pointer: string): number;
}

/** What overlays did to the bundled catalog. */
interface CatalogChanges {
  /** Ids of controls that the bundled catalog does not have. */
  added: string[];
  /** Ids of bundled controls that an overlay words anew. */
  replaced: string[];
  off: SwitchedOff[];
  /** Ids of bundled profiles, frameworks and maps that an overlay replaced. */
  other: string[];
}

/** Everything under `controls/` and the overlays on it, loaded and validated one by one; `lint` checks how the parts fit together. */
export interface Catalog {
  controls: Filed<Control>[];
  profiles: Filed<Profile>[];
  /** Profiles as they ship, whatever overlays make of them. */
  bundledProfiles: Profile[];
  frameworks: Filed<Framework>[];
  probeMaps: Filed<ProbeMap>[];
  overlays: Filed<CatalogDocument<'Overlay'>>[];
  techniques: Technique[];
  actions: Action[];
  changeEffects: ChangeEffects;
  threatTerms: ThreatTermsDocument;
  sensitivity: SensitivityWeights;
  changes: CatalogChanges;
  /** Of one folder, an id that two documents have. */
  duplicates: { id: string; first: string; where: string }[];
  /** SHA-256 over every file's name and bytes, overlays included. */
  sha256: string;
}

/** The catalog that ships with the package. */
const BUNDLED_CATALOG = fileURLToPath(new URL('../../controls/', import.meta.url));

/** A file of a catalog that cannot be used, and why. */
export interface CatalogRead {
  catalog: Catalog;
  failures: ProbityError[];
}

/**
 * Loads the bundled catalog and lays overlay folders on it, in order: what has the id of something there replaces it,
 * the rest is added, and documents of kind Overlay switch controls off. Bundled files that are as they were when the package
 * was built are not parsed again.
 * @throws ProbityError CATALOG_INVALID with file and line
 */
export async function loadCatalog(overlays: readonly string[] = []): Promise<Catalog> {
  const { catalog, failures } = await readLayers(overlays, prebuiltDocuments());
  if (failures[0]) throw failures[0];
  return catalog;
}

/** As {@link loadCatalog}, but parses and checks every file, goes on past those that cannot be used, and lists them. */
export async function readCatalog(overlays: readonly string[] = []): Promise<CatalogRead> {
  return readLayers(overlays, {});
}

/** What a build keeps of the bundled catalog. @throws ProbityError CATALOG_INVALID with file and line */
export async function bundledDocuments(): Promise<PrebuiltDocuments> {
  const failures: ProbityError[] = [];
  const texts = await readFolder(BUNDLED_CATALOG);
  const layer = readLayer(texts, '', {}, failures);
  if (failures[0]) throw failures[0];
  const digests = new Map(texts.map(({ name, sha256 }) => [name, sha256]));
  return Object.fromEntries(
    Object.entries(layer).map(([kind, filed]) => [
      kind,
      Object.fromEntries(filed.map(({ file, document }) => [digests.get(file), document])),
    ]),
  );
}

async function readLayers(overlays: readonly string[], prebuilt: PrebuiltDocuments): Promise<CatalogRead> {
  const failures: ProbityError[] = [];
  const hash = createHash('sha256');
  const layers: Layer[] = [];
  for (const folder of [BUNDLED_CATALOG, ...overlays]) {
    const bundled = folder === BUNDLED_CATALOG;
    const texts = await readFolder(folder);
    for (const { name, sha256 } of texts) hash.update(`${bundled ? '' : 'overlay/'}${name}\0${sha256}\n`);
    layers.push(bundled ? readLayer(texts, '', prebuilt, failures) : readLayer(texts, folder, {}, failures));
  }
  return { catalog: merge(layers, hash.digest('hex')), failures };
}

type Layer = { [K in CatalogKind]: Filed<CatalogDocument<K>>[] };

/** A file of a catalog folder. */
interface CatalogText {
  /** Its POSIX name below the folder. */
  name: string;
  text: string;
  sha256: string;
}

/** What is done with files of one kind. */
interface Reader {
  /** Puts a parsed file into its layer. @throws ProbityError CATALOG_INVALID */
  read(layer: Layer, yaml: YamlText, file: string): void;
  /** Puts a file into its layer that was parsed before, if it was. */
  reuse(layer: Layer, prebuilt: PrebuiltDocuments, file: string, text: CatalogText): boolean;
}

function reader<K extends CatalogKind>(kind: K, schema: z.ZodType<CatalogDocument<K>>): Reader {
  return {
    read: (layer, yaml, file) => {
      const document = mapText(fitYaml(schema, yaml, file, 'CATALOG_INVALID'), visibleLines);
      layer[kind].push({ file, document, lineOf: yaml.lineOf });
    },
    reuse: (layer, prebuilt, file, { text, sha256 }) => {
      const document = prebuilt[kind]?.[sha256];
      if (document === undefined) return false;
      const lineOf = (pointer: string): number => parseYaml(text, file, 'CATALOG_INVALID').lineOf(pointer);
      layer[kind].push({ file, document, lineOf });
      return true;
    },
  };
}

const READERS = new Map<string, Reader>([
  ['Control', reader('Control', CATALOG_KINDS.Control)],
  ['Profile', reader('Profile', CATALOG_KINDS.Profile)],
  ['Framework', reader('Framework', CATALOG_KINDS.Framework)],
  ['ProbeMap', reader('ProbeMap', CATALOG_KINDS.ProbeMap)],
  ['Overlay', reader('Overlay', CATALOG_KINDS.Overlay)],
  ['Actions', reader('Actions', CATALOG_KINDS.Actions)],
  ['Techniques', reader('Techniques', CATALOG_KINDS.Techniques)],
  ['ThreatTerms', reader('ThreatTerms', CATALOG_KINDS.ThreatTerms)],
  ['ChangeEffects', reader('ChangeEffects', CATALOG_KINDS.ChangeEffects)],
  ['Sensitivity', reader('Sensitivity', CATALOG_KINDS.Sensitivity)],
]);

function readLayer(
  texts: readonly CatalogText[],
  folder: string,
  prebuilt: PrebuiltDocuments,
  failures: ProbityError[],
): Layer {
  const layer: Layer = {
    Control: [],
    Profile: [],
    Framework: [],
    ProbeMap: [],
    Overlay: [],
    Actions: [],
    Techniques: [],
    ThreatTerms: [],
    ChangeEffects: [],
    Sensitivity: [],
  };
  const readers = [...READERS.values()];
  for (const text of texts) {
    const file = folder ? path.posix.join(folder.split(path.sep).join('/'), text.name) : text.name;
    if (readers.some(({ reuse }) => reuse(layer, prebuilt, file, text))) continue;
    try {
      readDocument(layer, file, text.text);
    } catch (error) {
      if (!(error instanceof ProbityError)) throw error;
      failures.push(error);
    }
  }
  return layer;
}

function readDocument(layer: Layer, file: string, text: string): void {
  const yaml = parseYaml(text, file, 'CATALOG_INVALID');
  const named =
    typeof yaml.value === 'object' && yaml.value !== null && !Array.isArray(yaml.value) ? yaml.value.kind : undefined;
  const reader = typeof named === 'string' ? READERS.get(named) : undefined;
  if (!reader)
    throw new ProbityError(
      'CATALOG_INVALID',
      `kind is ${JSON.stringify(named ?? null).slice(0, 60)}, which no catalog holds`,
      {
        where: `${file}:${yaml.lineOf('/kind')}`,
        remedy: `Use one of ${[...READERS.keys()].join(', ')}`,
      },
    );
  reader.read(layer, yaml, file);
}

function merge(layers: readonly Layer[], sha256: string): Catalog {
  const changes: CatalogChanges = { added: [], replaced: [], off: [], other: [] };
  const duplicates: Catalog['duplicates'] = [];
  const lay = <T extends { id: string }>(
    lists: readonly Filed<T>[][],
    note: (id: string, replaced: boolean) => void,
  ): Filed<T>[] => {
    const result = new Map<string, Filed<T>>();
    lists.forEach((list, depth) => {
      const seen = new Map<string, string>();
      for (const entry of list) {
        const { id } = entry.document;
        const first = seen.get(id);
        if (first !== undefined) duplicates.push({ id, first, where: `${entry.file}:${entry.lineOf('/id')}` });
        seen.set(id, entry.file);
        if (depth > 0) note(id, result.has(id));
        result.set(id, entry);
      }
    });
    return [...result.values()];
  };
  const other = (what: string) => (id: string, replaced: boolean) => {
    if (replaced) changes.other.push(`${what} ${id}`);
  };
  const controls = lay(
    layers.map((layer) => layer.Control),
    (id, replaced) => (replaced ? changes.replaced : changes.added).push(id),
  );
  const profiles = lay(
    layers.map((layer) => layer.Profile),
    other('profile'),
  );
  const frameworks = lay(
    layers.map((layer) => layer.Framework),
    other('framework'),
  );
  const overlays = layers.flatMap((layer) => layer.Overlay);
  changes.off.push(...overlays.flatMap(({ document }) => document.off));
  const techniques = layers.flatMap((layer) => layer.Techniques.flatMap(({ document }) => document.techniques));
  return {
    controls: sortControls(controls).map((entry) => ({
      ...entry,
      document: resolveMappings(entry.document, frameworks),
    })),
    profiles: profiles.map((entry) => ({ ...entry, document: inherit(entry.document, profiles) })),
    bundledProfiles: (layers[0]?.Profile ?? []).map(({ document }) => inherit(document, layers[0]?.Profile ?? [])),
    frameworks: frameworks.toSorted(
      (a, b) =>
        (a.document.order ?? Infinity) - (b.document.order ?? Infinity) || (a.document.id < b.document.id ? -1 : 1),
    ),
    probeMaps: mergeProbeMaps(layers),
    overlays,
    techniques: [...new Map(techniques.map((one) => [one.id, one])).values()],
    actions: mergeActions(layers),
    changeEffects: last(
      'ChangeEffects',
      layers.flatMap((layer) => layer.ChangeEffects),
    ).effects,
    threatTerms: last(
      'ThreatTerms',
      layers.flatMap((layer) => layer.ThreatTerms),
    ),
    sensitivity: last(
      'Sensitivity',
      layers.flatMap((layer) => layer.Sensitivity),
    ).weights,
    changes,
    duplicates,
    sha256,
  };
}

/** Of documents there is one of, the overlay's. */
function last<T>(kind: CatalogKind, filed: readonly Filed<T>[]): T {
  const found = filed.at(-1);
  if (!found)
    throw new ProbityError('CATALOG_INVALID', `the catalog has no document of kind ${kind}`, {
      where: BUNDLED_CATALOG,
    });
  return found.document;
}

/** Families in their order, ids in theirs, so that an added control stands among its kin. */
function sortControls(controls: readonly Filed<Control>[]): Filed<Control>[] {
  return controls.toSorted(
    (a, b) =>
      FAMILIES.indexOf(a.document.family) - FAMILIES.indexOf(b.document.family) ||
      (a.document.id < b.document.id ? -1 : a.document.id > b.document.id ? 1 : 0),
  );
}

/** Legacy identifiers that a control's author wrote are read as what they are now, and remembered. */
function resolveMappings(control: Control, frameworks: readonly Filed<Framework>[]): Control {
  const resolved = Object.entries(control.frameworks).map(([id, mappings]): [string, Control['frameworks'][string]] => {
    const framework = frameworks.find(({ document }) => document.id === id)?.document;
    return [
      id,
      mappings.flatMap((mapping) => {
        if (!framework || framework.items.some((item) => item.id === mapping.item)) return [mapping];
        const found = resolveIdentifier([framework], mapping.item)[0];
        return found && found.items.length > 0
          ? found.items.map((item) => ({ ...mapping, item, cited: mapping.item }))
          : [mapping];
      }),
    ];
  });
  return { ...control, frameworks: Object.fromEntries(resolved) };
}

/** A profile with the parameters of those it extends. Loops and unknown names are left for `lint`. */
function inherit(profile: Profile, all: readonly Filed<Profile>[], depth = 0): Profile {
  const base = all.find(({ document }) => document.id === profile.extends && document.id !== profile.id)?.document;
  return base && depth < 10
    ? { ...profile, parameters: { ...inherit(base, all, depth + 1).parameters, ...profile.parameters } }
    : profile;
}

/** Actions by id, later layers first asked; a control that a later layer puts elsewhere leaves where it was. */
function mergeActions(layers: readonly Layer[]): Action[] {
  const all = layers.flatMap((layer) => layer.Actions.flatMap(({ document }) => document.actions));
  const actions = [...new Map(all.map((one) => [one.id, one])).values()];
  const place = new Map(actions.flatMap(({ id, controls }) => controls.map((control) => [control, id] as const)));
  return actions.map((one) => ({ ...one, controls: one.controls.filter((control) => place.get(control) === one.id) }));
}

/** One map a tool; entries of later layers are asked first. */
function mergeProbeMaps(layers: readonly Layer[]): Filed<ProbeMap>[] {
  const result = new Map<string, Filed<ProbeMap>>();
  for (const entry of layers.flatMap((layer) => layer.ProbeMap)) {
    const before = result.get(entry.document.tool);
    result.set(
      entry.document.tool,
      before
        ? { ...entry, document: { ...entry.document, probes: [...entry.document.probes, ...before.document.probes] } }
        : entry,
    );
  }
  return [...result.values()];
}

async function readFolder(folder: string): Promise<CatalogText[]> {
  const names = (await yamlFiles(folder, '')).sort();
  // At once: handing so many small files to other threads takes longer than reading them.
  return names.map((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
  });
}

/** The YAML files of a folder, by their POSIX names below it. Links, devices and pipes are no files of a catalog. */
async function yamlFiles(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    throw new ProbityError('CATALOG_INVALID', whyUnread(error, 'the catalog'), {
      where: path.join(folder, below),
      remedy: 'Name a folder of YAML files with --controls',
      cause: error,
    });
  });
  const found: string[] = [];
  for (const entry of entries) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await yamlFiles(folder, name)));
    else if (entry.isFile() && YAML_FILE.test(name)) found.push(name);
    // Passed over in silence, a control behind a link would be missing from the report.
    else if (entry.isSymbolicLink() || YAML_FILE.test(name))
      throw new ProbityError(
        'CATALOG_INVALID',
        entry.isSymbolicLink() ? 'is a link, and links are not followed' : 'is not a regular file',
        { where: path.join(folder, name), remedy: 'Put the file itself there' },
      );
  }
  return found;
}

const YAML_FILE = /\.ya?ml$/;

/** Whether an overlay switched a control off for a class. */
export function switchedOff(
  catalog: Pick<Catalog, 'changes'>,
  control: string,
  attackClass: AttackClass,
): SwitchedOff | undefined {
  return catalog.changes.off.find(
    (off) => off.control === control && (off.attackClass === undefined || off.attackClass === attackClass),
  );
}

/** The profile with this id. @throws ProbityError USAGE naming those that exist */
export function findProfile(catalog: Catalog, id: string): Profile {
  const found = catalog.profiles.find((profile) => profile.document.id === id)?.document;
  if (found) return found;
  throw new ProbityError('USAGE', `there is no profile "${id}"`, {
    remedy: `Use one of ${catalog.profiles.map((profile) => profile.document.id).join(', ')}`,
  });
}

/** Looks probes up in the catalog's maps; the first matching line of the tool's map decides. */
export function probeLookup(catalog: Catalog): ProbeLookup {
  const maps = new Map(
    catalog.probeMaps.map(({ document }) => [
      document.tool,
      document.probes.map((entry) => ({
        pattern: wildcard(entry.match),
        detectors: entry.detectors?.map(wildcard),
        meaning: {
          attackClass: entry.attackClass,
          technique: entry.technique,
          surface: entry.surface,
          shows: entry.shows,
          ...(entry.publicText ? { publicText: true } : {}),
          why: entry.why,
        },
      })),
    ]),
  );
  return (tool, probe, detector = '') =>
    maps
      .get(tool)
      ?.find(({ pattern, detectors }) => pattern.test(probe) && (detectors?.some((one) => one.test(detector)) ?? true))
      ?.meaning;
}

function wildcard(match: string): RegExp {
  return new RegExp(`^${match.split('*').map(escapeRegExp).join('.*')}$`, 'i');
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Between two words: blanks and hyphens, a line break among them. */
const BLANK = '[\\s-]{1,4}';
/** A sentence's words between two parts of a term: at most six, none of them long enough to make a search slow. */
const GAP = '(?:[\\s-]{1,4}[^\\s.;!?-]{1,40}){0,6}?';

/** One word of a term: `*` stands for more letters, `/` parts words of which any will do. */
function wordPattern(word: string): string {
  return `(?:${word
    .split('/')
    .map((one) => escapeRegExp(one).replaceAll('\\*', '[A-Za-z]*'))
    .join('|')})`;
}

/** A term of `controls/probes/threat-terms.yaml`, found in whatever text has it as whole words. */
function termPattern(term: string, beside = ''): RegExp {
  const parts = term.split(' .. ').map((part) => part.split(' ').map(wordPattern).join(BLANK));
  return new RegExp(`(?<![A-Za-z0-9])${parts.join(`${GAP}${BLANK}`)}(?![A-Za-z0-9])${beside}`, 'i');
}

/** An identifier: one that goes on with a part or an edition is another. */
function identifierPattern({ term, unless }: { term: string; unless: readonly string[] }): RegExp {
  const others = unless.map((words) => words.split(' ').map(escapeRegExp).join('[\\s-]+')).join('|');
  return termPattern(term, `(?![:.-]\\d)${others === '' ? '' : `(?![^\\n]{0,60}?(?:${others}))`}`);
}

/** What the first pattern that is found stands for in a text, as the text has it. */
function firstMatch(text: string, patterns: readonly RegExp[]): string[] {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return [found.replaceAll(/\s+/g, ' ').slice(0, 120)];
  }
  return [];
}

/** So much of a threat is searched for terms; what it is about stands at its beginning. */
const SEARCHED = 20_000;

/** Compiles the terms by which threats are matched to attack classes and surfaces. */
export function threatTerms(catalog: Catalog): ThreatTerms {
  const classes = ATTACK_CLASSES.map((attackClass) => {
    const terms = catalog.threatTerms.attackClasses[attackClass];
    return {
      attackClass,
      identifiers: terms.identifiers.map((cited) => ({ term: cited.term, pattern: identifierPattern(cited) })),
      words: terms.words.map((term) => termPattern(term)),
    };
  });
  const surfaces = SURFACES.map((surface) => ({
    surface,
    patterns: catalog.threatTerms.surfaces[surface].map((term) => termPattern(term)),
  }));
  return {
    attackClasses: (whole) => {
      const text = whole.slice(0, SEARCHED);
      return classes.flatMap(
        ({
          attackClass,
          identifiers,
          words,
        }): { attackClass: AttackClass; basis: 'identifier' | 'text'; term: string }[] => {
          const identifier = identifiers.find(({ pattern }) => pattern.test(text));
          if (identifier) return [{ attackClass, basis: 'identifier', term: identifier.term }];
          const [word] = firstMatch(text, words);
          return word === undefined ? [] : [{ attackClass, basis: 'text', term: word }];
        },
      );
    },
    surfaces: (whole) => {
      const text = whole.slice(0, SEARCHED);
      const found = new Map<string, { surface: (typeof SURFACES)[number]; basis: 'text'; term: string }>();
      for (const { surface, patterns } of surfaces)
        for (const term of firstMatch(text, patterns)) found.set(surface, { surface, basis: 'text', term });
      return [...found.values()];
    },
  };
}
