import type { SensitivityWeights } from '../catalog/schemas.ts';
import {
  type BodyOf,
  type Entitlement,
  type IdentityBody,
  type Observation,
  type ResourceType,
  RIGHTS,
  type Right,
  SENSITIVITIES,
  type Sensitivity,
  type Source,
  STAGES,
  type Stage,
  SURFACES,
  type Surface,
} from '../evidence/observation.ts';

/*
 * What every identity can reach: by its own entitlements, by the roles bound to it, and by becoming others. Identities and
 * roles are the nodes of a graph; circles of roles are taken together (Tarjan 1972), and what a node reaches is passed on to
 * those that can become it. Resources stand in the order of their names, so that `bucket/claims/*` is one interval.
 */

/** What one identity reaches. */
interface Reach {
  /** Distinct resources; at least so many when `atLeast` is set. */
  resources: number;
  /** The resources, each counted by the weight of its sensitivity. */
  weight: number;
  bySensitivity: Partial<Record<Sensitivity, number>>;
  /** The gravest sensitivity among them. */
  most: Sensitivity | undefined;
  stages: Stage[];
  rights: Right[];
  surfaces: Surface[];
  /** An administrator, or able to become one. */
  admin: boolean;
  atLeast: boolean;
  /** Whether every resource and everything it can become is listed by an inventory. */
  closed: boolean;
  /** Whether every resource among them says what surface it belongs to. */
  placed: boolean;
}

/** One step from an identity towards a resource. */
interface Step {
  how: 'is bound to' | 'can become' | 'reaches';
  to: string;
}

export interface ReachIndex {
  /** Undefined for an identity of which nothing is known that it may do. */
  of(identity: string): Reach | undefined;
  /** The shortest way to a resource of the gravest sensitivity that it reaches. */
  path(identity: string): Step[];
  /** Whether the inventories list resources at all. */
  resourcesListed: boolean;
  /** Roles that lead back to themselves, each with the place of one of them. */
  circles: { names: string[]; source: Source }[];
  /** Names of what somebody may become and no inventory lists, with who. */
  missing: { who: string; target: string; source: Source }[];
}

type Resource = Observation<BodyOf<'resource'>>;
type Role = Observation<BodyOf<'role'>>;

interface Node {
  id: string;
  name: string;
  admin: boolean;
  stated: boolean;
  entitlements: readonly Entitlement[];
  edges: { to: number; how: Step['how'] }[];
  open: boolean;
  source: Source;
}

/** Disjoint intervals of resource numbers, ascending: from, to, from, to, .. with `to` outside. */
type Intervals = Int32Array;
const NOTHING: Intervals = new Int32Array(0);
/** So many intervals are kept of one identity; no limit of a profile lies anywhere near. */
const MOST_INTERVALS = 20_000;
const RIGHT_OF: Partial<Record<ResourceType, Right>> = { model: 'call-model', data: 'read-data', tool: 'execute-tools' };

/**
 * Computes what identities reach.
 * @param identities one a name, as merged from all inventories
 */
export function reachIndex(
  identities: readonly Observation<IdentityBody>[],
  roles: readonly Role[],
  resources: readonly Resource[],
  weights: SensitivityWeights,
): ReachIndex {
  const { nodes, numbers, missing } = nodesOf(identities, roles);
  const catalogue = new Catalogue(resources, nodes, weights);
  const own = nodes.map((node) => (node.admin ? catalogue.everything() : catalogue.reachedBy(node.entitlements)));
  const { component, components } = stronglyConnected(nodes);
  const reaches = closures(nodes, components, component, own, catalogue);
  return {
    resourcesListed: resources.length > 0,
    missing,
    circles: components
      .filter((members) => members.length > 1)
      .map((members) => {
        const circle = members.map((number) => nodes[number] as Node).sort((a, b) => (a.id < b.id ? -1 : 1));
        return { names: circle.map((node) => node.name), source: (circle[0] as Node).source };
      }),
    of(identity) {
      const number = numbers.get(identity);
      return number === undefined ? undefined : reaches[component[number] as number];
    },
    path(identity) {
      const number = numbers.get(identity);
      const reach = number === undefined ? undefined : reaches[component[number] as number];
      return number === undefined || !reach?.most ? [] : shortestPath(nodes, number, own, catalogue, reach.most);
    },
  };
}

