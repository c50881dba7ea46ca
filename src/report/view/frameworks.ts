import type { Assessment } from '../../assess/assessment.ts';
import { ATTACK_CLASSES } from '../../terms.ts';
import { coverageText } from '../coverage.ts';
import { chip } from './common.ts';

/** Each framework: what is covered, what is out of scope, and what no control speaks to. */
export function frameworkViews(assessment: Assessment) {
  return assessment.frameworks.map((framework) => {
    const shown = framework.items.filter((item) => item.controls.length > 0);
    return {
      ...framework,
      anchor: `framework-${framework.id}`,
      shown: shown.map((item) => ({
        ...item,
        coverage: coverageText(item),
        controls: item.controls.join(', '),
        cells: ATTACK_CLASSES.map((attackClass) => {
          const state = item.states[attackClass];
          return state ? chip(state) : undefined;
        }),
      })),
      total: framework.items.length,
      covered: framework.items.filter((item) => item.coverage === 'covered').length,
      inPart: framework.items.filter((item) => item.coverage === 'in-part').length,
      aside: framework.items.flatMap((item) =>
        item.outOfScope === undefined ? [] : [{ id: item.id, reason: item.outOfScope }],
      ),
      uncovered: framework.items
        .filter((item) => item.controls.length === 0 && item.outOfScope === undefined)
        .map((item) => item.id),
    };
  });
}
