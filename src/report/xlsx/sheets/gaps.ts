import type { Assessment, Finding } from '../../../assess/assessment.ts';
import { sampleSize } from '../../../measure/counts.ts';
import { grouped } from '../../../wording.ts';
import { answersIn } from '../../view/common.ts';
import { CLASS_TITLES, REASON_TITLES, STATE_TITLES } from '../../words.ts';
import { sheetOf } from '../sheet.ts';
import { answerColumns } from './answers.ts';
import { criterionCell, evidenceLink, measurementOf, resultOf } from './common.ts';

/** The criterion that a finding comes from. */
function decisive(assessment: Assessment, finding: Finding) {
  return resultOf(assessment, finding.control, finding.attackClass)?.criteria.find(
    (criterion) => criterion.state === finding.state && criterion.reason === finding.reason,
  );
}

export const gaps = sheetOf({
  name: 'Gaps',
  table: 'Gaps',
  intro: () => [
    'Gaps',
    'One row for each finding. The shaded columns are yours to fill in. A finding keeps its id from run to run.',
  ],
  *items(assessment) {
    const answers = answersIn(assessment);
    for (const finding of assessment.findings) {
      const criterion = decisive(assessment, finding);
      yield {
        finding,
        criterion,
        answers: answers(finding),
        counts: measurementOf(assessment, criterion?.measurement)?.counts,
      };
    }
  },
  columns: [
    { name: 'Id', width: 28, cell: ({ finding }) => finding.id },
    { name: 'Attack class', width: 20, cell: ({ finding }) => CLASS_TITLES[finding.attackClass] },
    { name: 'Control', width: 10, cell: ({ finding }) => finding.control },
    { name: 'State', width: 16, states: true, cell: ({ finding }) => STATE_TITLES[finding.state] },
    {
      name: 'Reason',
      width: 18,
      cell: ({ finding }) => finding.reasons?.map((reason) => REASON_TITLES[reason]).join('\n') ?? null,
    },
    { name: 'Severity', width: 10, cell: ({ finding }) => finding.severity },
    { name: 'Title', width: 40, cell: ({ finding }) => finding.title },
    { name: 'What was found', width: 60, cell: ({ finding }) => finding.why.join('\n') },
    { name: 'Why it matters', width: 44, cell: ({ finding }) => finding.consequence },
    {
      name: 'Observed',
      width: 14,
      cell: ({ criterion }, assessment) => criterionCell(assessment, criterion, criterion?.observed),
    },
    {
      name: 'Bound',
      width: 10,
      cell: ({ criterion }, assessment) => criterionCell(assessment, criterion, criterion?.bound),
    },
    {
      name: 'Threshold',
      width: 14,
      cell: ({ criterion }, assessment) => criterionCell(assessment, criterion, criterion?.threshold),
    },
    { name: 'n', width: 10, format: '#,##0', cell: ({ counts }) => (counts ? sampleSize(counts) : null) },
    {
      name: 'Sample needed',
      width: 26,
      cell: ({ criterion }) =>
        criterion?.needs?.map(({ of, atLeast, has }) => `${grouped(atLeast)} ${of} (has ${grouped(has)})`).join('\n') ??
        null,
    },
    {
      name: 'What would answer it',
      width: 44,
      cell: ({ answers }) => answers.join('\n') || null,
    },
    { name: 'Evidence', width: 36, cell: ({ finding }, assessment) => evidenceLink(assessment, finding.evidence) },
    {
      name: 'Remediation',
      width: 60,
      cell: ({ finding }) => finding.remediation.map((step, index) => `${index + 1}. ${step}`).join('\n'),
    },
    ...answerColumns<{ finding: Finding }>(({ finding }) => finding),
  ],
});
