import type { AssessedMeasurement, Assessment } from '../../assess/assessment.ts';
import { figure, percent } from '../numbers.ts';
import type { LimitMark } from '../view/figures.ts';
import { coordinate, drawing, hitPoints, label, line } from './svg.ts';

const WIDTH = 560;
const HEIGHT = 330;
const PLOT = { left: 62, top: 14, right: 548, bottom: 276 };

/** The declared budget, with the most any attacker can reach under it. */
type Privacy = NonNullable<Assessment['system']['differentialPrivacy']>;

/**
 * The ROC of one membership test on log-log axes with its exact 95% band, the diagonal of guessing, the cap that a
 * declared privacy budget puts on any attacker, and the profile's limits with the measured intervals beside them.
 * @param options `values`: points that say their values can be found in it
 */
export function rocChart(
  test: AssessedMeasurement,
  marks: readonly LimitMark[],
  privacy: Privacy | undefined,
  { values = false }: { values?: boolean } = {},
): string {
  const curve = test.curve ?? [];
  const first = curve[0]?.falsePositiveRate ?? 0.001;
  const floor = 10 ** Math.floor(Math.log10(Math.min(first, 0.001)) + 1e-9);
  const span = Math.log10(1 / floor);
  const x = (rate: number): number =>
    PLOT.left + ((Math.log10(Math.max(rate, floor)) + span) / span) * (PLOT.right - PLOT.left);
  const y = (rate: number): number =>
    PLOT.bottom - ((Math.log10(Math.max(rate, floor)) + span) / span) * (PLOT.bottom - PLOT.top);
  const parts: string[] = [];
  for (let power = -Math.round(span); power <= 0; power++) {
    const rate = 10 ** power;
    parts.push(
      line(x(rate), PLOT.top, x(rate), PLOT.bottom, 'grid'),
      line(PLOT.left, y(rate), PLOT.right, y(rate), 'grid'),
    );
    parts.push(
      label(x(rate), PLOT.bottom + 15, percent(rate), { anchor: 'middle' }),
      label(PLOT.left - 6, y(rate) + 3.5, percent(rate), { anchor: 'end' }),
    );
  }
  parts.push(
    label((PLOT.left + PLOT.right) / 2, PLOT.bottom + 32, 'False-positive rate (records accused wrongly), log scale', {
      anchor: 'middle',
      css: 'axis',
    }),
  );
  parts.push(
    label(14, (PLOT.top + PLOT.bottom) / 2, 'True-positive rate, log scale', {
      anchor: 'middle',
      css: 'axis',
      rotate: -90,
    }),
  );
  parts.push(line(x(floor), y(floor), x(1), y(1), 'guess'));
  if (privacy) parts.push(`<path d="${capPath(privacy, floor, x, y)}" class="cap"/>`);
  if (curve.length > 1) {
    const upper = curve.map((p) => `${coordinate(x(p.falsePositiveRate))},${coordinate(y(p.upper))}`);
    const lower = curve.map((p) => `${coordinate(x(p.falsePositiveRate))},${coordinate(y(p.lower))}`).reverse();
    parts.push(`<polygon points="${[...upper, ...lower].join(' ')}" class="band"/>`);
    parts.push(
      `<polyline points="${curve.map((p) => `${coordinate(x(p.falsePositiveRate))},${coordinate(y(p.truePositiveRate))}`).join(' ')}" class="curve"/>`,
    );
  }
  for (const mark of marks) {
    const at = x(mark.falsePositiveLimit);
    parts.push(line(at - 16, y(mark.threshold), at + 16, y(mark.threshold), 'limit'));
    if (mark.measured.lower !== null && mark.measured.upper !== null) {
      parts.push(line(at, y(mark.measured.lower), at, y(mark.measured.upper), 'whisker'));
      parts.push(
        `<circle cx="${coordinate(at)}" cy="${coordinate(y(mark.measured.estimate))}" r="3.2" class="point"/>`,
      );
    }
  }
  const legend: [string, string][] = [
    ['curve', 'attack'],
    ['guess', 'guessing'],
    ['limit', 'limit of the profile'],
    ['whisker', '95% interval at the limit'],
  ];
  if (privacy) legend.push(['cap', `most under epsilon ${privacy.epsilon}`]);
  let left = 6;
  for (const [css, text] of legend) {
    parts.push(line(left, HEIGHT - 8, left + 18, HEIGHT - 8, css), label(left + 22, HEIGHT - 4.5, text));
    left += 36 + text.length * 4.5;
  }
  if (values)
    parts.push(
      ...hitPoints(
        curve.map((p) => ({
          x: x(p.falsePositiveRate),
          y: y(p.truePositiveRate),
          text: `At ${percent(p.falsePositiveRate)} false positives: ${figure('roc.tpr', p.truePositiveRate)} of members recognised, 95% band ${figure('roc.tpr', p.lower)} to ${figure('roc.tpr', p.upper)}`,
        })),
      ),
    );
  return drawing(WIDTH, HEIGHT, describe(test, marks, privacy), parts.join(''));
}

/** No attacker on a model with this budget gets above the path. */
function capPath({ cap }: Privacy, floor: number, x: (r: number) => number, y: (r: number) => number): string {
  return cap
    .filter(({ falsePositiveRate }) => falsePositiveRate >= floor * (1 - 1e-9))
    .map(
      ({ falsePositiveRate, truePositiveRate }, i) =>
        `${i === 0 ? 'M' : 'L'}${coordinate(x(falsePositiveRate))} ${coordinate(y(truePositiveRate))}`,
    )
    .join('');
}

function describe(test: AssessedMeasurement, marks: readonly LimitMark[], privacy: Privacy | undefined): string {
  const points = marks.map(
    ({ measured, falsePositiveLimit, threshold }) =>
      `at a false-positive rate of ${percent(falsePositiveLimit)} the true-positive rate is ${figure('roc.tpr', measured.estimate)}, 95% interval ${figure('roc.tpr', measured.lower)} to ${figure('roc.tpr', measured.upper)}, limit ${percent(threshold)}${measured.cap === undefined ? '' : `, most under the declared budget ${percent(measured.cap)}`}`,
  );
  return `ROC curve of ${test.probe} on log-log axes: ${points.join('; ')}; area ${figure('roc.auc', test.estimate)}.${privacy ? ` The dotted line is the most any attacker can reach under the declared epsilon ${privacy.epsilon}.` : ''}`;
}
