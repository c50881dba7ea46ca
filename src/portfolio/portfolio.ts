import { ProbityError } from '../errors.ts';
import { evidenceRoot } from '../evidence/merkle.ts';
import { addDays } from '../schema.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import { TOOL } from '../tool.ts';
import type { OpenGap, PackFacts, PortfolioSystem, Severity, Sharable } from './system.ts';

/** The schema name written into every portfolio. */
const PORTFOLIO_SCHEMA = 'probity/portfolio/v1';

/** How long before its end an acceptance is named, in days. */
const SOON = 60;

/** A pack that counts for nothing, and why. */
export interface Refused {
  path: string;
  why: string;
}

/** One cause that several systems share. What it means is said per class; nothing is added over them. */
export interface SharedCause {
  kind: Sharable['kind'];
  id: string;
  name: string;
  systems: string[];
}

/** Many systems on one page. Systems and classes stand beside each other and are never added into a score. */
export interface Portfolio {
  schema: typeof PORTFOLIO_SCHEMA;
  tool: { name: string; version: string };
  /** The day by which ages and ends are counted. */
  asOf: string;
  /** What was asked for, where not all. */
  filter: Record<string, string>;
  /** Over every pack that was read, by path and digest. */
  evidenceRoot: string;
  systems: PortfolioSystem[];
  refused: Refused[];
  /** Packs of a system before its newest one, which say what changed. */
  earlier: { path: string; id: string; asOf: string; sha256: string }[];
  /** How many systems did not fit the filter. */
  leftOut: number;
  controls: { id: string; title: string }[];
  causes: SharedCause[];
  /** One action that would close the gap of the same control in several systems. */
  actions: {
    control: string;
    title: string;
    action: string;
    severity: Severity;
    attackClass: AttackClass;
    systems: string[];
  }[];
  endingSoon: { system: string; attackClass: AttackClass; control: string; approver: string; ends: string }[];
  frameworks: { id: string; short: string; items: number }[];
}

/** What is needed besides the packs. */
export interface PortfolioOptions {
  asOf?: string;
  filter?: Record<string, string>;
}

/** Packs of one system, the newest last. */
export interface SystemPacks {
  id: string;
  packs: PackFacts[];
}

/**
 * Sorts packs by system. Two different packs of one system and one day contradict each other, and count for nothing.
 * @returns each system's packs from the oldest to the newest, in an order that does not depend on the order of reading
 */
export function bySystem(packs: readonly PackFacts[]): { systems: SystemPacks[]; refused: Refused[] } {
  const refused: Refused[] = [];
  const systems = [...Map.groupBy(packs, ({ system }) => system.id)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, all]): SystemPacks[] => {
      const days = [...Map.groupBy(all, ({ system }) => system.asOf)].sort(([a], [b]) => (a < b ? -1 : 1));
      const kept = days.flatMap(([asOf, sameDay]) => {
        const different = [...Map.groupBy(sameDay, ({ system }) => system.sha256).values()].map((same) =>
          leastPath(same),
        );
        if (different.length === 1) return different;
        for (const { system } of different)
          refused.push({
            path: system.path,
            why: `another pack of ${id} says something else of the same day, ${asOf}; nothing tells which is right`,
          });
        return [];
      });
      return kept.length > 0 ? [{ id, packs: kept }] : [];
    });
  return { systems, refused };
}

/** The same assessment in several places is one. */
function leastPath(same: readonly PackFacts[]): PackFacts {
  return same.toSorted((a, b) => (a.system.path < b.system.path ? -1 : 1))[0] as PackFacts;
}

/** Puts a portfolio together. Pure, and the same whatever the order of the systems. */
export function portfolioOf(
  systems: readonly SystemPacks[],
  refused: readonly Refused[],
  { asOf, filter = {} }: PortfolioOptions = {},
): Portfolio {
  const newest = systems.map(({ packs }) => packs.at(-1) as PackFacts);
  const kept = newest
    .filter(({ system }) => Object.entries(filter).every(([name, wanted]) => tagOf(system, name) === wanted))
    .sort((a, b) => (a.system.id < b.system.id ? -1 : 1));
  const day =
    asOf ??
    newest
      .map(({ system }) => system.asOf)
      .sort()
      .at(-1) ??
    '';
  const ids = new Set(kept.map(({ system }) => system.id));
  const earlier = systems
    .filter(({ id }) => ids.has(id))
    .flatMap(({ id, packs }) =>
      packs.slice(0, -1).map(({ system }) => ({ path: system.path, id, asOf: system.asOf, sha256: system.sha256 })),
    );
  const read = [...kept.map(({ system }) => system), ...earlier];
  return {
    schema: PORTFOLIO_SCHEMA,
    tool: { ...TOOL },
    asOf: day,
    filter,
    evidenceRoot: evidenceRoot(
      read
        .map(({ path, sha256 }) => ({ path, sha256, bytes: 0, accepted: true }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
    ),
    systems: kept.map(({ system }) => system),
    refused: [...refused].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.why < b.why ? -1 : 1)),
    earlier,
    leftOut: newest.length - kept.length,
    controls: named(kept.flatMap(({ controls }) => controls)).map(({ id, title }) => ({ id, title })),
    causes: causesOf(kept),
    actions: actionsOf(kept),
    endingSoon: endingSoon(kept, day),
    frameworks: named(kept.flatMap(({ frameworks }) => frameworks)),
  };
}

