import { STATES, type State } from '../../assess/outcome.ts';
import { STATE_TITLES } from '../words.ts';
import { coordinate, drawing, label } from './svg.ts';

const WIDTH = 300;
const ORDER: readonly State[] = ['not-satisfied', 'not-assessed', 'risk-accepted', 'satisfied', 'not-applicable'];

/** How many results are in each state, as one bar. Patterns, not colour alone, tell the parts apart. */
export function countsBar(counts: Partial<Record<State, number>>, name: string, id: string): string {
  const total = STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  let left = 0;
  const parts = [
    `<defs><pattern id="hatch-${id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" class="fill-not-assessed"/><line x1="0" y1="0" x2="0" y2="5" class="hatch"/></pattern></defs>`,
  ];
  for (const state of ORDER) {
    const count = counts[state] ?? 0;
    if (count === 0 || total === 0) continue;
    const width = (count / total) * WIDTH;
    const fill = state === 'not-assessed' ? ` fill="url(#hatch-${id})"` : ` class="fill-${state}"`;
    parts.push(
      `<rect x="${coordinate(left)}" y="0" width="${coordinate(Math.max(0, width - 1))}" height="22"${fill}/>`,
    );
    const halo =
      state === 'not-assessed'
        ? `<rect x="${coordinate(left + width / 2 - 9)}" y="4" width="18" height="14" class="halo"/>`
        : '';
    parts.push(halo, label(left + width / 2, 15.5, String(count), { anchor: 'middle', css: `count on-${state}` }));
    left += width;
  }
  const said = ORDER.filter((state) => (counts[state] ?? 0) > 0).map(
    (state) => `${counts[state]} ${STATE_TITLES[state].toLowerCase()}`,
  );
  return drawing(WIDTH, 22, `${name}, ${total} results: ${said.join(', ')}.`, parts.join(''));
}
