import { parse } from 'csv-parse/sync';
import { type Control, controlSchema } from '../../catalog/schemas.ts';
import { messageOf, ProbityError } from '../../errors.ts';
import { unzipBounded } from '../../files/zip.ts';
import { check, firstIssue } from '../../schema.ts';
import { type Cells, COLUMNS, fromRow } from '../table.ts';

/** The columns without which a row is no control. */
const NEEDED = ['Id', 'Title', 'Family', 'Objective'];
const MOST_ROWS = 10_000;

/** A control out of a table, as it will be written, and where it stood. */
export interface ImportedControl {
  control: Control;
  plain: unknown;
  where: string;
}

/** @throws ProbityError CATALOG_INVALID naming row and column of the first thing wrong */
export function controlsFromCsv(text: string, file: string): ImportedControl[] {
  let records: string[][];
  try {
    records = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 1_000_000 });
  } catch (error) {
    throw new ProbityError('CATALOG_INVALID', `not valid CSV: ${messageOf(error)}`, { where: file, cause: error });
  }
  return controlsFromTable(records, file);
}

/** Reads the first sheet that has the columns. @throws ProbityError CATALOG_INVALID */
export async function controlsFromXlsx(bytes: Uint8Array, file: string): Promise<ImportedControl[]> {
  const { default: excel } = await import('exceljs');
  const workbook = new excel.Workbook();
  try {
    // Opened here first only for its bounds on number, size and ratio of the parts.
    unzipBounded(bytes, file);
    const copy = new ArrayBuffer(bytes.byteLength);
    new Uint8Array(copy).set(bytes);
    await workbook.xlsx.load(copy);
  } catch (error) {
    throw new ProbityError('CATALOG_INVALID', `not a workbook that can be read: ${messageOf(error).split('\n')[0]}`, {
      where: file,
      cause: error,
    });
  }
  for (const sheet of workbook.worksheets) {
    const rows: string[][] = [];
    sheet.eachRow({ includeEmpty: true }, (row) => {
      if (rows.length > MOST_ROWS) return;
      const cells: string[] = [];
      for (let column = 1; column <= Math.min(sheet.columnCount, 100); column++)
        cells.push(row.getCell(column).text ?? '');
      rows.push(cells);
    });
    const header = rows.findIndex((row) => NEEDED.every((name) => row.some((cell) => same(cell, name))));
    if (header !== -1) return controlsFromTable(rows.slice(header), `${file}, sheet ${sheet.name}`, header);
  }
  throw new ProbityError('CATALOG_INVALID', `no sheet has the columns ${NEEDED.join(', ')}`, {
    where: file,
    remedy: 'See what they hold with: probity catalog export --format xlsx',
  });
}

function same(cell: string, name: string): boolean {
  return cell.trim().toLowerCase() === name.toLowerCase();
}

function controlsFromTable(rows: readonly string[][], file: string, offset = 0): ImportedControl[] {
  const header = rows[0] ?? [];
  const columns = COLUMNS.map(({ name }) => ({ name, at: header.findIndex((cell) => same(cell, name)) }));
  const lacking = columns.filter(({ name, at }) => at === -1 && NEEDED.includes(name)).map(({ name }) => name);
  if (lacking.length > 0)
    throw new ProbityError('CATALOG_INVALID', `the table lacks the column ${lacking.join(', ')}`, {
      where: file,
      remedy: `Its first row names the columns: ${COLUMNS.map(({ name }) => name).join(', ')}`,
    });
  if (rows.length > MOST_ROWS)
    throw new ProbityError('CATALOG_INVALID', `more than ${MOST_ROWS} rows`, { where: file });
  return rows.slice(1).flatMap((row, index) => {
    if (row.every((cell) => cell.trim() === '')) return [];
    const where = `${file}, row ${index + 2 + offset}`;
    const cells: Cells = Object.fromEntries(
      columns.map(({ name, at }) => [name, at === -1 ? '' : unguarded(row[at] ?? '')]),
    );
    const plain = fromRow(cells);
    const parsed = check(controlSchema, plain);
    if (parsed.success) return [{ control: parsed.data, plain, where }];
    const { pointer, message } = firstIssue(parsed.error);
    throw new ProbityError('CATALOG_INVALID', `${pointer.slice(1) || 'the row'}: ${message}`, { where });
  });
}

/** The apostrophe that keeps a spreadsheet from running a text as a formula. */
function unguarded(cell: string): string {
  return /^'(?:[ \u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/.test(cell) ? cell.slice(1) : cell;
}
