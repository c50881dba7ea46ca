import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { ProbityError } from '../errors.ts';
import type { EvidenceFile } from './file.ts';

/** The longest row, in characters: whole answers of a model stand in one cell. */
const LONGEST_ROW = 64 * 2 ** 20;

/** One row of a table, with the line on which it begins. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/**
 * The rows of a CSV file as they stream by, header included; cells may be quoted and hold line ends.
 * @throws ProbityError EVIDENCE_MALFORMED with the line of a row that is not CSV, or has not as many cells as the first
 */
export async function* csvRows(file: EvidenceFile, delimiter = ','): AsyncGenerator<CsvRow> {
  const parser = parse({ delimiter, bom: true, info: true, skip_empty_lines: true, max_record_size: LONGEST_ROW });
  const source = Readable.from(copies(file), { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  let line = 1;
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
