import { MEASURES, type MeasureName, type Unit } from './measures.ts';

/* One number, one way: in sentences, the report, the workbook and on the terminal. */

/** A share as a percentage with three significant digits; tiny and zero values stay visible as such. */
export function percent(value: number): string {
  if (value === 0) return '0%';
  return `${plainly(Number((value * 100).toPrecision(3)))}%`;
}

/** A number without an exponent, however small. */
function plainly(value: number): string {
  const text = String(value);
  const [mantissa = '', exponent] = text.split('e-');
  return exponent === undefined ? text : value.toFixed(Number(exponent) + (mantissa.split('.')[1]?.length ?? 0));
}

/** How a number of each unit is written. A new unit does not compile until it says so. */
const FIGURES: Record<Unit, (value: number) => string> = {
  share: percent,
  difference: percent,
  area: (value) => value.toFixed(3),
  nats: (value) => value.toFixed(2),
  bits: (value) => `${value.toFixed(2)} bits`,
};

/** How spreadsheets write the same number the same way (ECMA-376 part 1, 18.8.31); its decimals are those of {@link percent}. */
const FORMATS: Record<Unit, (value: number) => string> = {
  share: percentFormat,
  difference: percentFormat,
  area: () => '0.000',
  nats: () => '0.00',
  bits: () => '0.00" bits"',
};

/** The number format that shows a share as {@link percent} writes it. */
export function percentFormat(value: number): string {
  const decimals = percent(value).split('.')[1]?.length ?? 1;
  return decimals === 1 ? '0%' : `0.${'0'.repeat(Math.min(30, decimals - 1))}%`;
}

/** The number format that shows a number of a measure as {@link figure} writes it. */
export function figureFormat(measure: MeasureName, value: number): string {
  return FORMATS[MEASURES[measure].unit](value);
}

/** A number of a measure as readers expect it: areas with three decimals, epsilon and bits with two, shares as percentages. */
export function figure(measure: MeasureName, value: number | null): string {
  return value === null ? 'unknown' : FIGURES[MEASURES[measure].unit](value);
}
