import { MEASURES, type MeasureName, type Unit } from './measures.ts';

/* One number, one way: in sentences, the report, the workbook and on the terminal. */

/** A share as a percentage with three significant digits; tiny and zero values stay visible as such. */
export function percent(value: number): string {
  if (value === 0) return '0%';
  return `${Number((value * 100).toPrecision(3))}%`;
}

/** How a number of each unit is written. A new unit does not compile until it says so. */
const FIGURES: Record<Unit, (value: number) => string> = {
  share: percent,
  difference: percent,
  area: (value) => value.toFixed(3),
  nats: (value) => value.toFixed(2),
  bits: (value) => `${value.toFixed(2)} bits`,
};

/** A number of a measure as readers expect it: areas with three decimals, epsilon and bits with two, shares as percentages. */
export function figure(measure: MeasureName, value: number | null): string {
  return value === null ? 'unknown' : FIGURES[MEASURES[measure].unit](value);
}
