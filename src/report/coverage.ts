import type { Assessment } from '../assess/assessment.ts';

type Item = Assessment['frameworks'][number]['items'][number];

/** How far controls cover an item of a framework, in words. */
export function coverageText(item: Item): string {
  const parts = Object.values(item.strengths).flatMap(({ part }) => part ?? []);
  return {
    covered: 'covered',
    'in-part': `in part: ${[...new Set(parts)].join('; ')}`,
    'out-of-scope': `out of scope: ${item.outOfScope ?? ''}`,
    uncovered: item.controls.length > 0 ? 'not covered, supported' : 'not covered',
  }[item.coverage];
}
