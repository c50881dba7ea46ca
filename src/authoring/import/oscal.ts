import { z } from 'zod';
import { resolveIdentifier } from '../../catalog/identifiers.ts';
import type { Framework } from '../../catalog/schemas.ts';
import { ProbityError } from '../../errors.ts';
import { check, firstIssue } from '../../schema.ts';

/*
 * An OSCAL catalog as its publisher distributes it becomes a framework: each control an item with its official statement,
 * families and categories its groups, and what was withdrawn its legacy identifiers.
 * https://pages.nist.gov/OSCAL/resources/concepts/layer/control/catalog/
 */

const prop = z.looseObject({ name: z.string(), value: z.string(), class: z.string().optional() });
const link = z.looseObject({ href: z.string(), rel: z.string().optional() });
const param = z.looseObject({
  id: z.string(),
  label: z.string().optional(),
  select: z.looseObject({ choice: z.array(z.string()).optional() }).optional(),
});

interface OscalPart {
  name: string;
  prose?: string | undefined;
  props?: z.infer<typeof prop>[] | undefined;
  parts?: OscalPart[] | undefined;
}
const part: z.ZodType<OscalPart> = z.lazy(() =>
  z.looseObject({
    name: z.string(),
    prose: z.string().optional(),
    props: z.array(prop).optional(),
    parts: z.array(part).optional(),
  }),
);

/** A control or a group; OSCAL nests both. */
interface OscalNode {
  id?: string | undefined;
  class?: string | undefined;
  title: string;
  params?: z.infer<typeof param>[] | undefined;
  props?: z.infer<typeof prop>[] | undefined;
  links?: z.infer<typeof link>[] | undefined;
  parts?: OscalPart[] | undefined;
  groups?: OscalNode[] | undefined;
  controls?: OscalNode[] | undefined;
}
const node: z.ZodType<OscalNode> = z.lazy(() =>
  z.looseObject({
    id: z.string().optional(),
    class: z.string().optional(),
    title: z.string(),
    params: z.array(param).optional(),
    props: z.array(prop).optional(),
    links: z.array(link).optional(),
    parts: z.array(part).optional(),
    groups: z.array(node).optional(),
    controls: z.array(node).optional(),
  }),
);

const catalogSchema = z.looseObject({
  metadata: z.looseObject({
    title: z.string().min(1),
    version: z.string().default(''),
    published: z.string().optional(),
  }),
  groups: z.array(node).default([]),
  controls: z.array(node).default([]),
});
export type OscalCatalog = z.infer<typeof catalogSchema>;

/** Nesting deeper than any catalog's. */
const DEEPEST = 24;
/** Classes of controls that only hold other controls, as in the Cybersecurity Framework. */
const GROUPING = new Set(['function', 'category', 'family']);

/** @throws ProbityError CATALOG_INVALID naming the place of the first thing wrong */
export function parseOscalCatalog(value: unknown, file: string): OscalCatalog {
  if (depthOf(value) > DEEPEST * 2)
    throw new ProbityError('CATALOG_INVALID', 'it is nested deeper than any catalog', { where: file });
  const parsed = check(z.looseObject({ catalog: catalogSchema }), value);
  if (parsed.success) return parsed.data.catalog;
  const { pointer, message } = firstIssue(parsed.error);
  throw new ProbityError('CATALOG_INVALID', `not an OSCAL catalog: ${message}`, {
    where: `${file}#${pointer}`,
    remedy: 'Name a catalog, not a profile or a mapping; NIST publishes both side by side',
  });
}

function depthOf(value: unknown): number {
  let depth = 0;
  let level: unknown[] = [value];
  while (level.length > 0 && depth <= DEEPEST * 2) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    depth++;
  }
  return depth;
}

interface ImportedItem {
  id: string;
  title?: string;
  statement: string;
  group?: string;
}

/** What a catalog holds, in the words of a framework. */
export interface ImportedCatalog {
  title: string;
  version: string;
  published?: string;
  groups: { id: string; title: string }[];
  items: ImportedItem[];
  withdrawn: { id: string; now: string[] }[];
}

