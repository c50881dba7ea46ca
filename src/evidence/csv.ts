import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';
import { ProbityError } from '../errors.ts';
import type { EvidenceFile } from './file.ts';

/** The longest row, in characters: whole answers of a model stand in one cell. */
const LONGEST_ROW = 64 * 2 ** 20;

/** What stands between the cells of a row. Where two occur as often, the earlier one. */
const SEPARATORS = [',', ';', '\t'] as const;
export type Separator = (typeof SEPARATORS)[number];

/** The line by which Excel is told what separates cells; it is no row. */
const HINT = /^(?:\ufeff)?"?sep=([,;\t])"?\r?(?:\n|$)/i;

/** Whether a line only tells Excel of the separator. */
export function isHint(line: string): boolean {
  return HINT.test(line);
}

/** The first row of a table that is not blank, as far as the text goes: a cell in quotes may hold line ends. */
function firstRow(text: string): string {
  const table = text.replace(HINT, '').replace(/^(?:[ \t]*\r?\n)+/, '');
  let quoted = false;
  for (let i = 0; i < table.length; i++) {
    const c = table[i];
    if (c === '"') quoted = !quoted;
    else if (c === '\n' && !quoted) return table.slice(0, i).replace(/\r$/, '');
  }
  return table;
}

/** What separates the cells of a table: what its first line says, else that of which its header has most outside of quotes. */
export function separatorOf(text: string): Separator {
  const said = HINT.exec(text)?.[1];
  if (said === ',' || said === ';' || said === '\t') return said;
  const counts: Record<Separator, number> = { ',': 0, ';': 0, '\t': 0 };
  let quoted = false;
  for (const c of firstRow(text)) {
    if (c === '"') quoted = !quoted;
    else if (!quoted && (c === ',' || c === ';' || c === '\t')) counts[c]++;
  }
  return SEPARATORS.reduce((most, one) => (counts[one] > counts[most] ? one : most), ',');
}

/** The names of the columns of a table, from the start of its text; none where that is no row of a table. */
export function headerOf(text: string): string[] {
  const row = firstRow(text);
  const delimiter = separatorOf(text);
  if (!row.includes(delimiter)) return [row.trim()];
  try {
    const cells: string[] =
      parseWhole(row, { delimiter, relax_column_count: true, relax_quotes: true, to: 1 })[0] ?? [];
    return cells.map((cell) => cell.trim());
  } catch {
    return [];
  }
}

/** One row of a table, with the line on which it begins. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/**
 * The rows of a table as they stream by, header included; cells may be quoted and hold line ends. Commas, semicolons and
 * tabs separate them, as the header shows.
 * @throws ProbityError EVIDENCE_MALFORMED with the line of a row that is not CSV, or has not as many cells as the first
 */
export async function* csvRows(file: EvidenceFile): AsyncGenerator<CsvRow> {
  const { text } = await file.head();
  const hint = HINT.test(text);
  const parser = parse({
    delimiter: separatorOf(text),
    bom: true,
    info: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
    from_line: hint ? 2 : 1,
  });
  const source = Readable.from(copies(file), { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  let line = hint ? 2 : 1;
  try {
    for await (const { record, info } of source.pipe(parser)) {
      yield { line, cells: record };
      line = info.lines + 1;
    }
  } catch (error) {
    if (error instanceof ProbityError) throw error;
    throw new ProbityError('EVIDENCE_MALFORMED', 'not a complete CSV row', {
      where: `${file.path}:${line}`,
      cause: error,
    });
  } finally {
    source.destroy();
  }
}

/** Streams keep what they are given for a while, so they are given copies. */
async function* copies(file: EvidenceFile): AsyncGenerator<Buffer> {
  for await (const chunk of file.chunks()) yield Buffer.from(chunk);
}
