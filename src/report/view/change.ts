import type { Assessment } from '../../assess/assessment.ts';
import { GAP_CHANGES, type History } from '../../assess/history.ts';
import { BASES } from '../../assess/outcome.ts';
import { SEVERITIES } from '../../catalog/schemas.ts';
import { COMPARISON_ERROR } from '../../compare/error.ts';
import { quarterOf } from '../../compare/quarter.ts';
import { isMeasure } from '../../measure/measures.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';
import { errorInWords, GAP_CHANGE_TITLES, gapInWords, goalpostInWords } from '../comparison/words.ts';
import { figure, plural } from '../numbers.ts';
import { BASIS_TITLES, CLASS_PARTS, CLASS_TITLES, measureTitle, SURFACE_TITLES } from '../words.ts';
import { atRate, measurementOf } from './common.ts';

type Quarter = Omit<History['previous'][number], 'sha256'>;

/** A small drawing of one class over the assessments of the row, the newest last. */
export interface SmallMultiple {
  /** What it shows, for those who do not see it. */
  alternative: string;
  bars: { label: string /** What the bar shows, in words. */; say: string; parts: { css: string; value: number }[] }[];
  /** The largest bar, to which all are drawn. */
  most: number;
  /** Where a line is drawn across, in the unit of the bars. */
  limit?: number;
}

/** What changed since earlier assessments, each class by itself; undefined where none was given. */
export function changeView(assessment: Assessment) {
  const { history } = assessment;
  if (!history) return undefined;
  const row = [...history.previous, quarterOf(assessment)];
  return {
    since: history.previous.at(-1)?.asOf ?? '',
    assessments: row.map(({ asOf }) => asOf),
    error: errorInWords({ sharedError: COMPARISON_ERROR }),
    classes: ATTACK_CLASSES.map((attackClass) => ({
      attackClass,
      part: CLASS_PARTS[attackClass],
      title: CLASS_TITLES[attackClass],
      line: changeLine(assessment, attackClass),
      charts: [gapsChart(row, attackClass), worstChart(row, attackClass), passesChart(row, attackClass)],
      groups: GAP_CHANGES.filter((change) => change !== 'open').flatMap((change) => {
        const items = gapsOf(assessment, attackClass).filter((gap) => gap.change === change);
        return items.length === 0
          ? []
          : [
              {
                title: GAP_CHANGE_TITLES[change],
                items: items.slice(0, MOST_NAMED).map((gap) => ({ control: gap.control, text: gapInWords(gap) })),
                more: Math.max(0, items.length - MOST_NAMED),
              },
            ];
      }),
      open: openLine(assessment, attackClass),
      numbers: history.measurements.flatMap(({ measurement, change, old, difference }) => {
        const m = measurementOf(assessment, measurement);
        if (!m || m.attackClass !== attackClass) return [];
        return [
          {
            change,
            text: `${measureTitle(m.measure)}${atRate(m)}, ${SURFACE_TITLES[m.surface]}, ${m.probe}: ${figure(m.measure, old)}, now ${figure(m.measure, m.estimate)} (difference between ${figure(m.measure, difference.lower)} and ${figure(m.measure, difference.upper)})`,
          },
        ];
      }),
      compared: plural(history.compared[attackClass], 'number'),
    })),
    goalposts: history.goalposts.map((one) => goalpostInWords(one)).slice(0, MOST_GOALPOSTS),
    moreGoalposts: Math.max(0, history.goalposts.length - MOST_GOALPOSTS),
  };
}

/** What the page names of each kind; the workbook and `probity compare` have all. */
const MOST_NAMED = 6;
const MOST_GOALPOSTS = 12;

function gapsOf({ history }: Assessment, attackClass: AttackClass): History['gaps'] {
  return history?.gaps.filter((gap) => gap.attackClass === attackClass) ?? [];
}

