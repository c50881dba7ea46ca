import type { SmallMultiple } from '../view/change.ts';
import { coordinate, drawing, hitArea, label, line } from './svg.ts';

const HEIGHT = 66;
const BASE = 50;
const TOP = 6;
const STEP = 30;
const BAR = 18;

/** One class over the assessments of a row: a bar for each, the newest last and to the right. */
export function historyChart({ alternative, bars, most, limit }: SmallMultiple, { values = false } = {}): string {
  const width = Math.max(120, bars.length * STEP + 14);
  const scale = (BASE - TOP) / Math.max(most, limit ?? 0);
  const body = bars.flatMap(({ label: text, parts }, index) => {
    const x = 8 + index * STEP;
    let y = BASE;
    const drawn = parts.flatMap(({ css, value }) => {
      const height = value * scale;
      if (height <= 0) return [];
      y -= height;
      return [
        `<rect x="${coordinate(x)}" y="${coordinate(y)}" width="${BAR}" height="${coordinate(height)}" class="bar-${css}"/>`,
      ];
    });
    return [...drawn, label(x + BAR / 2, BASE + 10, text.slice(2, 7), { anchor: 'middle' })];
  });
  return drawing(
    width,
    HEIGHT,
    alternative,
    [
      ...body,
      line(4, BASE, width - 4, BASE, 'axis'),
      ...(limit === undefined ? [] : [line(4, BASE - limit * scale, width - 4, BASE - limit * scale, 'limit')]),
      ...(values ? bars.map(({ say }, index) => hitArea(2 + index * STEP, 1, STEP, HEIGHT - 2, say)) : []),
    ].join(''),
  );
}
