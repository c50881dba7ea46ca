import { CLASS_TITLES, STATE_TITLES } from '../../words.ts';
import { sheetOf } from '../sheet.ts';

export const closed = sheetOf({
  name: 'Closed gaps',
  table: 'ClosedGaps',
  intro: () => [
    'Closed gaps',
    'What was answered to findings of earlier runs that this one does not have any more. The state is that of the evidence, not of the answer.',
  ],
  items: (assessment) => assessment.responses?.closed ?? [],
  columns: [
    { name: 'Id', width: 28, cell: ({ id }) => id },
    { name: 'Attack class', width: 20, cell: ({ attackClass }) => CLASS_TITLES[attackClass] },
    { name: 'Title', width: 40, cell: ({ title }) => title ?? null },
    {
      name: 'State now',
      width: 18,
      states: true,
      cell: ({ state }) => (state ? STATE_TITLES[state] : 'no longer in the catalog'),
    },
    { name: 'Owner then', width: 20, cell: ({ owner }) => owner ?? null },
    { name: 'Due then', width: 12, cell: ({ due }) => due ?? null },
    { name: 'Status then', width: 14, cell: ({ status }) => status ?? null },
    { name: 'Response then', width: 50, cell: ({ response }) => response ?? null },
    {
      name: 'Acceptance asked for',
      width: 40,
      cell: ({ acceptance }) =>
        acceptance ? `${acceptance.reason} (${acceptance.approver}, until ${acceptance.expires})` : null,
    },
  ],
});
