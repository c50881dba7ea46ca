import type { Catalog } from './catalog.ts';
import type { Control, Framework, Mapping } from './schemas.ts';

export const ITEM_STATES = ['covered', 'in-part', 'out-of-scope', 'uncovered'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** A control that speaks to an item. */
export type Speaking = { id: string } & Pick<Mapping, 'strength' | 'part' | 'reason'>;

/** One item of a framework and what the catalog says of it. */
export interface ItemCoverage {
  id: string;
  title?: string;
  outcome: string;
  /**
   * Covered where a control shows all of it, in part where controls show parts. What controls only support, or speak to
   * with no strength given, is not covered.
   */
  state: ItemState;
  /** The controls behind it, each with how much of it and why. */
  controls: Speaking[];
  /** Why it is out of scope. */
  reason?: string;
}

export interface FrameworkCoverage {
  framework: string;
  title: string;
  version: string;
  /** Whether the items are all that the framework has. */
  complete: boolean;
  /** The framework that is the next edition of this one. */
  supersededBy?: string;
  covered: number;
  inPart: number;
  outOfScope: number;
  uncovered: number;
  items: ItemCoverage[];
}

/** The controls that speak to an item, each with strength and reason; how far they cover it; why not, where that is on purpose. */
export function speakingTo(
  framework: Framework,
  item: Framework['items'][number],
  controls: readonly Control[],
): { controls: Speaking[]; state: ItemState; outOfScope?: string } {
  const behind = controls.flatMap((control) =>
    (control.frameworks[framework.id] ?? []).flatMap((mapping) =>
      mapping.item === item.id ? [{ id: control.id, ...whatOf(mapping) }] : [],
    ),
  );
  const aside = framework.outOfScope.find((entry) => entry.id === item.id || entry.id === item.group);
  if (aside && behind.length === 0) return { controls: [], state: 'out-of-scope', outOfScope: aside.reason };
  const has = (strength: Mapping['strength']): boolean => behind.some((one) => one.strength === strength);
  return { controls: behind, state: has('full') ? 'covered' : has('partial') ? 'in-part' : 'uncovered' };
}

function whatOf({ strength, part, reason }: Mapping): Omit<Speaking, 'id'> {
  return {
    ...(strength === undefined ? {} : { strength }),
    ...(part === undefined ? {} : { part }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Per framework, which items are covered, which in part, which are left out on purpose, and which nothing covers. */
export function coverage(catalog: Catalog): FrameworkCoverage[] {
  const controls = catalog.controls.map(({ document }) => document);
  return catalog.frameworks.map(({ document }) => {
    const items = document.items.map((item): ItemCoverage => {
      const { controls: behind, state, outOfScope } = speakingTo(document, item, controls);
      return {
        id: item.id,
        ...(item.title ? { title: item.title } : {}),
        outcome: item.outcome,
        state,
        controls: behind,
        ...(outOfScope === undefined ? {} : { reason: outOfScope }),
      };
    });
    const count = (state: ItemState): number => items.filter((item) => item.state === state).length;
    return {
      framework: document.id,
      title: document.title,
      version: document.version,
      complete: document.complete,
      ...(document.supersededBy === undefined ? {} : { supersededBy: document.supersededBy }),
      covered: count('covered'),
      inPart: count('in-part'),
      outOfScope: count('out-of-scope'),
      uncovered: count('uncovered'),
      items,
    };
  });
}
