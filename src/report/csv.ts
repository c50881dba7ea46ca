import type { Assessment, Finding } from '../assess/assessment.ts';
import { csvOf } from '../files/csv.ts';

/** The longest text that Excel takes into a cell is 32,767 characters. */
const CELL_LIMIT = 32_000;

/** Columns keep their names and their order; further ones are added at the end. */
const COLUMNS: readonly { name: string; cell: (finding: Finding) => string }[] = [
  { name: 'id', cell: ({ id }) => id },
  { name: 'control', cell: ({ control }) => control },
  { name: 'attack_class', cell: ({ attackClass }) => attackClass },
  { name: 'state', cell: ({ state }) => state },
  { name: 'reason', cell: ({ reason }) => reason ?? '' },
  { name: 'reasons', cell: ({ reasons }) => (reasons ?? []).join('; ') },
  { name: 'severity', cell: ({ severity }) => severity },
  { name: 'title', cell: ({ title }) => title },
  { name: 'found', cell: ({ why }) => why.join('\n') },
  { name: 'consequence', cell: ({ consequence }) => consequence },
  { name: 'remediation', cell: ({ remediation }) => remediation.join('\n') },
  { name: 'evidence', cell: ({ evidence }) => evidence.map(({ path, at }) => `${path}, ${at}`).join('\n') },
  {
    name: 'frameworks',
    cell: ({ frameworks }) => frameworks.map(({ framework, item }) => `${framework} ${item}`).join('; '),
  },
  { name: 'owner', cell: ({ owner }) => owner ?? '' },
  { name: 'due', cell: ({ due }) => due ?? '' },
  { name: 'status', cell: ({ status }) => status ?? '' },
  { name: 'response', cell: ({ response }) => response ?? '' },
];

function cut(text: string): string {
  return text.length > CELL_LIMIT ? `${text.slice(0, CELL_LIMIT)} [cut, ${text.length} characters]` : text;
}

/** The findings as CSV, one row each, in the order of the report. */
export function findingsCsv(assessment: Assessment): string {
  return csvOf([
    COLUMNS.map(({ name }) => name),
    ...assessment.findings.map((finding) => COLUMNS.map(({ cell }) => cut(cell(finding)))),
  ]);
}
