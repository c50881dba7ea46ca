import { parse } from 'csv-parse/sync';
import { ProbityError } from '../../../errors.ts';
import { forbiddenKey } from '../../../files/yaml.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import type { Head, LineSource } from '../../file.ts';
import { ScoreCells, ScoreCollector, type ScoreSink, undeclaredWarnings } from '../../scores.ts';
import { mergeColumns, ScoreColumns } from './columns.ts';
import { type Cursor, readDecimal } from './decimal.ts';
import { addRecord, type Columns, type Field, locate, NAMES } from './fields.ts';

// Scores of one's own script, TensorFlow Privacy, ART or MIMIR: a table with one record a row, as CSV or JSON Lines.

/** What the workspace says of the file. */
type Declared = AdapterContext['declared'];

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const COMMA = 44;
const SEPARATORS = [',', ';', '\t'] as const;
const LONGEST_LINE = 64 * 2 ** 20;

/** What separates the cells of a header: of comma, semicolon and tab the one that it has most of. */
function separatorOf(header: string): string {
  const [most] = SEPARATORS.map((one) => ({ one, count: header.split(one).length })).sort((a, b) => b.count - a.count);
  return most?.one ?? ',';
}

function quotedCells(line: string, delimiter: string, path: string, number: number): string[] {
  try {
    return parse(line, { relax_column_count: true, delimiter })[0] ?? [];
  } catch (error) {
    throw new ProbityError('EVIDENCE_MALFORMED', 'not a CSV row', { where: `${path}:${number}`, cause: error });
  }
}

/**
 * A CSV table read straight from its bytes: a row becomes numbers without becoming text first, because ten million rows
 * of text are what takes the time and the memory.
 */
class ScoreTable {
  #path: string;
  #declared: Declared;
  #into: ScoreSink;
  #cells: ScoreCells;
  #columns: Columns | undefined;
  #width = 0;
  #line = 0;
  #separator = COMMA;
  /** Where the cells of the current row begin and end. */
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  #cursor: Cursor = { at: 0 };

  constructor(path: string, declared: Declared, into: ScoreSink) {
    this.#path = path;
    this.#cells = new ScoreCells(path);
    this.#declared = declared;
    this.#into = into;
  }