/** Reads items, groups and withdrawn identifiers out of a catalog. */
export function readOscalCatalog(catalog: OscalCatalog): ImportedCatalog {
  const names = new Map<string, string>();
  const gone = new Set<string>();
  const each = (
    nodes: readonly OscalNode[],
    visit: (one: OscalNode, group: OscalNode | undefined, isGroup: boolean) => void,
    group?: OscalNode,
    grouped = true,
  ): void => {
    for (const one of nodes) {
      const isGroup = grouped || GROUPING.has(one.class ?? '');
      visit(one, group, isGroup);
      const inner = isGroup ? one : group;
      each(one.groups ?? [], visit, inner, true);
      each(one.controls ?? [], visit, inner, false);
    }
  };
  const walk = (visit: Parameters<typeof each>[1]): void => {
    each(catalog.groups, visit);
    each(catalog.controls, visit, undefined, false);
  };
  walk((one, _group, isGroup) => {
    if (one.id === undefined) return;
    names.set(one.id.toLowerCase(), nameOf(one, isGroup));
    if (isWithdrawn(one)) gone.add(one.id.toLowerCase());
  });
  const result: ImportedCatalog = {
    title: catalog.metadata.title,
    version: catalog.metadata.version,
    ...(catalog.metadata.published ? { published: catalog.metadata.published.slice(0, 10) } : {}),
    groups: [],
    items: [],
    withdrawn: [],
  };
  walk((one, group, isGroup) => {
    if (one.id === undefined) return;
    const id = nameOf(one, isGroup);
    if (isWithdrawn(one)) {
      const now = (one.links ?? [])
        .filter((entry) => /^(incorporated|moved)[-_](in)?to$/.test(entry.rel ?? ''))
        .map((entry) => entry.href.replace(/^#/, '').toLowerCase())
        .filter((target) => names.has(target) && !gone.has(target));
      if (now.length > 0)
        result.withdrawn.push({ id, now: [...new Set(now.map((target) => names.get(target) as string))] });
    } else if (isGroup) result.groups.push({ id, title: one.title });
    else
      result.items.push({
        id,
        ...(one.title === id ? {} : { title: one.title }),
        statement: statementOf(one),
        ...(group?.id === undefined ? {} : { group: nameOf(group, true) }),
      });
  });
  const used = new Set(result.items.map((item) => item.group));
  return { ...result, groups: result.groups.filter((group) => used.has(group.id)) };
}

/** The identifier people cite: the plain label of a control, else its id in capitals. */
function nameOf(one: OscalNode, isGroup: boolean): string {
  const label = isGroup
    ? undefined
    : one.props?.find((entry) => entry.name === 'label' && entry.class === undefined && !/\s/.test(entry.value))?.value;
  return label ?? (one.id ?? '').toUpperCase();
}

function isWithdrawn(one: OscalNode): boolean {
  return one.props?.some((entry) => entry.name === 'status' && entry.value.toLowerCase() === 'withdrawn') ?? false;
}

/** The official text: statements with their numbered parts, and parameters by their labels. */
function statementOf(one: OscalNode): string {
  const labels = new Map(
    (one.params ?? []).map((entry) => [entry.id, entry.label ?? entry.select?.choice?.join(' or ') ?? entry.id]),
  );
  const fill = (text: string): string =>
    text
      .replace(/\{\{\s*insert:\s*param,\s*([^\s}]+)\s*\}\}/g, (_, id: string) => `[${labels.get(id) ?? id}]`)
      .replace(/\[([^\][]+)\]\(#[^)]*\)/g, '$1')
      .replace(/\s+/g, ' ')
      .replace(/ (?=[\]),.;:])|(?<=\[) /g, '')
      .trim();
  const say = (parts: readonly OscalPart[]): string[] =>
    parts.flatMap((entry) => {
      const label =
        entry.props?.find((candidate) => candidate.name === 'label' && candidate.class === undefined)?.value ?? '';
      return [
        [label, fill(entry.prose ?? '')].filter(Boolean).join(' '),
        ...say((entry.parts ?? []).filter((inner) => inner.name === 'item')),
      ];
    });
  // A choice may itself hold parameters.
  return fill(
    say((one.parts ?? []).filter((entry) => entry.name === 'statement'))
      .filter(Boolean)
      .join(' '),
  );
}

export interface FrameworkImport {
  framework: Framework;
  /** Items that already were there and now have their statement. */
  completed: number;
  added: number;
  /** Left out because the framework is complete without them: of an earlier edition, or withdrawn without being marked so. */
  passedOver: number;
  withdrawn: number;
  /** Items of the framework that the imported catalog does not have. */
  missing: string[];
}

const STATEMENT_LIMIT = 8000;
const OUTCOME_LIMIT = 2000;

/** Lays an imported catalog over a framework that is there: our outcomes and titles stay, statements and further items come to it. */
export function completeFramework(base: Framework, imported: ImportedCatalog): FrameworkImport {
  const byId = new Map(imported.items.map((item) => [item.id, item]));
  const found = new Set<string>();
  const items = base.items.map((item) => {
    const same =
      byId.get(item.id) ??
      imported.items.find(
        (candidate) => resolveIdentifier([{ ...base, legacy: [] }], candidate.id)[0]?.items[0] === item.id,
      );
    if (!same) return item;
    found.add(same.id);
    return { ...item, statement: same.statement.slice(0, STATEMENT_LIMIT) };
  });
  const groups = new Set(base.groups.map((group) => group.id));
  const further = imported.items.filter((item) => !found.has(item.id));
  const added = base.complete ? [] : further.map(toItem);
  const wanted = new Set(added.map((item) => item.group));
  const all = new Set([...items, ...added].map((item) => item.id));
  const legacy = new Set(base.legacy.map((entry) => entry.id));
  const withdrawn = legacyOf(imported, imported.title).filter((entry) => !legacy.has(entry.id) && !all.has(entry.id));
  const knownGroups = [
    ...base.groups,
    ...imported.groups.filter((group) => wanted.has(group.id) && !groups.has(group.id)),
  ];
  const targets = new Set([...all, ...knownGroups.map((group) => group.id)]);
  return {
    framework: {
      ...base,
      groups: knownGroups,
      items: [...items, ...added],
      legacy: [...base.legacy, ...withdrawn.filter((entry) => entry.now.every((id) => targets.has(id)))],
    },
    completed: found.size,
    added: added.length,
    passedOver: further.length - added.length,
    withdrawn: withdrawn.length,
    missing: base.items
      .filter((item) => items.find((one) => one.id === item.id)?.statement === undefined)
      .map((item) => item.id),
  };
}

/** A framework made of nothing but an imported catalog. */
export function newFramework(
  id: string,
  imported: ImportedCatalog,
  source: { url: string; publisher: string; licence: string },
): FrameworkImport {
  const framework: Framework = {
    apiVersion: 'probity/v1',
    kind: 'Framework',
    id,
    title: imported.title,
    short: imported.title.slice(0, 24).trim(),
    version: imported.version || 'unknown',
    publisher: source.publisher,
    ...(imported.published ? { published: imported.published } : {}),
    url: source.url,
    licence: source.licence,
    complete: true,
    formerEditions: [],
    names: [],
    groups: imported.groups,
    items: imported.items.map(toItem),
    legacy: legacyOf(imported, imported.title),
    outOfScope: [],
  };
  return {
    framework,
    completed: 0,
    added: framework.items.length,
    passedOver: 0,
    withdrawn: framework.legacy.length,
    missing: [],
  };
}

function toItem(item: ImportedItem): Framework['items'][number] {
  const outcome = item.title ?? item.statement;
  return {
    id: item.id.slice(0, 60),
    ...(item.title ? { title: item.title.slice(0, 200) } : {}),
    outcome: (outcome || item.id).slice(0, OUTCOME_LIMIT),
    ...(item.statement ? { statement: item.statement.slice(0, STATEMENT_LIMIT) } : {}),
    ...(item.group ? { group: item.group } : {}),
  };
}

function legacyOf(imported: ImportedCatalog, title: string): Framework['legacy'] {
  return imported.withdrawn.map(({ id, now }) => ({
    id,
    now,
    note: `${id} was withdrawn from ${title}; see ${now.join(' and ')}.`,
  }));
}

/** The framework that an imported catalog is most of, if there is one. */
export function sameFramework(frameworks: readonly Framework[], imported: ImportedCatalog): Framework | undefined {
  const ids = new Set(imported.items.map((item) => item.id));
  const shares = frameworks.map((framework) => ({
    framework,
    share: framework.items.filter((item) => ids.has(item.id)).length / framework.items.length,
  }));
  const best = shares.sort((a, b) => b.share - a.share)[0];
  return best && best.share >= 0.5 ? best.framework : undefined;
}
