import type { Assessment } from '../../../assess/assessment.ts';
import { BASES } from '../../../assess/outcome.ts';
import { SEVERITIES } from '../../../catalog/schemas.ts';
import { quarterOf } from '../../../compare/quarter.ts';
import { isMeasure } from '../../../measure/measures.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../../terms.ts';
import { GAP_CHANGE_TITLES, gapInWords, goalpostInWords } from '../../comparison/words.ts';
import { figure } from '../../numbers.ts';
import { BASIS_TITLES, CLASS_TITLES, measureTitle, STATE_TITLES, SURFACE_TITLES } from '../../words.ts';
import { type SheetDefinition, sheetOf } from '../sheet.ts';
import { figureCell, measurementOf, percentCell } from './common.ts';

/* What changed since earlier assessments, where some were given; each class in rows of its own. */

type Quarter = ReturnType<typeof quarterOf>;

interface Entry {
  attackClass: AttackClass;
  asOf: string;
  profile: string;
  one: Quarter['classes'][AttackClass];
}

function worstCell({ worst }: Entry['one'], of: 'bound' | 'threshold') {
  return worst && isMeasure(worst.measure) ? figureCell(worst.measure, worst[of]) : null;
}

export const history: SheetDefinition = sheetOf<Entry>({
  name: 'Trend',
  table: 'Trend',
  intro: ({ history: known }) => [
    'Trend',
    known
      ? 'One row for each assessment and attack class, the newest last. Classes are never added.'
      : 'No earlier assessment was given (--previous).',
  ],
  items: (assessment) => {
    if (!assessment.history) return [];
    const row: Quarter[] = [...assessment.history.previous, quarterOf(assessment)];
    return ATTACK_CLASSES.flatMap((attackClass) =>
      row.map(({ asOf, profile, classes }) => ({ attackClass, asOf, profile, one: classes[attackClass] })),
    );
  },
  columns: [
    { name: 'Attack class', width: 22, cell: ({ attackClass }) => CLASS_TITLES[attackClass] },
    { name: 'As of', width: 12, cell: ({ asOf }) => asOf },
    { name: 'Profile', width: 14, cell: ({ profile }) => profile },
    { name: 'State', width: 18, states: true, cell: ({ one }) => STATE_TITLES[one.state] },
    ...SEVERITIES.map((severity) => ({
      name: `Open gaps, ${severity}`,
      width: 12,
      cell: ({ one }: Entry) => one.gaps[severity] ?? 0,
    })),
    { name: 'Worst bound: control', width: 14, cell: ({ one }) => one.worst?.control ?? null },
    {
      name: 'Worst bound: measure',
      width: 30,
      cell: ({ one: { worst } }) => (worst && isMeasure(worst.measure) ? measureTitle(worst.measure) : null),
    },
    { name: 'Worst bound', width: 12, cell: ({ one }) => worstCell(one, 'bound') },
    { name: 'Its limit', width: 12, cell: ({ one }) => worstCell(one, 'threshold') },
    {
      name: 'Bound over limit',
      width: 12,
      cell: ({ one: { worst } }) => (worst && worst.threshold > 0 ? percentCell(worst.bound / worst.threshold) : null),
    },
    ...BASES.map((basis) => ({
      name: `Passes on ${BASIS_TITLES[basis]}`,
      width: 14,
      cell: ({ one }: Entry) => one.passes[basis] ?? 0,
    })),
    {
      name: 'Share of passes on strong tests',
      width: 14,
      cell: ({ one: { passes } }) => {
        const all = BASES.reduce((sum, basis) => sum + (passes[basis] ?? 0), 0);
        return all === 0 ? null : percentCell((passes.strong ?? 0) / all);
      },
    },
  ],
});

type Change = readonly [attackClass: string, kind: string, subject: string, text: string];

export const changed = sheetOf<Change>({
  name: 'Changes',
  table: 'Changes',
  intro: ({ history: known }) => [
    'Changes',
    known
      ? `What became of every gap and number since the assessment as of ${known.previous.at(-1)?.asOf ?? ''}, and what was moved. A gap that went away with its evidence is not closed.`
      : 'No earlier assessment was given (--previous).',
  ],
  items: changesOf,
  columns: [
    { name: 'Attack class', width: 22, cell: ([attackClass]) => attackClass },
    { name: 'What', width: 24, cell: ([, kind]) => kind },
    { name: 'Which', width: 44, cell: ([, , subject]) => subject },
    { name: 'How', width: 90, cell: ([, , , text]) => text },
  ],
});

function* changesOf(assessment: Assessment): Iterable<Change> {
  const { history: known } = assessment;
  if (!known) return;
  for (const attackClass of ATTACK_CLASSES) {
    for (const gap of known.gaps)
      if (gap.attackClass === attackClass)
        yield [CLASS_TITLES[attackClass], GAP_CHANGE_TITLES[gap.change], gap.control, gapInWords(gap)];
    for (const { measurement, change, old, difference } of known.measurements) {
      const m = measurementOf(assessment, measurement);
      if (m?.attackClass !== attackClass) continue;
      yield [
        CLASS_TITLES[attackClass],
        change === 'worse' ? 'Number, worse' : 'Number, better',
        `${measureTitle(m.measure)}, ${SURFACE_TITLES[m.surface]}, ${m.probe}`,
        `${figure(m.measure, old)}, now ${figure(m.measure, m.estimate)} (difference between ${figure(m.measure, difference.lower)} and ${figure(m.measure, difference.upper)})`,
      ];
    }
  }
  for (const one of known.goalposts) yield ['both', 'Moved', one.name, goalpostInWords(one)];
}
