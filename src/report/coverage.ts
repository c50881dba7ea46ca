import type { Assessment } from '../assess/assessment.ts';
import { ITEM_STATE_TITLES } from './words.ts';

type Item = Assessment['frameworks'][number]['items'][number];

/** The same in two words or three; what a control only supports is not covered by it. */
export function coverageInShort(item: Item): string {
  return item.coverage === 'uncovered' && item.controls.length > 0
    ? 'only supported'
    : ITEM_STATE_TITLES[item.coverage];
}

/** How far controls cover an item of a framework, in words. */
export function coverageText(item: Item): string {
  const parts = Object.values(item.strengths).flatMap(({ part }) => part ?? []);
  const more = {
    covered: '',
    'in-part': `: ${[...new Set(parts)].join('; ')}`,
    'out-of-scope': `: ${item.outOfScope ?? ''}`,
    uncovered: item.controls.length > 0 ? ', supported' : '',
  }[item.coverage];
  return `${ITEM_STATE_TITLES[item.coverage]}${more}`;
}
