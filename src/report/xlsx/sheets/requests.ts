import type { Assessment } from '../../../assess/assessment.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../../terms.ts';
import { grouped } from '../../../wording.ts';
import { planOf } from '../../view/actions.ts';
import { CLASS_PARTS, REASON_TITLES } from '../../words.ts';
import { sheetOf } from '../sheet.ts';
import { serialOf } from './answers.ts';

type Request = ReturnType<typeof planOf>['requests'][number];

/** The user's columns of the sheet; what is read back is found by these names. */
export const REQUEST_COLUMNS = { from: 'From whom', due: 'By when', received: 'Received' } as const;

interface Asked {
  request: Request;
  answer: NonNullable<Assessment['responses']>['requests'][number] | undefined;
}

/** The controls of one class that the evidence would answer. */
function answers({ request }: Asked, attackClass: AttackClass): string | null {
  const effect = request.effects.find((one) => one.attackClass === attackClass);
  return effect ? effect.gaps.map(({ control }) => control).join(', ') : null;
}

function whatOf({ of, what, effects }: Request): string {
  const gap = effects[0]?.gaps[0];
  const asked = what.join('\n');
  return of === 'test' && gap ? [`${gap.control}: ${gap.title}`, asked].filter(Boolean).join('\n') : asked;
}

export const requests = sheetOf<Asked>({
  name: 'Evidence requests',
  table: 'EvidenceRequests',
  intro: () => [
    'Evidence requests',
    'What is missing before the open controls can be assessed, one row for each test or document. The shaded columns are yours: who was asked, by when, and the day on which it came.',
  ],
  items: (assessment) => {
    const answered = new Map(assessment.responses?.requests.map((one) => [one.request, one]));
    const unknown = assessment.findings.filter(({ state }) => state === 'not-assessed');
    return planOf({ ...assessment, findings: unknown }).requests.map((request) => ({
      request,
      answer: answered.get(request.id),
    }));
  },
  columns: [
    { name: 'Id', width: 30, cell: ({ request }) => request.id },
    { name: 'Kind', width: 12, cell: ({ request }) => request.of },
    { name: 'What', width: 50, cell: ({ request }) => whatOf(request) || null },
    {
      name: 'Why',
      width: 30,
      cell: ({ request }) => request.reasons.map((reason) => REASON_TITLES[reason]).join('\n') || null,
    },
    { name: 'Example of such a file', width: 34, cell: ({ request }) => request.example ?? null },
    {
      name: 'Sample needed',
      width: 28,
      cell: ({ request }) =>
        request.needs.map(({ of, atLeast, has }) => `${grouped(atLeast)} ${of} (has ${grouped(has)})`).join('\n') ||
        null,
    },
    ...ATTACK_CLASSES.map((attackClass) => ({
      name: `Answers in ${CLASS_PARTS[attackClass]}`,
      width: 20,
      cell: (asked: Asked) => answers(asked, attackClass),
    })),
    { name: 'Severity', width: 10, cell: ({ request }) => request.severity },
    { name: 'Who has it', width: 26, cell: ({ request }) => request.provides.join('\n') || null },
    { name: 'Due date of the gaps', width: 14, cell: ({ request }) => request.due.date },
    { name: REQUEST_COLUMNS.from, width: 22, input: true, cell: ({ answer }) => answer?.from ?? null },
    {
      name: REQUEST_COLUMNS.due,
      width: 12,
      input: true,
      format: 'yyyy-mm-dd',
      cell: ({ answer }) => serialOf(answer?.due),
    },
    {
      name: REQUEST_COLUMNS.received,
      width: 12,
      input: true,
      format: 'yyyy-mm-dd',
      cell: ({ answer }) => serialOf(answer?.received),
    },
  ],
});