/** The change of one class in one line; undefined where there is no earlier assessment. */
export function changeLine(assessment: Assessment, attackClass: AttackClass): string | undefined {
  const { history } = assessment;
  const since = history?.previous.at(-1)?.asOf;
  if (!history || since === undefined) return undefined;
  const gaps = gapsOf(assessment, attackClass);
  const count = (change: string): number => gaps.filter((gap) => gap.change === change).length;
  const numbers = history.measurements.filter(
    ({ measurement }) => measurementOf(assessment, measurement)?.attackClass === attackClass,
  );
  const moved = (change: string): number => numbers.filter((one) => one.change === change).length;
  const parts = [
    `${count('new')} new`,
    count('reopened') > 0 ? `${count('reopened')} reopened` : '',
    `${count('closed')} closed`,
    count('evidence-gone') > 0 ? `${count('evidence-gone')} gone with its evidence, which is not closed` : '',
    `${count('open')} still open`,
  ].filter(Boolean);
  return `Since ${since}: gaps ${parts.join(', ')}; numbers ${moved('worse')} worse, ${moved('better')} better, of ${history.compared[attackClass]} compared.`;
}

function openLine(assessment: Assessment, attackClass: AttackClass): string | undefined {
  const open = gapsOf(assessment, attackClass).filter(({ change }) => change === 'open');
  const oldest = open.toSorted((a, b) => ((a.since ?? '') < (b.since ?? '') ? -1 : 1))[0];
  if (!oldest) return undefined;
  return `Still open: ${plural(open.length, 'gap')}, the oldest (${oldest.control}) since ${oldest.since}.`;
}

function gapsChart(row: readonly Quarter[], attackClass: AttackClass) {
  const bars = row.map(({ asOf, classes }) => ({
    label: asOf,
    parts: SEVERITIES.map((severity) => ({ css: `gap-${severity}`, value: classes[attackClass].gaps[severity] ?? 0 })),
  }));
  const texts = row.map(
    ({ asOf, classes }) =>
      `${asOf}: ${SEVERITIES.map((severity) => `${classes[attackClass].gaps[severity] ?? 0} ${severity}`).join(', ')}`,
  );
  return chart('Open gaps, the gravest below', bars, texts);
}

/** How much of its limit the worst bound uses; from ten times on it is drawn at ten. */
const MOST_USE = 10;

function worstChart(row: readonly Quarter[], attackClass: AttackClass) {
  const bars = row.map(({ asOf, classes }) => {
    const { worst } = classes[attackClass];
    const use = worst && worst.threshold > 0 ? worst.bound / worst.threshold : 0;
    return { label: asOf, parts: [{ css: use > 1 ? 'over' : 'within', value: Math.min(MOST_USE, use) }] };
  });
  const texts = row.map(({ asOf, classes }) => {
    const { worst } = classes[attackClass];
    if (!worst || !isMeasure(worst.measure)) return `${asOf}: no bound`;
    return `${asOf}: ${worst.control} ${figure(worst.measure, worst.bound)} of ${figure(worst.measure, worst.threshold)}`;
  });
  return { ...chart('Worst bound over its limit', bars, texts), limit: 1 };
}

function passesChart(row: readonly Quarter[], attackClass: AttackClass) {
  const bars = row.map(({ asOf, classes }) => ({
    label: asOf,
    parts: BASES.map((basis) => ({ css: `basis-${basis}`, value: classes[attackClass].passes[basis] ?? 0 })),
  }));
  const texts = row.map(
    ({ asOf, classes }) =>
      `${asOf}: ${BASES.map((basis) => `${classes[attackClass].passes[basis] ?? 0} on ${BASIS_TITLES[basis]}`).join(', ')}`,
  );
  return chart('Passes, by what they rest on', bars, texts);
}

function sum(parts: readonly { value: number }[]): number {
  return parts.reduce((total, { value }) => total + value, 0);
}

function chart(title: string, bars: readonly Omit<SmallMultiple['bars'][number], 'say'>[], texts: readonly string[]) {
  const drawing: SmallMultiple = {
    alternative: `${title}. ${texts.join('; ')}`,
    bars: bars.map((bar, index) => ({ ...bar, say: texts[index] ?? '' })),
    most: Math.max(1, ...bars.map(({ parts }) => sum(parts))),
  };
  return { title, drawing, latest: texts.at(-1) ?? '' };
}
