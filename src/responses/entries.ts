import { dayOfSerial, type SheetCell } from '../files/spreadsheet.ts';
import { isoDate } from '../schema.ts';
import { visible } from '../visible.ts';
import { nearest } from '../wording.ts';
import { RESPONSE_STATUSES, type ResponseStatus } from '../workspace/responses.ts';

/** What a cell says, or what is wrong with it; neither for an empty one. */
export type Entry<T> = { value?: T; wrong?: string };

/** What of a cell keeps it from being read at all. */
function unreadable(cell: SheetCell): string | undefined {
  if (cell.formula) return 'holds a formula; put its value in its place';
  if (cell.error) return `holds the error ${visible(String(cell.value)).slice(0, 20)}`;
  return undefined;
}

/** A text of people's. @param most characters */
export function textEntry(cell: SheetCell | undefined, most: number): Entry<string> {
  if (!cell) return {};
  const wrong = unreadable(cell);
  if (wrong !== undefined) return { wrong };
  if (typeof cell.value === 'number') return { wrong: `holds the number ${cell.value}, where a text is needed` };
  if (typeof cell.value === 'boolean') return { wrong: `holds ${cell.value}, where a text is needed` };
  const text = (cell.value ?? '').trim();
  if (text.length > most) return { wrong: `has ${text.length} characters, and may have ${most}` };
  return text === '' ? {} : { value: text };
}

/** A day: a date of the program's, or a text like 2026-12-01. */
export function dayEntry(cell: SheetCell | undefined, from1904: boolean): Entry<string> {
  if (!cell) return {};
  const wrong = unreadable(cell);
  if (wrong !== undefined) return { wrong };
  if (typeof cell.value === 'boolean') return { wrong: `holds ${cell.value}, where a date is needed` };
  if (typeof cell.value === 'number') {
    const day = dayOfSerial(cell.value, from1904);
    return day === undefined
      ? { wrong: `holds the number ${cell.value}, which is no date from 2000 to 2099` }
      : { value: day };
  }
  const text = (cell.value ?? '').trim();
  if (text === '') return {};
  // Some programs write days as times of the first second.
  const parsed = isoDate.safeParse(text.replace(/^(\d{4}-\d{2}-\d{2})[T ]00:00:00(?:\.0+)?Z?$/, '$1'));
  if (parsed.success && parsed.data.length === 10) return { value: parsed.data };
  const shown = visible(text).slice(0, 40);
  return {
    wrong: /^\d{4}-\d{2}-\d{2}$/.test(text)
      ? `holds "${shown}", and there is no such day`
      : `holds "${shown}", which is no date; write it like 2026-12-01`,
  };
}

export function statusEntry(cell: SheetCell | undefined): Entry<ResponseStatus> {
  const { value, wrong } = textEntry(cell, 200);
  if (wrong !== undefined) return { wrong };
  if (value === undefined) return {};
  const word = value.toLowerCase().replace(/[\s_-]+/g, ' ');
  const status = RESPONSE_STATUSES.find((one) => one === word);
  if (status) return { value: status };
  const guess = nearest(word, RESPONSE_STATUSES);
  return {
    wrong: `holds "${visible(value).slice(0, 40)}", which is no status (${RESPONSE_STATUSES.join(', ')})${guess === undefined ? '' : `; did you mean "${guess}"?`}`,
  };
}
