import { ProbityError } from '../errors.ts';
import { csvRows, headerOf } from './csv.ts';
import type { EvidenceFile, Head } from './file.ts';
import { eachLine, eachValue } from './streaming.ts';

/* Tables whose columns nobody knows yet: rows of CSV, objects of a JSON list, JSON Lines. */

export type TableShape = 'json' | 'lines' | 'table';

/** How the head of a file looks: a list in JSON, JSON Lines, or a table of several columns; undefined for anything else. */
export function tableShape({ text }: Head): TableShape | undefined {
  if (/^\s*\[/.test(text)) return 'json';
  if (/^\s*\{/.test(text)) return /^\s*\{[^\n]*\}[ \t]*\r?(?:\n|$)/.test(text) ? 'lines' : undefined;
  if (/^\s*</.test(text) || text.includes('\0')) return undefined;
  return headerOf(text).length > 1 ? 'table' : undefined;
}

/** What one column holds, over all rows. */
export interface ColumnProfile {
  name: string;
  /** Rows in which it is not blank. */
  filled: number;
  /** Whether each of those is a finite number. */
  numeric: boolean;
  /** The values that it has, with how often; only where they are few. */
  values: Map<string, number> | undefined;
  /** A few values from the beginning. */
  samples: string[];
}

export interface TableProfile {
  shape: TableShape;
  rows: number;
  columns: ColumnProfile[];
}

const MOST_COLUMNS = 500;
const MOST_VALUES = 60;
const LONGEST_VALUE = 200;

type Cells = ReadonlyMap<string, string>;

/** Hands out rows by the names of their columns; values within objects by names with dots, one level down. */
export async function eachRecord(file: EvidenceFile, shape: TableShape, use: (cells: Cells) => void): Promise<void> {
  const take = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ProbityError('EVIDENCE_MALFORMED', 'not an object with named values', { where: `${file.path}#${at}` });
    use(new Map(flat(value)));
  };
  if (shape === 'json') return eachValue(file, ['$.*'], take);
  if (shape === 'lines') return eachLine(file, take);
  let header: string[] | undefined;
  for await (const { cells } of csvRows(file)) {
    if (header) use(new Map(header.map((name, i) => [name, cells[i] ?? ''])));
    else header = cells.map((name) => name.trim());
  }
}

function flat(value: object, under = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, one]: [string, unknown]): [string, string][] => {
    const name = `${under}${key}`;
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) return under === '' ? flat(one, `${key}.`) : [];
    if (Array.isArray(one)) return [[name, one.filter((part) => typeof part !== 'object').join(', ')]];
    return [[name, one === null || one === undefined ? '' : String(one)]];
  });
}

/** What the columns of a table hold. @throws ProbityError EVIDENCE_MALFORMED */
export async function profileOf(file: EvidenceFile, shape: TableShape): Promise<TableProfile> {
  const columns = new Map<string, ColumnProfile>();
  let rows = 0;
  await eachRecord(file, shape, (cells) => {
    rows++;
    for (const [name, text] of cells) {
      let column = columns.get(name);
      if (!column) {
        if (columns.size >= MOST_COLUMNS) continue;
        column = { name, filled: 0, numeric: true, values: new Map(), samples: [] };
        columns.set(name, column);
      }
      note(column, text.trim());
    }
  });
  return { shape, rows, columns: [...columns.values()] };
}

function note(column: ColumnProfile, text: string): void {
  if (text === '') return;
  column.filled++;
  if (column.numeric && !Number.isFinite(Number(text))) column.numeric = false;
  const value = text.slice(0, LONGEST_VALUE);
  if (column.samples.length < 3) column.samples.push(value);
  if (!column.values) return;
  column.values.set(value, (column.values.get(value) ?? 0) + 1);
  if (column.values.size > MOST_VALUES) column.values = undefined;
}