function nodesOf(identities: readonly Observation<IdentityBody>[], roles: readonly Role[]) {
  const numbers = new Map<string, number>();
  const nodes: Node[] = [];
  const bodies: { roles: readonly string[]; assumes: readonly string[] }[] = [];
  const add = (body: Observation<IdentityBody> | Role, bound: readonly string[]): void => {
    numbers.set(body.id, nodes.length);
    const assumes = body.assumes ?? [];
    nodes.push({
      id: body.id,
      name: body.name,
      admin: body.admin === true,
      stated: body.admin === true || body.entitlements !== undefined || bound.length > 0 || assumes.length > 0,
      entitlements: body.entitlements ?? [],
      edges: [],
      open: false,
      source: body.source,
    });
    bodies.push({ roles: bound, assumes });
  };
  for (const identity of identities) add(identity, identity.roles ?? []);
  for (const role of roles) if (!numbers.has(role.id)) add(role, []);
  const missing: ReachIndex['missing'] = [];
  bodies.forEach((body, index) => {
    const node = nodes[index] as Node;
    const link = (target: string, how: Step['how']): void => {
      const to = numbers.get(target);
      if (to !== undefined) node.edges.push({ to, how });
      else {
        node.open = true;
        missing.push({ who: node.name, target, source: node.source });
      }
    };
    for (const role of body.roles) link(role, 'is bound to');
    for (const target of body.assumes) link(target, 'can become');
  });
  return { nodes, numbers, missing };
}

/** All resources by number, and what an interval of them amounts to. */
class Catalogue {
  readonly names: string[];
  #patterns = new Map<string, Intervals>();
  #listed: number;
  /** Running counts: one row a sensitivity, then one a stage, right, surface, and one for resources that nobody listed. */
  #running: Int32Array[];
  #weights: SensitivityWeights;

  constructor(resources: readonly Resource[], nodes: readonly Node[], weights: SensitivityWeights) {
    this.#weights = weights;
    const known = new Map(resources.map((resource) => [resource.id, resource]));
    const names = new Set(known.keys());
    const patterns = new Set<string>();
    for (const node of nodes)
      for (const entitlement of node.entitlements) for (const name of entitlement.resources) (name.includes('*') ? patterns : names).add(name);
    this.names = [...names].sort();
    this.#listed = this.names.length;
    for (const pattern of [...patterns].sort()) {
      const found = this.#match(pattern);
      // A pattern that matches nothing known stands for at least one resource of unknown sensitivity.
      if (found.length === 0 && pattern !== '*') this.names.push(pattern);
      this.#patterns.set(pattern, found.length === 0 && pattern !== '*' ? Int32Array.of(this.names.length - 1, this.names.length) : found);
    }
    this.#running = this.#count(known);
  }

  everything(): Intervals {
    return this.#listed === 0 ? NOTHING : Int32Array.of(0, this.#listed);
  }

  reachedBy(entitlements: readonly Entitlement[]): Intervals {
    const parts: Intervals[] = [];
    for (const { resources } of entitlements)
      for (const name of resources) {
        const pattern = name.includes('*') ? this.#patterns.get(name) : undefined;
        const number = pattern ? -1 : this.#find(name);
        parts.push(pattern ?? Int32Array.of(number, number + 1));
      }
    return union(parts);
  }

