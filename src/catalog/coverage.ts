import type { Catalog } from './catalog.ts';

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

/** Per framework, which items have a control behind them, which are left out on purpose, and which nobody speaks to. */
export function coverage(catalog: Catalog): FrameworkCoverage[] {
  return catalog.frameworks.map(({ document }) => {
    const items = document.items.map((item): ItemCoverage => {
      const controls = catalog.controls.flatMap(({ document: control }) =>
        (control.frameworks[document.id] ?? []).flatMap((mapping) =>
          mapping.item === item.id ? [{ id: control.id, ...(mapping.reason === undefined ? {} : { reason: mapping.reason }) }] : [],
        ),
      );
      const aside = document.outOfScope.find((entry) => entry.id === item.id || entry.id === item.group);
      const state = controls.length > 0 ? 'covered' : aside ? 'out-of-scope' : 'uncovered';
      return {
        id: item.id,
        ...(item.title ? { title: item.title } : {}),
        outcome: item.outcome,
        state,
        controls,
        ...(aside && state === 'out-of-scope' ? { reason: aside.reason } : {}),
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
