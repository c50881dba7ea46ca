import type { AssessedMeasurement } from '../../assess/assessment.ts';
import { grouped } from '../../wording.ts';
import { figure, percent } from '../numbers.ts';
import { coordinate, drawing, hitPoints, label, line } from './svg.ts';

const WIDTH = 560;
const HEIGHT = 270;
const PLOT = { left: 62, top: 14, right: 548, bottom: 214 };

/**
 * What an attacker holds as queries are spent, with its exact 95% band, the query budget as an upright line and the
 * profile's limit as a level one. Lines differ by weight and dash, so that grey is enough.
 */
export function disclosureChart(
  test: AssessedMeasurement,
  limit: number | null,
  { values = false }: { values?: boolean } = {},
): string {
  const curve = test.disclosure ?? [];
  const last = Math.max(curve.at(-1)?.queries ?? 1, test.budget?.queries ?? 1);
  const top = niceCeiling(1.1 * Math.max(...curve.map(({ upper }) => upper), limit ?? 0, 0.01));
  const x = (queries: number): number => PLOT.left + (queries / last) * (PLOT.right - PLOT.left);
  const y = (share: number): number => PLOT.bottom - (Math.min(share, top) / top) * (PLOT.bottom - PLOT.top);
  const parts: string[] = [];
  for (let step = 0; step <= 4; step++) {
    const share = (top * step) / 4;
    const queries = Math.round((last * step) / 4);
    parts.push(
      line(PLOT.left, y(share), PLOT.right, y(share), 'grid'),
      label(PLOT.left - 6, y(share) + 3.5, percent(share), { anchor: 'end' }),
    );
    parts.push(
      line(x(queries), PLOT.top, x(queries), PLOT.bottom, 'grid'),
      label(x(queries), PLOT.bottom + 15, grouped(queries), { anchor: 'middle' }),
    );
  }
  parts.push(label((PLOT.left + PLOT.right) / 2, PLOT.bottom + 32, 'Queries spent', { anchor: 'middle', css: 'axis' }));
  parts.push(
    label(14, (PLOT.top + PLOT.bottom) / 2, 'Sensitive items recovered', {
      anchor: 'middle',
      css: 'axis',
      rotate: -90,
    }),
  );
  const path = (pick: (point: (typeof curve)[number]) => number): string[] =>
    curve.map((point) => `${coordinate(x(point.queries))},${coordinate(y(pick(point)))}`);
  if (curve.length > 1) {
    parts.push(
      `<polygon points="${[...path((p) => p.upper), ...path((p) => p.lower).reverse()].join(' ')}" class="band"/>`,
    );
    parts.push(`<polyline points="${path((p) => p.share).join(' ')}" class="curve"/>`);
  } else
    for (const point of curve)
      parts.push(
        `<circle cx="${coordinate(x(point.queries))}" cy="${coordinate(y(point.share))}" r="3" class="point"/>`,
      );
  if (limit !== null) parts.push(line(PLOT.left, y(limit), PLOT.right, y(limit), 'limit'));
  if (test.budget) parts.push(line(x(test.budget.queries), PLOT.top, x(test.budget.queries), PLOT.bottom, 'budget'));
  const legend: [string, string][] = [['curve', 'recovered, with its 95% band']];
  if (limit !== null) legend.push(['limit', 'limit of the profile']);
  if (test.budget)
    legend.push([
      'budget',
      `query budget${test.budget.refusedAt === undefined ? ', not seen enforced' : ', seen enforced'}`,
    ]);
  let left = 6;
  for (const [css, text] of legend) {
    parts.push(line(left, HEIGHT - 8, left + 18, HEIGHT - 8, css), label(left + 22, HEIGHT - 4.5, text));
    left += 36 + text.length * 4.5;
  }
  if (values)
    parts.push(
      ...hitPoints(
        curve.map((p) => ({
          x: x(p.queries),
          y: y(p.share),
          text: `After ${grouped(p.queries)} queries: ${percent(p.share)} recovered, 95% band ${percent(p.lower)} to ${percent(p.upper)}`,
        })),
      ),
    );
  return drawing(WIDTH, HEIGHT, describe(test, limit), parts.join(''));
}

/** The next of 1, 2, 2.5, 5 times a power of ten, and at most the whole. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.min(1, ([1, 2, 2.5, 5, 10].find((step) => step * power >= value - 1e-12) ?? 10) * power);
}

function describe(test: AssessedMeasurement, limit: number | null): string {
  const budget = test.budget ? `the query budget is ${grouped(test.budget.queries)}` : 'no query budget is stated';
  const refused = test.budget?.refusedAt === undefined ? '' : `, refused at query ${grouped(test.budget.refusedAt)}`;
  return `Disclosure curve of ${test.probe}: after ${grouped(itemsOf(test).queries)} queries ${figure('disclosure', test.estimate)} of ${grouped(itemsOf(test).n)} items were recovered, 95% interval ${figure('disclosure', test.lower)} to ${figure('disclosure', test.upper)}; ${budget}${refused}${limit === null ? '' : `; limit ${percent(limit)}`}.`;
}

function itemsOf({ counts }: AssessedMeasurement): { n: number; queries: number } {
  return counts.of === 'items' ? counts : { n: 0, queries: 0 };
}