function tagOf({ owner, tier, unit, tags }: PortfolioSystem, name: string): string | undefined {
  if (name === 'owner') return owner;
  if (name === 'tier') return tier;
  return name === 'unit' ? unit : tags[name];
}

/** The error for a filter that no system matches; says what there is to choose from. @param all without the filter */
export function unmatched({ systems }: Portfolio, filter: Readonly<Record<string, string>>): ProbityError {
  const flags = Object.entries(filter).map(([name, wanted]) =>
    NAMES_OF.has(name) ? `--${name} ${wanted}` : `--tag ${name}=${wanted}`,
  );
  const there = Object.keys(filter).map((name) => {
    const values = [...new Set(systems.flatMap((system) => tagOf(system, name) ?? []))].sort();
    const few = values.slice(0, MOST_NAMED).join(', ') || 'none';
    const more = values.length > MOST_NAMED ? ` and ${values.length - MOST_NAMED} more` : '';
    return `${NAMES_OF.get(name) ?? `values of ${name}`} are: ${few}${more}`;
  });
  return new ProbityError('USAGE', `no system matches ${flags.join(' ')}; ${there.join('; ')}`, {
    remedy: 'Nothing was written',
  });
}

/** So many values are named. */
const MOST_NAMED = 20;

/** The filters with flags of their own; the others are tags. */
const NAMES_OF = new Map([
  ['owner', 'owners'],
  ['tier', 'tiers'],
  ['unit', 'units'],
]);

/** One of each id, by id; of several the one whose text comes first, so that the order of packs decides nothing. */
function named<T extends { id: string }>(all: readonly T[]): T[] {
  const chosen = new Map<string, T>();
  for (const one of all) {
    const before = chosen.get(one.id);
    if (!before || JSON.stringify(one) < JSON.stringify(before)) chosen.set(one.id, one);
  }
  return [...chosen.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const SEVERITY_ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

function causesOf(packs: readonly PackFacts[]): SharedCause[] {
  const found = new Map<string, SharedCause>();
  for (const { system, shared } of packs)
    for (const { kind, id, name } of shared) {
      const key = `${kind} ${id}`;
      const cause = found.get(key) ?? { kind, id, name, systems: [] };
      cause.systems.push(system.id);
      if (name < cause.name) cause.name = name;
      found.set(key, cause);
    }
  return [...found.values()]
    .filter(({ systems }) => systems.length > 1)
    .sort((a, b) => b.systems.length - a.systems.length || (`${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1));
}

function actionsOf(packs: readonly PackFacts[]): Portfolio['actions'] {
  const controls = new Map(named(packs.flatMap((pack) => pack.controls)).map((one) => [one.id, one]));
  return ATTACK_CLASSES.flatMap((attackClass) => {
    const open = new Map<string, string[]>();
    for (const { system } of packs)
      for (const { control } of system.classes[attackClass].gaps)
        open.set(control, [...(open.get(control) ?? []), system.id]);
    return [...open]
      .filter(([, systems]) => systems.length > 1)
      .map(([control, systems]): Portfolio['actions'][number] => {
        const { title = control, remediation: action = '', severity = 'low' as const } = controls.get(control) ?? {};
        return { control, title, action, severity, attackClass, systems };
      })
      .sort(
        (a, b) =>
          b.systems.length - a.systems.length ||
          SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
          (a.control < b.control ? -1 : 1),
      );
  });
}

function endingSoon(packs: readonly PackFacts[], asOf: string): Portfolio['endingSoon'] {
  const until = asOf === '' ? '' : addDays(asOf, SOON);
  return packs
    .flatMap(({ system }) =>
      ATTACK_CLASSES.flatMap((attackClass) =>
        system.classes[attackClass].acceptances
          .filter(({ ends }) => ends <= until)
          .map((one) => ({ system: system.id, attackClass, ...one })),
      ),
    )
    .sort((a, b) =>
      a.ends + a.system + a.attackClass + a.control < b.ends + b.system + b.attackClass + b.control ? -1 : 1,
    );
}

/** How many gaps of each severity are open. */
export function gapCounts(gaps: readonly OpenGap[]): Record<Severity, number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { severity } of gaps) counts[severity]++;
  return counts;
}
