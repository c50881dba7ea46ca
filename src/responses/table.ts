import type { SheetCell, SheetEntry, Spreadsheet } from '../files/spreadsheet.ts';
import { columnLetters } from '../files/workbook.ts';

/** Something that cannot be taken over, with the cell where it stands (`Gaps!S5`). */
export interface EntryProblem {
  cell: string;
  message: string;
}

/** The rows in which a sheet's header is looked for. */
const HEADER_WITHIN = 200;

/** A table of a sheet, found by the names of its columns. */
export interface SheetTable {
  sheet: string;
  headerRow: number;
  /** Columns by name, from 1; those of which there are two are left out. */
  columns: ReadonlyMap<string, number>;
  twice: readonly string[];
  rows: readonly TableRow[];
}

export interface TableRow {
  row: number;
  cells: ReadonlyMap<number, SheetCell>;
}

/**
 * The first table that has the columns by which it is told, in the sheet of this name or, where somebody renamed it, in any.
 * @param further the other columns whose cells are wanted
 * @returns undefined where no sheet has it
 */
export function findTable(
  book: Spreadsheet,
  name: string,
  told: readonly string[],
  further: readonly string[] = [],
): SheetTable | undefined {
  const wanted = new Set([...told, ...further].map((one) => one.toLowerCase()));
  const named = book.sheets.filter((sheet) => sheet.name === name);
  for (const sheet of [...named, ...book.sheets.filter((one) => !named.includes(one))]) {
    const table = tableOf(book, sheet, told, wanted);
    if (table) return table;
  }
  return undefined;
}

function tableOf(
  book: Spreadsheet,
  sheet: SheetEntry,
  told: readonly string[],
  wanted: ReadonlySet<string>,
): SheetTable | undefined {
  const rows: { row: number; cells: Map<number, SheetCell> }[] = [];
  let columns: Map<string, number> | undefined;
  let kept: Set<number> | undefined;
  let headerRow = 0;
  let twice: string[] = [];
  let current: { row: number; cells: Map<number, SheetCell> } | undefined;
  const finish = (): void => {
    if (!current) return;
    if (columns) {
      if (current.cells.size > 0) rows.push(current);
    } else {
      const header = headerOf(current.cells);
      if (told.every((one) => header.columns.has(one.toLowerCase()))) {
        ({ columns, twice } = header);
        kept = new Set([...columns].flatMap(([name, column]) => (wanted.has(name) ? [column] : [])));
        headerRow = current.row;
      }
    }
    current = undefined;
  };
  book.read(sheet, (cell) => {
    if ((cell.value === undefined && !cell.formula) || (!columns && cell.row > HEADER_WITHIN)) return;
    if (current?.row !== cell.row) {
      finish();
      current = { row: cell.row, cells: new Map() };
    }
    if (!kept || kept.has(cell.column)) current?.cells.set(cell.column, cell);
  });
  finish();
  return columns && { sheet: sheet.name, headerRow, columns, twice, rows };
}

function headerOf(cells: ReadonlyMap<number, SheetCell>): { columns: Map<string, number>; twice: string[] } {
  const columns = new Map<string, number>();
  const twice: string[] = [];
  for (const [column, { value }] of cells) {
    const word = wordOf(value);
    if (columns.has(word)) twice.push(String(value));
    else columns.set(word, column);
  }
  return { columns, twice };
}

function wordOf(value: SheetCell['value']): string {
  return String(value ?? '')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase();
}

/** How a cell is named to people: `Gaps!S5`. */
export function cellName(sheet: string, column: number, row: number): string {
  return `${/^\w+$/.test(sheet) ? sheet : `'${sheet}'`}!${columnLetters(column)}${row}`;
}