  measure(intervals: Intervals): Omit<Reach, 'admin' | 'atLeast' | 'closed'> & { unlisted: number } {
    const totals = this.#running.map((running) => {
      let sum = 0;
      for (let i = 0; i < intervals.length; i += 2) sum += (running[intervals[i + 1] as number] as number) - (running[intervals[i] as number] as number);
      return sum;
    });
    const total = (row: number): number => totals[row] as number;
    const held = <T>(values: readonly T[], offset: number): T[] => values.filter((_, index) => total(offset + index) > 0);
    const bySensitivity: Reach['bySensitivity'] = {};
    let resources = 0;
    let weight = 0;
    let most: Sensitivity | undefined;
    SENSITIVITIES.forEach((sensitivity, index) => {
      const count = total(index);
      if (count === 0) return;
      bySensitivity[sensitivity] = count;
      resources += count;
      weight += count * (this.#weights[sensitivity] ?? 0);
      most = sensitivity;
    });
    return {
      resources,
      weight,
      bySensitivity,
      most,
      stages: held(STAGES, ROWS.stages),
      rights: held(RIGHTS, ROWS.rights),
      surfaces: held(SURFACES, ROWS.surfaces),
      placed: SURFACES.reduce((sum, _, index) => sum + total(ROWS.surfaces + index), 0) === resources,
      unlisted: total(ROWS.unlisted),
    };
  }

  /** The first resource of a sensitivity among intervals. */
  first(intervals: Intervals, sensitivity: Sensitivity): string | undefined {
    const running = this.#running[SENSITIVITIES.indexOf(sensitivity)] as Int32Array;
    for (let i = 0; i < intervals.length; i += 2) {
      let low = intervals[i] as number;
      let high = intervals[i + 1] as number;
      if (running[low] === running[high]) continue;
      const before = running[low] as number;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((running[middle] as number) > before) high = middle;
        else low = middle;
      }
      return this.names[low];
    }
    return undefined;
  }

  #find(name: string): number {
    const at = lowerBound(this.names, name, this.#listed);
    return at;
  }

  #match(pattern: string): Intervals {
    const star = pattern.indexOf('*');
    const prefix = pattern.slice(0, star);
    const from = lowerBound(this.names, prefix, this.#listed);
    const to = prefix === '' ? this.#listed : lowerBound(this.names, `${prefix}\u{10ffff}`, this.#listed);
    if (from >= to) return NOTHING;
    if (star === pattern.length - 1) return Int32Array.of(from, to);
    const rest = pattern.split('*');
    const parts: Intervals[] = [];
    for (let number = from; number < to; number++) if (matches(this.names[number] as string, rest)) parts.push(Int32Array.of(number, number + 1));
    return union(parts);
  }

  #count(known: ReadonlyMap<string, Resource>): Int32Array[] {
    const rows = Array.from({ length: ROWS.length }, () => new Int32Array(this.names.length + 1));
    this.names.forEach((name, number) => {
      const resource = known.get(name);
      for (const row of rows) row[number + 1] = row[number] as number;
      const mark = (row: number): void => {
        const running = rows[row] as Int32Array;
        running[number + 1] = (running[number + 1] as number) + 1;
      };
      mark(SENSITIVITIES.indexOf(resource?.sensitivity ?? 'unstated'));
      if (resource?.stage) mark(ROWS.stages + STAGES.indexOf(resource.stage));
      const right = resource && RIGHT_OF[resource.type];
      if (right) mark(ROWS.rights + RIGHTS.indexOf(right));
      if (resource?.surface) mark(ROWS.surfaces + SURFACES.indexOf(resource.surface));
      if (!resource) mark(ROWS.unlisted);
    });
    return rows;
  }
}

const ROWS = {
  stages: SENSITIVITIES.length,
  rights: SENSITIVITIES.length + STAGES.length,
  surfaces: SENSITIVITIES.length + STAGES.length + RIGHTS.length,
  unlisted: SENSITIVITIES.length + STAGES.length + RIGHTS.length + SURFACES.length,
  length: SENSITIVITIES.length + STAGES.length + RIGHTS.length + SURFACES.length + 1,
} as const;

function lowerBound(sorted: readonly string[], name: string, end: number): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a name fits a pattern given by the texts between its stars. Linear: no backtracking for an attacker to provoke. */
function matches(name: string, parts: readonly string[]): boolean {
  const tail = parts.at(-1) ?? '';
  let at = (parts[0] ?? '').length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}

/** Intervals are sorted as single numbers, which typed arrays do fast; resources are fewer than this. */
const KEY = 2 ** 26;

/** The union of interval lists. */
function union(parts: readonly Intervals[]): Intervals {
  if (parts.length === 0) return NOTHING;
  if (parts.length === 1) return parts[0] as Intervals;
  const keys = new Float64Array(parts.reduce((sum, part) => sum + part.length / 2, 0));
  let count = 0;
  for (const part of parts) for (let i = 0; i < part.length; i += 2) keys[count++] = (part[i] as number) * KEY + (part[i + 1] as number);
  keys.sort();
  const result = new Int32Array(2 * count);
  let length = 0;
  for (const key of keys) {
    const from = Math.floor(key / KEY);
    const to = key - from * KEY;
    const end = result[length - 1];
    if (length > 0 && end !== undefined && from <= end) result[length - 1] = Math.max(end, to);
    else {
      result[length++] = from;
      result[length++] = to;
    }
  }
  return length === result.length ? result : result.slice(0, length);
}

/**
 * Tarjan's strongly connected components, without recursion.
 * @returns the component of each node, and the members of each component; a component comes after all it leads to
 */
