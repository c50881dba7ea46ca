import type { SensitivityWeights } from '../../catalog/schemas.ts';
import type { BodyOf, Observation } from '../../evidence/observation.ts';
import type { Entitlement } from '../../evidence/observations/access.ts';
import {
  type ResourceType,
  RIGHTS,
  type Right,
  SENSITIVITIES,
  type Sensitivity,
  STAGES,
  type Stage,
  SURFACES,
  type Surface,
} from '../../terms.ts';
import { IntervalMaker, type Intervals, NOTHING, union } from './intervals.ts';

/** What a set of resources amounts to. */
export interface Amount {
  /** Distinct resources. */
  resources: number;
  /** The resources, each counted by the weight of its sensitivity. */
  weight: number;
  bySensitivity: Partial<Record<Sensitivity, number>>;
  /** The gravest sensitivity among them. */
  most: Sensitivity | undefined;
  stages: Stage[];
  rights: Right[];
  surfaces: Surface[];
  /** Whether every resource among them says what surface it belongs to. */
  placed: boolean;
}

export type Resource = Observation<BodyOf<'resource'>>;

const RIGHT_OF: Partial<Record<ResourceType, Right>> = {
  model: 'call-model',
  data: 'read-data',
  tool: 'execute-tools',
};

/** All resources by number, and what an interval of them amounts to. */
export class Catalogue {
  readonly names: string[];
  #patterns = new Map<string, Intervals>();
  #listed: number;
  /** Running counts: one row a sensitivity, then one a stage, right, surface, and one for resources that nobody listed. */
  #running: Int32Array[];
  #weights: SensitivityWeights;
  #maker = new IntervalMaker();
  #stages = new Subsets(STAGES);
  #rights = new Subsets(RIGHTS);
  #surfaces = new Subsets(SURFACES);

  constructor(
    resources: readonly Resource[],
    holders: readonly { entitlements: readonly Entitlement[] }[],
    weights: SensitivityWeights,
  ) {
    this.#weights = weights;
    const known = new Map(resources.map((resource) => [resource.id, resource]));
    const names = new Set(known.keys());
    const patterns = new Set<string>();
    for (const holder of holders)
      for (const entitlement of holder.entitlements)
        for (const name of entitlement.resources) (name.includes('*') ? patterns : names).add(name);
    this.names = [...names].sort();
    this.#listed = this.names.length;
    for (const pattern of [...patterns].sort()) {
      const found = this.#match(pattern);
      // A pattern that matches nothing known stands for at least one resource of unknown sensitivity.
      if (found.length === 0 && pattern !== '*') this.names.push(pattern);
      this.#patterns.set(
        pattern,
        found.length === 0 && pattern !== '*' ? Int32Array.of(this.names.length - 1, this.names.length) : found,
      );
    }
    this.#running = this.#count(known);
  }

  everything(): Intervals {
    return this.#listed === 0 ? NOTHING : Int32Array.of(0, this.#listed);
  }

  reachedBy(entitlements: readonly Entitlement[]): Intervals {
    for (const { resources } of entitlements)
      for (const name of resources) {
        const pattern = name.includes('*') ? this.#patterns.get(name) : undefined;
        if (pattern)
          for (let i = 0; i < pattern.length; i += 2) this.#maker.add(pattern[i] as number, pattern[i + 1] as number);
        else {
          const number = this.#find(name);
          this.#maker.add(number, number + 1);
        }
      }
    return this.#maker.take();
  }

  measure(intervals: Intervals): Amount & { unlisted: number } {
    const totals = this.#running.map((running) => {
      let sum = 0;
      for (let i = 0; i < intervals.length; i += 2)
        sum += (running[intervals[i + 1] as number] as number) - (running[intervals[i] as number] as number);
      return sum;
    });
    const total = (row: number): number => totals[row] as number;
    const bySensitivity: Amount['bySensitivity'] = {};
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
      stages: this.#stages.held(ROWS.stages, total),
      rights: this.#rights.held(ROWS.rights, total),
      surfaces: this.#surfaces.held(ROWS.surfaces, total),
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
    for (let number = from; number < to; number++)
      if (matches(this.names[number] as string, rest)) parts.push(Int32Array.of(number, number + 1));
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

/** Subsets of a short list, each made once however many identities have it. */
class Subsets<T> {
  #values: readonly T[];
  #made = new Map<number, T[]>();

  constructor(values: readonly T[]) {
    this.#values = values;
  }

  /** Those whose row, counted from an offset, has a total above zero. */
  held(offset: number, total: (row: number) => number): T[] {
    let mask = 0;
    for (let index = 0; index < this.#values.length; index++) if (total(offset + index) > 0) mask |= 1 << index;
    let subset = this.#made.get(mask);
    if (!subset) {
      subset = this.#values.filter((_, index) => (mask & (1 << index)) !== 0);
      this.#made.set(mask, subset);
    }
    return subset;
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
