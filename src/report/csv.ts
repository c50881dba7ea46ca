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
  { name: 'title', cell: ({ title }) => inOneLine(title) },
  { name: 'found', cell: ({ why }) => why.map(inOneLine).join('\n') },
  { name: 'consequence', cell: ({ consequence }) => inOneLine(consequence) },
  { name: 'remediation', cell: ({ remediation }) => remediation.map(inOneLine).join('\n') },
  { name: 'evidence', cell: ({ evidence }) => evidence.map(({ path, at }) => inOneLine(`${path}, ${at}`)).join('\n') },
  {
    name: 'frameworks',
    cell: ({ frameworks }) => frameworks.map(({ framework, item }) => `${framework} ${item}`).join('; '),
  },
  { name: 'owner', cell: ({ owner }) => inOneLine(owner ?? '') },
  { name: 'due', cell: ({ due }) => due ?? '' },
  { name: 'status', cell: ({ status }) => status ?? '' },
  { name: 'response', cell: ({ response }) => inOneLine(response ?? '') },
];

/** A text that somebody wrote: a line of it would begin as a row does, for whoever reads the file by lines. */
function inOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}

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
