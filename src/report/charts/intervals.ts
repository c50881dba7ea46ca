import { MEASURES } from '../../measure/measures.ts';
import { figure } from '../numbers.ts';
import type { Interval } from '../view/common.ts';
import { coordinate, drawing, label, line } from './svg.ts';

const WIDTH = 190;
const HEIGHT = 30;

/** A single interval on its own axis: whisker from lower to upper bound, point at the estimate, a tall mark at the limit. */
export function intervalBar(bar: Interval): string {
  const area = MEASURES[bar.measure].unit === 'area';
  const low = area ? 0.4 : Math.min(0, bar.lower ?? 0);
  const top = Math.max(bar.upper ?? bar.estimate, bar.threshold ?? 0, bar.estimate);
  const high = area ? Math.max(0.7, top * 1.05) : Math.max(top * 1.18, 0.001);
  const x = (value: number): number => 4 + ((value - low) / (high - low)) * (WIDTH - 8);
  const middle = 10;
  const parts = [line(4, middle, WIDTH - 4, middle, 'rail')];
  if (low < 0) parts.push(line(x(0), middle - 4, x(0), middle + 4, 'grid'));
  if (bar.threshold !== null) {
    parts.push(line(x(bar.threshold), 1, x(bar.threshold), 19, 'limit'));
    const anchor = x(bar.threshold) > WIDTH - 60 ? 'end' : x(bar.threshold) < 50 ? 'start' : 'middle';
    parts.push(label(x(bar.threshold), 28, `limit ${figure(bar.measure, bar.threshold)}`, { anchor, css: 'tiny' }));
  }
  if (bar.lower !== null && bar.upper !== null) {
    parts.push(
      line(x(bar.lower), middle, x(bar.upper), middle, 'whisker'),
      line(x(bar.lower), middle - 3, x(bar.lower), middle + 3, 'whisker'),
      line(x(bar.upper), middle - 3, x(bar.upper), middle + 3, 'whisker'),
    );
  }
  parts.push(
    `<circle cx="${coordinate(x(bar.estimate))}" cy="${middle}" r="3" class="${bar.lower === null ? 'hollow' : 'point'}"/>`,
  );
  return drawing(WIDTH, HEIGHT, describe(bar), parts.join(''));
}

function describe(bar: Interval): string {
  const interval =
    bar.lower === null || bar.upper === null
      ? 'no interval'
      : `95% interval ${figure(bar.measure, bar.lower)} to ${figure(bar.measure, bar.upper)}`;
  return `${bar.name}: ${figure(bar.measure, bar.estimate)}, ${interval}${bar.threshold === null ? '' : `, limit ${figure(bar.measure, bar.threshold)}`}.`;
}
