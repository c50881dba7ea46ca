import type { SensitivityWeights } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import type { Entitlement, IdentityBody } from '../../evidence/observations/access.ts';
import { RIGHTS, type Right, type Sensitivity, type Source, STAGES, type Stage } from '../../terms.ts';
import { type Amount, Catalogue, type Resource } from './catalogue.ts';
import { stronglyConnected } from './components.ts';
import { type Intervals, NOTHING, union } from './intervals.ts';

/*
 * What every identity can reach: by its own entitlements, by the roles bound to it, and by becoming others. Identities and
 * roles are the nodes of a graph; circles of roles are taken together (Tarjan 1972), and what a node reaches is passed on to
 * those that can become it. Resources stand in the order of their names, so that `bucket/claims/*` is one interval.
 */

/** What one identity reaches; at least so much when `atLeast` is set. */
interface Reach extends Amount {
  /** An administrator, or able to become one. */
  admin: boolean;
  atLeast: boolean;
  /** A right to everything of a kind on every resource, in words (`s3:* on *`), where it has one. */
  wildcard: string | undefined;
  /** An action that it may take on every resource there is, listed or not. */
  everywhere: string | undefined;
  /** Whether the entitlements of all that it can become are known. */
  entitled: boolean;
  /** Whether everything it can become is listed, and something is said of what each of these may do. */
  traced: boolean;
  /** Whether, besides, the entitlements of all of these are known and every resource among them is listed. */
  closed: boolean;
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

type Role = Observation<BodyOf<'role'>>;

interface Node {
  id: string;
  name: string;
  admin: boolean;
  wildcard: string | undefined;
  everywhere: string | undefined;
  /** Whether anything says what it may do. */
  stated: boolean;
  /** Whether its entitlements are known, if only to be none of its own. */
  entitled: boolean;
  /** Stages and rights that the inventory states outright. */
  stages: readonly Stage[];
  rights: readonly Right[];
  entitlements: readonly Entitlement[];
  edges: { to: number; how: Step['how'] }[];
  open: boolean;
  /** Whether resources may grant it rights besides, which no listing of identities shows. */
  elsewhere: boolean;
  source: Source;
}

/** The list of what has nothing in it. */
const NONE: readonly never[] = [];

/** So many intervals are kept of one identity; no limit of a profile lies anywhere near. */
const MOST_INTERVALS = 20_000;
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
    const assumes = body.assumes ?? NONE;
    const entitled = body.admin === true || body.entitlements !== undefined || bound.length > 0 || assumes.length > 0;
    const stages = 'stages' in body ? (body.stages ?? NONE) : NONE;
    const rights = 'rights' in body ? (body.rights ?? NONE) : NONE;
    nodes.push({
      id: body.id,
      name: body.name,
      admin: body.admin === true,
      wildcard: wildcardOf(body.entitlements ?? []),
      everywhere: everywhereOf(body.entitlements ?? []),
      stated:
        entitled || ('stages' in body && body.stages !== undefined) || ('rights' in body && body.rights !== undefined),
      entitled,
      stages,
      rights,
      entitlements: body.entitlements ?? NONE,
      edges: [],
      open: body.unevaluated?.some((what) => what !== 'policies-of-resources') ?? false,
      elsewhere: body.unevaluated?.includes('policies-of-resources') ?? false,
      source: body.source,
    });
    bodies.push({ roles: bound, assumes });
  };
  for (const identity of identities) add(identity, identity.roles ?? NONE);
  for (const role of roles) if (!numbers.has(role.id)) add(role, role.roles ?? NONE);
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
    const edges = members.length === 1 ? (nodes[members[0] as number]?.edges ?? []) : undefined;
    // Most lead nowhere, or to one other.
    if (edges && edges.length <= 1) {
      const [only] = edges;
      const to = only === undefined ? index : (component[only.to] as number);
      if (to === index) return NONE;
      waiting[to] = (waiting[to] as number) + 1;
      return [to];
    }
    const next = new Set<number>();
    for (const member of members)
      for (const { to } of nodes[member]?.edges ?? []) if (component[to] !== index) next.add(component[to] as number);
    for (const one of next) waiting[one] = (waiting[one] as number) + 1;
    return [...next];
  });
  const sets: (Intervals | undefined)[] = [];
  const reaches: (Reach | undefined)[] = [];
  components.forEach((members, index) => {
    const next = successors[index] as number[];
    const inherited = next.map((one) => reaches[one]);
    const whole = union([
      ...members.map((member) => own[member] as Intervals),
      ...next.map((one) => sets[one] ?? NOTHING),
    ]);
    const cut = whole.length > 2 * MOST_INTERVALS;
    const set = cut ? whole.slice(0, 2 * MOST_INTERVALS) : whole;
    const inside = members.map((member) => nodes[member] as Node);
    const stated = inside.some((node) => node.stated) || inherited.some(Boolean);
    const traced = inside.every((node) => node.stated && !node.open) && inherited.every((reach) => reach?.traced);
    const entitled = inside.every((node) => node.entitled) && inherited.every((reach) => reach?.entitled);
    const { unlisted, ...measured } = catalogue.measure(set);
    reaches.push(
      stated
        ? {
            ...measured,
            stages: withStated(
              measured.stages,
              STAGES,
              inside.map((node) => node.stages),
              inherited.map((reach) => reach?.stages),
            ),
            rights: withStated(
              measured.rights,
              RIGHTS,
              inside.map((node) => node.rights),
              inherited.map((reach) => reach?.rights),
            ),
            admin: inside.some((node) => node.admin) || inherited.some((reach) => reach?.admin),
            atLeast: cut || inherited.some((reach) => reach?.atLeast),
            wildcard:
              inside.find((node) => node.wildcard)?.wildcard ?? inherited.find((reach) => reach?.wildcard)?.wildcard,
            everywhere:
              inside.find((node) => node.everywhere)?.everywhere ??
              inherited.find((reach) => reach?.everywhere)?.everywhere,
            entitled,
            traced,
            closed:
              traced &&
              entitled &&
              unlisted === 0 &&
              !inside.some((node) => node.elsewhere) &&
              inherited.every((reach) => reach?.closed),
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

/** The first action on every resource. */
function everywhereOf(entitlements: readonly Entitlement[]): string | undefined {
  return entitlements.find(({ resources }) => resources.includes('*'))?.actions[0];
}

/** The first wildcard action on every resource, or on everything in a namespace of Kubernetes. */
function wildcardOf(entitlements: readonly Entitlement[]): string | undefined {
  for (const { actions, resources } of entitlements) {
    const action = actions.find(isWildcardAction);
    const resource = action === undefined ? undefined : resources.find(isEverything);
    if (resource !== undefined) return `${action} on ${resource}`;
  }
  return undefined;
}

function isEverything(resource: string): boolean {
  return resource === '*' || /^kubernetes\/[^/*]+\/\*$/.test(resource);
}

function isWildcardAction(action: string): boolean {
  return action === '*' || action.startsWith('* except ') || /^[A-Za-z0-9_.-]+[:.]\*$/.test(action);
}

/** What resources bring, together with what inventories state outright and what is passed on; mostly the first holds it all. */
function withStated<T>(
  brought: T[],
  all: readonly T[],
  ...further: readonly (readonly (readonly T[] | undefined)[])[]
): T[] {
  const more = further.some((lists) => lists.some((list) => list?.some((one) => !brought.includes(one))));
  return more
    ? all.filter((one) => brought.includes(one) || further.some((lists) => lists.some((list) => list?.includes(one))))
    : brought;
}

function shortestPath(
  nodes: readonly Node[],
  from: number,
  own: readonly Intervals[],
  catalogue: Catalogue,
  wanted: Sensitivity,
): Step[] {
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
