import type { Assessment } from '../assess/assessment.ts';
import type { Spreadsheet } from '../files/spreadsheet.ts';
import { REQUEST_COLUMNS } from '../report/xlsx/sheets/requests.ts';
import { visible } from '../visible.ts';
import { RESPONSE_LIMITS, type Responses } from '../workspace/responses.ts';
import { dayEntry, type Entry, textEntry } from './entries.ts';
import { cellName, type EntryProblem, findTable } from './table.ts';

type Request = Responses['requests'][number];
type Field = keyof typeof REQUEST_COLUMNS;
const FIELDS: readonly Field[] = ['from', 'due', 'received'];

/** What the report names its requests; whatever else stands in their column is none. */
const REQUEST_ID = /^request-[a-z0-9-]{1,120}$/;

/**
 * Reads what became of the evidence that was asked for. What stands in the workbook counts; an empty cell erases only what
 * stood there when the workbook was made.
 * @param based the assessment the workbook was made from, if that is known
 */
export function importRequests(
  book: Spreadsheet,
  existing: readonly Request[],
  based: Assessment | undefined,
  problems: EntryProblem[],
): Request[] {
  const names = Object.values(REQUEST_COLUMNS);
  const table = findTable(book, 'Evidence requests', ['Id', ...names], ['What']);
  const merged = new Map(existing.map((one) => [one.request, one]));
  if (!table) return [...merged.values()];
  const baseline = new Map(based?.responses?.requests.map((one) => [one.request, one]));
  const seen = new Set<string>();
  for (const { row, cells } of table.rows) {
    const cellOf = (name: string) => cells.get(table.columns.get(name.toLowerCase()) ?? 0);
    const complain = (name: string, message: string): void => {
      problems.push({ cell: cellName(table.sheet, table.columns.get(name.toLowerCase()) ?? 1, row), message });
    };
    const take = (name: string, { value, wrong }: Entry<string>): string | undefined => {
      if (wrong !== undefined) complain(name, wrong);
      return value;
    };
    const now: Partial<Record<Field, string>> = {};
    for (const field of FIELDS) {
      const name = REQUEST_COLUMNS[field];
      const entry =
        field === 'from' ? textEntry(cellOf(name), RESPONSE_LIMITS.name) : dayEntry(cellOf(name), book.from1904);
      const value = take(name, entry);
      if (value !== undefined) now[field] = value;
    }
    const id = String(cellOf('Id')?.value ?? '').trim();
    const empty = Object.keys(now).length === 0;
    if (id === '' || id === 'none') {
      if (!empty) complain('Id', 'the row is filled in and has no id; an answer belongs to a request');
      continue;
    }
    if (!REQUEST_ID.test(id)) complain('Id', `there is no request ${visible(id).slice(0, 80)}`);
    else if (seen.has(id)) complain('Id', `the request ${id} is there twice`);
    else merge(merged, id, now, baseline.get(id), based !== undefined);
    seen.add(id);
  }
  return [...merged.values()];
}

function merge(
  merged: Map<string, Request>,
  id: string,
  now: Partial<Record<Field, string>>,
  stood: Request | undefined,
  isBased: boolean,
): void {
  const before = merged.get(id);
  const fields: Partial<Record<Field, string>> = {};
  for (const field of FIELDS) {
    const kept = isBased ? now[field] === stood?.[field] : now[field] === undefined;
    const value = kept ? before?.[field] : now[field];
    if (value !== undefined) fields[field] = value;
  }
  if (Object.keys(fields).length === 0) merged.delete(id);
  else merged.set(id, { request: id, ...fields });
}