  /** Takes the columns from a line that names them. */
  header(line: string): void {
    this.#separator = separatorOf(line).charCodeAt(0);
    const separator = String.fromCharCode(this.#separator);
    this.#textRow(line.includes('"') ? quotedCells(line, separator, this.#path, 1) : line.split(separator));
  }

  /** Reads rows from bytes that end with a line feed at `end - 1`. */
  rows(bytes: Buffer, end: number): void {
    let at = 0;
    while (at < end) {
      this.#line++;
      if (this.#columns && this.#quickRow(bytes, at, this.#columns)) {
        at = this.#cursor.at;
        continue;
      }
      const stop = bytes.indexOf(LINE_FEED, at);
      const text = bytes.toString('utf8', at, bytes[stop - 1] === CARRIAGE_RETURN && stop > at ? stop - 1 : stop);
      if (!this.#columns) this.#separator = separatorOf(text).charCodeAt(0);
      const separator = String.fromCharCode(this.#separator);
      this.#textRow(text.includes('"') ? quotedCells(text, separator, this.#path, this.#line) : text.split(separator));
      at = stop + 1;
    }
  }

  /**
   * The common row: decimals, the usual labels, no quotes. Returns false, having added nothing, when it is not one; else
   * the cursor stands at the next row.
   */
  #quickRow(bytes: Buffer, from: number, columns: Columns): boolean {
    const cursor = this.#cursor;
    const separator = this.#separator;
    let score = 0;
    let baseline = Number.NaN;
    let member = false;
    let at = from;
    for (let column = 0; column < this.#width; column++) {
      const begin = at;
      if (column === columns.score || column === columns.baselineScore) {
        cursor.at = at;
        const value = readDecimal(bytes, cursor);
        at = cursor.at;
        if (Number.isNaN(value)) {
          at = cellEnd(bytes, at, separator);
          const slow = at > begin ? Number(bytes.toString('latin1', begin, at)) : Number.NaN;
          if (!Number.isFinite(slow)) return false;
          if (column === columns.score) score = slow;
          else baseline = slow;
        } else if (column === columns.score) score = value;
        else baseline = value;
      } else if (column === columns.isMember) {
        const first = bytes[at] as number;
        const plain = (first === 48 || first === 49) && isEnd(bytes[at + 1] as number, separator);
        at = plain ? at + 1 : cellEnd(bytes, at, separator);
        const label = plain ? first === 49 : quickLabel(bytes, begin, at);
        if (label === undefined) return false;
        member = label;
      } else {
        at = cellEnd(bytes, at, separator);
        if (bytes[at] === QUOTE) return false;
        this.#starts[column] = begin;
        this.#ends[column] = at;
      }
      const byte = bytes[at] as number;
      if (column < this.#width - 1) {
        if (byte !== separator) return false;
        at++;
      } else if (byte === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED) at += 2;
      else if (byte === LINE_FEED) at++;
      else return false;
    }
    const text = (column: number): string => bytes.toString('utf8', this.#starts[column], this.#ends[column]);
    const calibration = columns.split !== -1 && this.#cells.isCalibration(text(columns.split), `:${this.#line}`);
    this.#into.add(score, member, calibration, baseline, columns.group === -1 ? '' : text(columns.group).trim());
    if (columns.recordId !== -1)
      this.#into.identify(bytes, this.#starts[columns.recordId] as number, this.#ends[columns.recordId] as number);
    if (columns.cluster !== -1)
      this.#into.cluster(bytes, this.#starts[columns.cluster] as number, this.#ends[columns.cluster] as number);
    cursor.at = at;
    return true;
  }

  #textRow(row: string[]): void {
    if (row.length === 1 && row[0]?.trim() === '') return;
    const place = `:${this.#line}`;
    if (!this.#columns) {
      this.#columns = locate(row, this.#declared, this.#path);
      this.#width = row.length;
      this.#starts = new Int32Array(row.length);
      this.#ends = new Int32Array(row.length);
      return;
    }
    if (row.length !== this.#width)
      throw new ProbityError('EVIDENCE_MALFORMED', `the row has ${row.length} columns, the header ${this.#width}`, {
        where: `${this.#path}${place}`,
      });
    const columns = this.#columns;
    addRecord(this.#cells, this.#into, (field) => (columns[field] === -1 ? undefined : row[columns[field]]), place);
  }
}

/** `1`, `0`, `1.0`, `0.0`, `True`, `false` and the like; undefined for any other label. */
function quickLabel(bytes: Buffer, from: number, to: number): boolean | undefined {
  const first = bytes[from];
  if (to === from + 1 || (to === from + 3 && bytes[from + 1] === 46 && bytes[from + 2] === 48))
    return first === 49 ? true : first === 48 ? false : undefined;
  if (to !== from + 4 && to !== from + 5) return undefined;
  const word = bytes.toString('latin1', from, to).toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Whether a byte ends a cell. */
function isEnd(byte: number, separator: number): boolean {
  return byte === separator || byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

/** Where a cell ends, or its first quote, which only a real CSV parser understands. */
function cellEnd(bytes: Buffer, from: number, separator: number): number {
  let at = from;
  while (!isEnd(bytes[at] as number, separator) && bytes[at] !== QUOTE) at++;
  return at;
}

async function readCsv(file: LineSource, declared: Declared, into: ScoreSink): Promise<void> {
  const table = new ScoreTable(file.path, declared, into);
  // A part that begins in the middle has the columns that the beginning names.
  if (file.from > 0) table.header(firstRow(await file.head()));
  let carried: Buffer = Buffer.alloc(0);
  for await (const chunk of file.chunks()) {
    const bytes = carried.length > 0 ? Buffer.concat([carried, chunk]) : chunk;
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    table.rows(bytes, end);
    carried = Buffer.from(bytes.subarray(end));
    if (carried.length > LONGEST_LINE)
      throw new ProbityError('EVIDENCE_TOO_LARGE', `a line is longer than ${LONGEST_LINE / 2 ** 20} MiB`, {
        where: file.path,
      });
  }
  if (carried.length > 0) table.rows(Buffer.concat([carried, Buffer.of(LINE_FEED)]), carried.length + 1);
}

async function readJsonLines(file: LineSource, declared: Declared, into: ScoreSink): Promise<void> {
  const pick = (object: object, field: Field): string | undefined => {
    const names = declared.columns?.[field] === undefined ? NAMES[field] : [declared.columns[field]];
    for (const name of names) {
      const value: unknown = Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
      if (value !== undefined && value !== null) return String(value);
    }
    return undefined;
  };
  const cells = new ScoreCells(file.path);
  for await (const batch of file.lineBatches()) {
    for (let i = 0; i < batch.lines.length; i++) {
      const number = batch.first + i;
      const text = (batch.lines[i] as Buffer).toString('utf8');
      if (text.trim() === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch (error) {
        throw new ProbityError('EVIDENCE_MALFORMED', 'not a complete JSON record', {
          where: `${file.path}:${number}`,
          cause: error,
        });
      }
      if (typeof value !== 'object' || value === null || forbiddenKey(value, ''))
        throw new ProbityError('EVIDENCE_MALFORMED', 'not a record of a score', { where: `${file.path}:${number}` });
      const record: object = value;
      for (const field of ['score', 'isMember'] as const)
        if (pick(record, field) === undefined)
          throw new ProbityError(
            'EVIDENCE_MALFORMED',
            `the record has no ${field === 'score' ? 'score' : 'is_member'}`,
            { where: `${file.path}:${number}` },
          );
      addRecord(cells, into, (field) => pick(record, field), `:${number}`);
    }
  }
}

/** The line that names the columns: the first that is not empty. */
function firstRow(head: Head): string {
  return (head.text.split('\n').find((line) => line.trim() !== '') ?? '').replace(/\r$/, '');
}

function firstLine(head: Head): string {
  return (
    head.text
      .slice(0, 4000)
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}

function isJsonLines(head: Head): boolean {
  const line = firstLine(head);
  return (
    line.startsWith('{') &&
    NAMES.score.some((name) => line.includes(`"${name}"`)) &&
    NAMES.isMember.some((name) => line.includes(`"${name}"`))
  );
}

export const adapter: Adapter = {
  format: 'membership-scores',
  title: 'membership scores, one record a row (CSV or JSON Lines)',
  about: {
    group: 'attack results',
    files: 'membership scores (CSV with commas, semicolons or tabs, JSON Lines)',
    recognisedBy: 'columns `score` and `is_member`, both, or those declared',
    gives: 'scores, optionally with `baseline_score`, `record_id`, `split` and `group`',
    limits: 'technique, surface and date are declared under `sources`; ten million rows take about two seconds',
    records: { declare: 'target, day, assignment or baseline, control' },
  },
  recognise(head, declared): number {
    const mapped = [declared.columns?.score, declared.columns?.isMember].filter((name) => name !== undefined);
    if (mapped.length > 0 && mapped.every((name) => firstLine(head).includes(name))) return 0.95;
    if (isJsonLines(head)) return 0.9;
    const line = firstLine(head).toLowerCase();
    const header = line.split(separatorOf(line)).map((name) => name.trim().replaceAll('"', ''));
    // A table of promptfoo has a column Score for each prompt, and variables of any name.
    if (header.includes('named scores')) return 0;
    const has = (field: Field): boolean => NAMES[field].some((name) => header.includes(name));
    if (has('score') && has('isMember')) return 0.9;
    // A one-column table of scores is still best refused by the adapter that can say what it lacks.
    if (/\.(csv|tsv)$/.test(head.name) && /scores?|member|mia/.test(head.name)) return 0.3;
    // A column of scores alone is what many tools write; only beside a label is it a membership score.
    return has('isMember') ? 0.3 : 0;
  },
  async read(file, context): Promise<Reading> {
    const collector = new ScoreCollector(file.path, context.declared.higherMeansMember);
    await readRecords(file, context.declared, collector);
    return finished(collector, context);
  },
  parts: {
    async summarise(lines, declared) {
      const columns = new ScoreColumns(lines.path);
      await readRecords(lines, declared, columns);
      return columns.body();
    },
    merge: mergeColumns,
    read(body, path, context) {
      const collector = new ScoreCollector(path, context.declared.higherMeansMember);
      ScoreColumns.from(body, path).replay(collector);
      return finished(collector, context);
    },
  },
};

async function readRecords(file: LineSource, declared: Declared, into: ScoreSink): Promise<void> {
  if (isJsonLines(await file.head())) await readJsonLines(file, declared, into);
  else await readCsv(file, declared, into);
}

function finished(collector: ScoreCollector, { declared }: AdapterContext): Reading {
  const reading = newReading();
  reading.observations.push(collector.finish('membership scores', declared, 'all rows'));
  reading.warnings.push(...undeclaredWarnings(declared));
  if (declared.collected) reading.collected = declared.collected;
  return reading;
}
