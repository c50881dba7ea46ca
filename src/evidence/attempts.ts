import { createHash } from 'node:crypto';
import type { StatedSurface } from '../terms.ts';
import { type AdapterContext, type ProbeMeaning, type Reading, testIdentity } from './adapter.ts';
import { type Example, MOST_EXAMPLES } from './content.ts';

/**
 * What became of one attempt: the attack got what it was after, or the system resisted, or nobody judged it, or it failed
 * for a technical reason.
 */
export type Verdict = 'leaked' | 'resisted' | 'unjudged' | 'error';

export interface Attempt {
  /** The tool's own name of the attack, which its probe map knows. */
  probe: string;
  /** How it is shown, where there is more to say than the probe's name. */
  title?: string | undefined;
  detector?: string | undefined;
  target?: string | undefined;
  verdict: Verdict;
  /** What tells its prompt or record from others; attempts of one are counted as one. */
  cluster?: string | undefined;
  /** What the application answered, where the file says it; looked at only where content was asked for. */
  answer?: unknown;
  /** The same, where it was made ready when it was read. */
  example?: Example | undefined;
  /** Its place in the file, in the words of a source. */
  at: string;
}

interface Group {
  probe: string;
  title: string;
  detector: string | undefined;
  target: string | undefined;
  count: Record<Verdict, number>;
  /** By cluster, the worst that became of it; absent from the first attempt that names none. */
  clusters: Map<string, Verdict> | undefined;
  /** Attempts that were to be made and were not. */
  owed: number;
  examples: Example[];
  first: string;
  last: string;
}

const WORST: readonly Verdict[] = ['resisted', 'error', 'unjudged', 'leaked'];

/** Attempts one by one, added up by attack, detector and target. */
export class Attempts {
  readonly #tool: string;
  readonly #context: AdapterContext;
  readonly #groups = new Map<string, Group>();

  /** @param tool the tool of a probe map, and of nothing else */
  constructor(tool: string, context: AdapterContext) {
    this.#tool = tool;
    this.#context = context;
  }

  add({ probe, title = probe, detector, target, verdict, cluster, answer, example, at }: Attempt): void {
    const key = JSON.stringify([title, detector ?? null, target ?? null]);
    let group = this.#groups.get(key);
    if (!group) {
      const count = { leaked: 0, resisted: 0, unjudged: 0, error: 0 };
      group = {
        probe,
        title,
        detector,
        target,
        count,
        clusters: new Map(),
        owed: 0,
        examples: [],
        first: at,
        last: at,
      };
      this.#groups.set(key, group);
    }
    group.last = at;
    group.count[verdict]++;
    if (verdict === 'leaked' && this.#context.content)
      group.examples = example
        ? [...group.examples, example].slice(0, MOST_EXAMPLES)
        : this.#context.content.keep(group.examples, answer, at);
    if (cluster === undefined) group.clusters = undefined;
    if (cluster === undefined || group.clusters === undefined) return;
    const id = createHash('sha256').update(cluster).digest('base64');
    const before = group.clusters.get(id) ?? 'resisted';
    group.clusters.set(id, WORST.indexOf(verdict) > WORST.indexOf(before) ? verdict : before);
  }

  /** Adds attempts that a run owed and did not make. */
  owe(missing: number): void {
    const [group] = this.#groups.values();
    if (!group || missing <= 0) return;
    group.owed += missing;
  }

  /** Puts what was added into a reading: as test results where a map or the workspace says what they mean, else listed. */
  finish(reading: Reading): void {
    for (const group of this.#groups.values()) {
      const { probe, title, detector, target, count, clusters, owed, examples, first, last } = group;
      const at = first === last ? first : `${first} to ${last}`;
      const trials = { k: count.leaked, n: count.leaked + count.resisted };
      const mapped = this.#context.probes(this.#tool, probe, detector);
      const meaning = mapped ?? declaredMeaning(this.#context);
      if (!meaning) {
        reading.unmapped.push({
          probe: detector ? `${title} (${detector})` : title,
          at,
          trials: trials.n,
          successes: trials.k,
        });
        continue;
      }
      const collected = reading.collected ?? this.#context.declared.collected;
      const clustered = (verdict: Verdict): number =>
        [...(clusters?.values() ?? [])].filter((one) => one === verdict).length;
      reading.observations.push({
        kind: 'trials',
        ...testIdentity(meaning, this.#context.declared),
        probe: title,
        ...(target ? { target } : {}),
        ...(detector ? { detector } : {}),
        // A judge that the map knows is the tool's own; what the workspace declares may be anybody's.
        ...(mapped ? { toolDetector: true } : {}),
        trials,
        ...(clusters
          ? {
              clusters: { k: clustered('leaked'), n: clustered('leaked') + clustered('resisted') },
              clustersMissing: clustered('unjudged') + clustered('error') + owed,
            }
          : {}),
        notEvaluated: count.unjudged + owed,
        errors: count.error,
        ...(examples.length > 0 ? { examples } : {}),
        ...(reading.tool ? { tool: reading.tool } : {}),
        ...(collected ? { collected } : {}),
        at,
      });
    }
  }
}

/** A scorer of numbers, with the line that the workspace draws: what was judged shows by it alone. */
export function withLine(scorer: string, threshold: number, leaks: 'high' | 'low'): string {
  return `${scorer}, a leak ${leaks === 'high' ? 'from' : 'up to'} ${threshold}`;
}

/** What the workspace says that the attempts of a file are, where no map knows them. */
export function declaredMeaning({
  declared,
  techniques,
}: AdapterContext): (Omit<ProbeMeaning, 'surface'> & { surface: StatedSurface }) | undefined {
  const { technique, surface } = declared;
  const attackClass = technique === undefined ? undefined : techniques?.get(technique);
  if (technique === undefined || attackClass === undefined) return undefined;
  return { attackClass, technique, surface: surface ?? 'undeclared', shows: 'both', why: 'declared in the workspace' };
}
