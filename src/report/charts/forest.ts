import { MEASURES } from '../../measure/measures.ts';
import { figure } from '../numbers.ts';
import type { Interval } from '../view/common.ts';
import { coordinate, drawing, label, line } from './svg.ts';

/*
 * One axis for every measure: how far a number stands from its limit, as a multiple of it on a logarithmic scale. Areas are
 * measured from one half, which is guessing. 1 is the limit; what lies beyond the axis ends in an arrow.
 */

const WIDTH = 230;
const HEIGHT = 18;
const LEAST = 0.05;
const MOST = 20;
const TICKS = [0.1, 0.3, 1, 3, 10];

function x(multiple: number): number {
  const clamped = Math.min(MOST, Math.max(LEAST, multiple));
  const span = Math.log10(MOST / LEAST);
  return 6 + (Math.log10(clamped / LEAST) / span) * (WIDTH - 12);
}

function multipleOf({ measure, threshold }: Interval, value: number): number {
  const base = MEASURES[measure].unit === 'area' ? 0.5 : 0;
  return (value - base) / Math.max((threshold ?? 0) - base, 1e-9);
}

/** The head of the column of {@link forestBar}. */
export function forestAxis(): string {
  const parts = TICKS.flatMap((tick) => [
    label(x(tick), 9, tick === 1 ? 'limit' : `${tick} ×`, {
      anchor: 'middle',
      css: tick === 1 ? 'axis-limit' : 'axis-label',
    }),
    line(x(tick), 12, x(tick), 16, tick === 1 ? 'limit' : 'rail'),
  ]);
  return drawing(
    WIDTH,
    16,
    'Axis: multiples of the limit, from one tenth to ten times, on a logarithmic scale.',
    parts.join(''),
  );
}

/** One bound against its limit, on the axis that all rows share. */
export function forestBar(bar: Interval): string {
  const middle = HEIGHT / 2;
  const parts = TICKS.map((tick) => line(x(tick), 0, x(tick), HEIGHT, tick === 1 ? 'limit' : 'grid'));
  const at = (value: number): number => x(multipleOf(bar, value));
  const from = bar.lower === null ? at(bar.estimate) : at(bar.lower);
  const to = bar.upper === null ? (bar.lower === null ? from : WIDTH - 6) : at(bar.upper);
  parts.push(line(from, middle, to, middle, 'whisker'));
  const beyond = (value: number | null, sign: 1 | -1): boolean =>
    value !== null && (sign > 0 ? multipleOf(bar, value) > MOST : multipleOf(bar, value) < LEAST);
  parts.push(beyond(bar.lower, -1) ? arrow(6, middle, -1) : line(from, middle - 4, from, middle + 4, 'whisker'));
  if (bar.upper === null ? bar.lower !== null : beyond(bar.upper, 1)) parts.push(arrow(WIDTH - 6, middle, 1));
  else parts.push(line(to, middle - 4, to, middle + 4, 'whisker'));
  parts.push(
    `<circle cx="${coordinate(at(bar.estimate))}" cy="${middle}" r="3.2" class="${bar.lower === null ? 'hollow' : 'point'}"/>`,
  );
  return drawing(WIDTH, HEIGHT, describe(bar), parts.join(''));
}

function arrow(tip: number, y: number, sign: 1 | -1): string {
  return `<path d="M${coordinate(tip + 4 * sign)} ${y}L${tip - 2 * sign} ${y - 4}L${tip - 2 * sign} ${y + 4}Z" class="point"/>`;
}

function describe(bar: Interval): string {
  const { measure, lower, upper, estimate, threshold } = bar;
  const interval =
    lower === null && upper === null
      ? 'no interval'
      : upper === null
        ? `at least ${figure(measure, lower)}`
        : `from ${figure(measure, lower)} to ${figure(measure, upper)}`;
  return `${bar.name}: ${figure(measure, estimate)}, ${interval}, limit ${figure(measure, threshold)}.`;
}
