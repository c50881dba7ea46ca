import type { Finding } from '../../../assess/assessment.ts';
import { RESPONSE_STATUSES } from '../../../workspace/responses.ts';
import type { Cell } from '../sheet.ts';

/** What people answer to a finding. */
export type Answers = Pick<Finding, 'owner' | 'due' | 'status' | 'response' | 'acceptance'>;

/** The user's columns of a sheet of findings, by what stands in them; what is read back is found by these names. */
export const ANSWER_COLUMNS = {
  owner: 'Owner',
  due: 'Due date',
  status: 'Status',
  response: 'Management response',
  reason: 'Risk acceptance',
  approver: 'Approver',
  expires: 'Expiry',
} as const;

/** Excel's serial number of a day: days since the last of 1899, with a 29 February 1900 that never was. */
export function serialOf(date: string | undefined): number | null {
  return date === undefined ? null : Date.parse(date.slice(0, 10)) / 86_400_000 + 25_569;
}

/** @param answersOf what of an item is answered */
export function answerColumns<Item>(answersOf: (item: Item) => Answers) {
  const column = (name: string, width: number, cell: (answers: Answers) => Cell) => ({
    name,
    width,
    input: true,
    cell: (item: Item): Cell => cell(answersOf(item)),
  });
  const dates = { format: 'yyyy-mm-dd' };
  return [
    column(ANSWER_COLUMNS.owner, 20, ({ owner }) => owner ?? null),
    { ...column(ANSWER_COLUMNS.due, 12, ({ due }) => serialOf(due)), ...dates },
    { ...column(ANSWER_COLUMNS.status, 14, ({ status }) => status ?? 'open'), choices: RESPONSE_STATUSES },
    column(ANSWER_COLUMNS.response, 36, ({ response }) => response ?? null),
    column(ANSWER_COLUMNS.reason, 30, ({ acceptance }) => acceptance?.reason ?? null),
    column(ANSWER_COLUMNS.approver, 18, ({ acceptance }) => acceptance?.approver ?? null),
    { ...column(ANSWER_COLUMNS.expires, 12, ({ acceptance }) => serialOf(acceptance?.expires)), ...dates },
  ];
}