function stronglyConnected(nodes: readonly Node[]): { component: Int32Array; components: number[][] } {
  const order = new Int32Array(nodes.length).fill(-1);
  const low = new Int32Array(nodes.length);
  const component = new Int32Array(nodes.length).fill(-1);
  const components: number[][] = [];
  const open: number[] = [];
  let next = 0;
  for (let root = 0; root < nodes.length; root++) {
    if (order[root] !== -1) continue;
    const stack: { node: number; edge: number }[] = [{ node: root, edge: 0 }];
    order[root] = low[root] = next++;
    open.push(root);
    while (stack.length > 0) {
      const frame = stack.at(-1) as { node: number; edge: number };
      const to = nodes[frame.node]?.edges[frame.edge++]?.to;
      if (to !== undefined) {
        if (order[to] === -1) {
          order[to] = low[to] = next++;
          open.push(to);
          stack.push({ node: to, edge: 0 });
        } else if (component[to] === -1) low[frame.node] = Math.min(low[frame.node] as number, order[to] as number);
        continue;
      }
      stack.pop();
      const parent = stack.at(-1);
      if (parent) low[parent.node] = Math.min(low[parent.node] as number, low[frame.node] as number);
      if (low[frame.node] === order[frame.node]) {
        const members: number[] = [];
        for (let member = open.pop(); member !== undefined; member = open.pop()) {
          component[member] = components.length;
          members.push(member);
          if (member === frame.node) break;
        }
        components.push(members);
      }
    }
  }
  return { component, components };
}

/** What each component reaches, from those that lead nowhere upwards. A set is let go once nobody can need it any more. */
function closures(
  nodes: readonly Node[],
  components: readonly number[][],
  component: Int32Array,
  own: readonly Intervals[],
  catalogue: Catalogue,
): (Reach | undefined)[] {
  const waiting = new Int32Array(components.length);
  const successors = components.map((members, index) => {
    const next = new Set<number>();
    for (const member of members) for (const { to } of nodes[member]?.edges ?? []) if (component[to] !== index) next.add(component[to] as number);
    for (const one of next) waiting[one] = (waiting[one] as number) + 1;
    return [...next];
  });
  const sets: (Intervals | undefined)[] = [];
  const reaches: (Reach | undefined)[] = [];
  components.forEach((members, index) => {
    const next = successors[index] as number[];
    const inherited = next.map((one) => reaches[one]);
    const whole = union([...members.map((member) => own[member] as Intervals), ...next.map((one) => sets[one] ?? NOTHING)]);
    const cut = whole.length > 2 * MOST_INTERVALS;
    const set = cut ? whole.slice(0, 2 * MOST_INTERVALS) : whole;
    const stated = members.some((member) => nodes[member]?.stated) || inherited.some(Boolean);
    const { unlisted, ...measured } = catalogue.measure(set);
    reaches.push(
      stated
        ? {
            ...measured,
            admin: members.some((member) => nodes[member]?.admin) || inherited.some((reach) => reach?.admin),
            atLeast: cut || inherited.some((reach) => reach?.atLeast),
            closed: unlisted === 0 && !members.some((member) => nodes[member]?.open) && next.every((one) => reaches[one]?.closed),
          }
        : undefined,
    );
    sets.push((waiting[index] as number) > 0 ? set : undefined);
    for (const one of next) {
      waiting[one] = (waiting[one] as number) - 1;
      if (waiting[one] === 0) sets[one] = undefined;
    }
  });
  return reaches;
}

function shortestPath(nodes: readonly Node[], from: number, own: readonly Intervals[], catalogue: Catalogue, wanted: Sensitivity): Step[] {
  const cameBy = new Map<number, { before: number; how: Step['how'] } | undefined>([[from, undefined]]);
  const queue = [from];
  for (const at of queue) {
    const resource = catalogue.first(own[at] as Intervals, wanted);
    if (resource !== undefined) {
      const steps: Step[] = [{ how: 'reaches', to: resource }];
      for (let node = at, came = cameBy.get(node); came; node = came.before, came = cameBy.get(node))
        steps.unshift({ how: came.how, to: (nodes[node] as Node).name });
      return steps;
    }
    for (const { to, how } of nodes[at]?.edges ?? []) {
      if (cameBy.has(to)) continue;
      cameBy.set(to, { before: at, how });
      queue.push(to);
    }
  }
  return [];
}
