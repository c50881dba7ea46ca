import type { Assessment } from '../../assess/assessment.ts';
import { CITED_BY_DEFAULT, withoutEdition } from '../../catalog/cited.ts';
import { ATTACK_CLASSES } from '../../terms.ts';
import { coverageInShort, coverageText } from '../coverage.ts';
import { chip } from './common.ts';

/** Each framework: what is covered, what is out of scope, and what no control speaks to. */
export function frameworkViews(assessment: Assessment) {
  const cited = citedIn(assessment);
  return assessment.frameworks.map((framework) => {
    const shown = framework.items.filter((item) => item.controls.length > 0);
    return {
      ...framework,
      anchor: `framework-${framework.id}`,
      /** Stands in the body of a report; the others only in its annex. */
      main: cited.includes(framework.id),
      shown: shown.map((item) => ({
        ...item,
        coverage: coverageText(item),
        covers: coverageInShort(item),
        controls: item.controls.join(', '),
        cells: ATTACK_CLASSES.map((attackClass) => {
          const state = item.states[attackClass];
          // A state that only a supporting control gives would read as one of the item.
          return state && item.coverage !== 'uncovered' ? chip(state) : undefined;
        }),
      })),
      total: framework.items.length,
      covered: framework.items.filter((item) => item.coverage === 'covered').length,
      inPart: framework.items.filter((item) => item.coverage === 'in-part').length,
      aside: framework.items.flatMap((item) =>
        item.outOfScope === undefined ? [] : [{ id: item.id, reason: item.outOfScope }],
      ),
      notCovered: framework.items.filter((item) => item.coverage === 'uncovered').length,
      supported: framework.items.filter((item) => item.coverage === 'uncovered' && item.controls.length > 0).length,
      uncovered: framework.items
        .filter((item) => item.controls.length === 0 && item.outOfScope === undefined)
        .map((item) => item.id),
    };
  });
}

/** Ids of the frameworks that stand in the body, in their order; assessments of earlier versions do not say. */
function citedIn({ system, frameworks }: Assessment): string[] {
  return (
    system.frameworks ?? frameworks.map(({ id }) => id).filter((id) => CITED_BY_DEFAULT.includes(withoutEdition(id)))
  );
}

/** Those that stand in the body, in the order of the workspace. */
export function citedViews(assessment: Assessment, views: ReturnType<typeof frameworkViews>) {
  const order = citedIn(assessment);
  return views.filter(({ main }) => main).toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}
