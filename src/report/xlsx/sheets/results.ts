import type { Assessment, Result } from '../../../assess/assessment.ts';
import { SUPPORTING_FAMILIES } from '../../../catalog/schemas.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../../terms.ts';
import { BASIS_TITLES, CLASS_QUESTIONS, CLASS_TITLES, inOneLine, stateText } from '../../words.ts';
import { type SheetDefinition, sheetOf } from '../sheet.ts';
import { criterionCell, evidenceLink, resultOf } from './common.ts';

/** One row a criterion of a class's own controls. */
function classSheet(attackClass: AttackClass, table: string): SheetDefinition {
  return sheetOf({
    name: CLASS_TITLES[attackClass],
    table,
    intro: () => [CLASS_TITLES[attackClass], CLASS_QUESTIONS[attackClass]],
    items: (assessment) => {
      const controls = new Map(assessment.controls.map((control) => [control.id, control]));
      return assessment.results.flatMap((result) => {
        const control = controls.get(result.control);
        return result.attackClass === attackClass && control && !SUPPORTING_FAMILIES.includes(control.family)
          ? result.criteria.map((criterion) => ({ result, control, criterion }))
          : [];
      });
    },
    columns: [
      { name: 'Control', width: 10, cell: ({ control }) => control.id },
      { name: 'Title', width: 40, cell: ({ control }) => control.title },
      { name: 'Result', width: 26, states: true, cell: ({ result }) => stateText(result.state, result.reason) },
      { name: 'Rests on', width: 14, cell: ({ result }) => (result.basis ? BASIS_TITLES[result.basis] : null) },
      { name: 'Severity', width: 10, cell: ({ result }) => result.severity },
      { name: 'Criterion', width: 44, cell: ({ criterion }) => criterion.statement },
      {
        name: 'Criterion state',
        width: 26,
        states: true,
        cell: ({ criterion }) => stateText(criterion.state, criterion.reason),
      },
      {
        name: 'Observed',
        width: 16,
        cell: ({ criterion }, assessment) => criterionCell(assessment, criterion, criterion.observed),
      },
      {
        name: 'Bound',
        width: 10,
        cell: ({ criterion }, assessment) => criterionCell(assessment, criterion, criterion.bound),
      },
      {
        name: 'Threshold',
        width: 16,
        cell: ({ criterion }, assessment) => criterionCell(assessment, criterion, criterion.threshold),
      },
      { name: 'What was found', width: 70, cell: ({ criterion }) => criterion.detail },
      {
        name: 'Other tests',
        width: 60,
        cell: ({ criterion }) => criterion.others?.map(inOneLine).join('\n') ?? null,
      },
      {
        name: 'Evidence',
        width: 36,
        cell: ({ criterion }, assessment) => evidenceLink(assessment, criterion.evidence),
      },
    ],
  });
}

export const membershipInference = classSheet('membership-inference', 'MembershipInference');
export const modelInversion = classSheet('inversion', 'ModelInversion');

interface Supporting {
  control: Assessment['controls'][number];
  results: Record<AttackClass, Result | undefined>;
}

export const supporting = sheetOf<Supporting>({
  name: 'Supporting controls',
  table: 'SupportingControls',
  intro: () => [
    'Supporting controls',
    'One state for membership inference and one for model inversion; they can differ.',
  ],
  items: (assessment) =>
    assessment.controls
      .filter((control) => SUPPORTING_FAMILIES.includes(control.family))
      .map((control) => ({
        control,
        results: {
          'membership-inference': resultOf(assessment, control.id, 'membership-inference'),
          inversion: resultOf(assessment, control.id, 'inversion'),
        },
      })),
  columns: [
    { name: 'Control', width: 10, cell: ({ control }) => control.id },
    { name: 'Title', width: 40, cell: ({ control }) => control.title },
    { name: 'Severity', width: 10, cell: ({ control }) => control.severity },
    ...ATTACK_CLASSES.flatMap((attackClass) => [
      {
        name: CLASS_TITLES[attackClass],
        width: 26,
        states: true,
        cell: ({ results }: Supporting) => {
          const result = results[attackClass];
          return result ? stateText(result.state, result.reason) : 'Not named';
        },
      },
      {
        name: `Found for ${CLASS_TITLES[attackClass].toLowerCase()}`,
        width: 60,
        cell: ({ results }: Supporting) =>
          results[attackClass]?.criteria.map((criterion) => criterion.detail).join('\n') ?? null,
      },
    ]),
  ],
});
