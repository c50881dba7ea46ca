import type { Catalog } from './catalog.ts';
import type { Control, Framework } from './schemas.ts';

/** One item of a framework and what the catalog says of it. */
interface ItemCoverage {
  id: string;
  title?: string;
  outcome: string;
  state: 'covered' | 'out-of-scope' | 'uncovered';
  /** The controls behind it, each with its reason. */
  controls: { id: string; reason?: string }[];
  /** Why it is out of scope. */
  reason?: string;
}

export interface FrameworkCoverage {
  framework: string;
  title: string;
  version: string;
  /** Whether the items are all that the framework has. */
  complete: boolean;
  covered: number;
  outOfScope: number;
  uncovered: number;
  items: ItemCoverage[];
}

/** The controls that speak to an item, each with its reason, and why there is none where that is on purpose. */
export function speakingTo(
  framework: Framework,
  item: Framework['items'][number],
  controls: readonly Control[],
): { controls: { id: string; reason?: string }[]; outOfScope?: string } {
  const behind = controls.flatMap((control) =>
    (control.frameworks[framework.id] ?? []).flatMap((mapping) =>
      mapping.item === item.id
        ? [{ id: control.id, ...(mapping.reason === undefined ? {} : { reason: mapping.reason }) }]
        : [],
    ),
  );
  const aside = framework.outOfScope.find((entry) => entry.id === item.id || entry.id === item.group);
  return { controls: behind, ...(aside && behind.length === 0 ? { outOfScope: aside.reason } : {}) };
}

/** Per framework, which items have a control behind them, which are left out on purpose, and which nobody speaks to. */
export function coverage(catalog: Catalog): FrameworkCoverage[] {
  const controls = catalog.controls.map(({ document }) => document);
  return catalog.frameworks.map(({ document }) => {
    const items = document.items.map((item): ItemCoverage => {
      const { controls: behind, outOfScope } = speakingTo(document, item, controls);
      const state = behind.length > 0 ? 'covered' : outOfScope === undefined ? 'uncovered' : 'out-of-scope';
      return {
        id: item.id,
        ...(item.title ? { title: item.title } : {}),
        outcome: item.outcome,
        state,
        controls: behind,
        ...(outOfScope === undefined ? {} : { reason: outOfScope }),
      };
    });
    const count = (state: ItemCoverage['state']): number => items.filter((item) => item.state === state).length;
    return {
      framework: document.id,
      title: document.title,
      version: document.version,
      complete: document.complete,
      covered: count('covered'),
      outOfScope: count('out-of-scope'),
      uncovered: count('uncovered'),
      items,
    };
  });
}
