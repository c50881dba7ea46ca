import { STATES } from '../../../assess/outcome.ts';
import { ATTACK_CLASSES } from '../../../terms.ts';
import { changeLine } from '../../view/change.ts';
import { asOfText, evidenceDates } from '../../view/dates.ts';
import { responsesLine } from '../../view/summary.ts';
import { verdictSentence } from '../../view/verdict.ts';
import { CLASS_TITLES, CONTENT_SHOWN, STATE_TITLES, verdictInWords } from '../../words.ts';
import { sheetOf } from '../sheet.ts';
import { criterionCell } from './common.ts';

export const summary = sheetOf({
  name: 'Summary',
  table: 'Summary',
  intro: (assessment, signing) => [
    `${assessment.system.name}: membership inference and model inversion, each on its own`,
    `As of ${asOfText(assessment)}; profile ${assessment.profile.id}. Evidence: ${evidenceDates(assessment)}.`,
    `Evidence root ${assessment.evidenceRoot}`,
    signing,
    ...(assessment.contentShown ? [CONTENT_SHOWN] : []),
    ...(assessment.redacted ? [] : ['Secrets and personal data in evidence were not masked, on request.']),
  ],
  items: (assessment) =>
    ATTACK_CLASSES.map((attackClass) => ({
      attackClass,
      sentence: verdictSentence(assessment, attackClass),
      ...assessment.verdicts[attackClass],
    })),
  columns: [
    { name: 'Attack class', width: 26, cell: ({ attackClass }) => CLASS_TITLES[attackClass] },
    { name: 'State', width: 18, states: true, cell: ({ state }) => STATE_TITLES[state] },
    { name: 'In a sentence', width: 60, cell: ({ sentence }) => sentence },
    ...STATES.map((state) => ({
      name: STATE_TITLES[state],
      width: 14,
      cell: ({ counts }: { counts: Partial<Record<typeof state, number>> }) => counts[state] ?? 0,
    })),
    { name: 'What the verdict rests on', width: 44, cell: (verdict) => verdictInWords(verdict).join(' ') },
    { name: 'Responses', width: 36, cell: ({ attackClass }, assessment) => responsesLine(assessment, attackClass) },
    {
      name: 'Since the assessment before',
      width: 40,
      cell: ({ attackClass }, assessment) => changeLine(assessment, attackClass) ?? null,
    },
    { name: 'Worst bound: control', width: 20, cell: ({ worst }) => worst?.control ?? null },
    { name: 'Observed', width: 12, cell: ({ worst }, assessment) => criterionCell(assessment, worst, worst?.observed) },
    { name: 'Upper bound', width: 12, cell: ({ worst }, assessment) => criterionCell(assessment, worst, worst?.bound) },
    {
      name: 'Threshold',
      width: 12,
      cell: ({ worst }, assessment) => criterionCell(assessment, worst, worst?.threshold),
    },
  ],
});
