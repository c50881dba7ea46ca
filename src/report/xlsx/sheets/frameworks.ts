import type { Assessment, Result } from '../../../assess/assessment.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../../terms.ts';
import { coverageText } from '../../coverage.ts';
import { CLASS_TITLES, STATE_TITLES, stateText } from '../../words.ts';
import { sheetOf } from '../sheet.ts';
import { resultOf } from './common.ts';

type Framework = Assessment['frameworks'][number];

interface Entry {
  framework: Framework;
  item: Framework['items'][number];
}

function entriesOf(assessment: Assessment): Entry[] {
  return assessment.frameworks.flatMap((framework) => framework.items.map((item) => ({ framework, item })));
}

function strengthText({ item }: Entry, control: string): string {
  const given = item.strengths[control];
  if (!given) return 'unknown';
  return given.part === undefined ? given.strength : `${given.strength}: ${given.part}`;
}

export const crosswalk = sheetOf<Entry>({
  name: 'Framework crosswalk',
  table: 'FrameworkCrosswalk',
  intro: (assessment) => [
    'Framework crosswalk',
    'Every item of every framework; covered where a control shows all of it, in part where controls show the parts named, not covered where they at most support it. Outcomes are in our own words; statements of the publisher are there once probity catalog import has brought them in.',
    ...assessment.legacy.slice(0, 40).map((entry) => entry.note),
  ],
  items: entriesOf,
  columns: [
    { name: 'Framework', width: 22, cell: ({ framework }) => framework.short },
    { name: 'Item', width: 16, cell: ({ item }) => item.id },
    {
      name: 'Outcome',
      width: 70,
      cell: ({ item }) => (item.title ? `${item.title}. ${item.outcome}` : item.outcome),
    },
    { name: "Publisher's statement", width: 50, cell: ({ item }) => item.statement ?? null },
    { name: 'Coverage', width: 30, cell: ({ item }) => coverageText(item) },
    { name: 'Controls', width: 30, cell: ({ item }) => item.controls.join(', ') || null },
    ...ATTACK_CLASSES.map((attackClass) => ({
      name: CLASS_TITLES[attackClass],
      width: 22,
      states: true,
      cell: ({ item }: Entry) => {
        const state = item.states[attackClass];
        return state ? STATE_TITLES[state] : null;
      },
    })),
  ],
});

interface Mapping extends Entry {
  control: Assessment['controls'][number];
  results: Record<AttackClass, Result | undefined>;
}

export const mappings = sheetOf<Mapping>({
  name: 'Control mappings',
  table: 'ControlMappings',
  intro: () => [
    'Control mappings',
    'The crosswalk from the other side: each control, every framework item that it speaks to, how much of it a satisfied control shows, and why.',
  ],
  items: (assessment) => {
    const entries = entriesOf(assessment);
    return assessment.controls.flatMap((control) => {
      const results = {
        'membership-inference': resultOf(assessment, control.id, 'membership-inference'),
        inversion: resultOf(assessment, control.id, 'inversion'),
      };
      return entries
        .filter(({ item }) => item.controls.includes(control.id))
        .map((entry) => ({ ...entry, control, results }));
    });
  },
  columns: [
    { name: 'Control', width: 10, cell: ({ control }) => control.id },
    { name: 'Title', width: 44, cell: ({ control }) => control.title },
    { name: 'Framework', width: 22, cell: ({ framework }) => framework.short },
    { name: 'Item', width: 18, cell: ({ item }) => item.id },
    { name: 'Strength', width: 36, cell: (entry) => strengthText(entry, entry.control.id) },
    { name: 'Why', width: 70, cell: ({ item, control }) => item.reasons[control.id] ?? null },
    ...ATTACK_CLASSES.map((attackClass) => ({
      name: CLASS_TITLES[attackClass],
      width: 26,
      states: true,
      cell: ({ results }: Mapping) => {
        const result = results[attackClass];
        return result ? stateText(result.state, result.reason) : null;
      },
    })),
  ],
});
