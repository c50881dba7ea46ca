import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { ProbityError } from '../../../errors.ts';
import { table } from '../../../table.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { ScoreCells, ScoreCollector, undeclaredWarnings } from '../../scores.ts';
import { addRecord, FIELDS, locate } from '../membership-scores/fields.ts';
import { checkedBytes } from './pages.ts';

// https://parquet.apache.org/docs/file-format/: a table of membership scores as data frames are saved. Read by hyparquet,
// which whoever needs it installs beside Probity.

const PACKAGE = 'hyparquet';
const MAGIC = 'PAR1';
const MOST_ROWS = 10_000_000;
const MOST_BYTES = 256 * 2 ** 20;
/** Scores do not repeat so much that a byte stands for more rows than this. */
const ROWS_PER_BYTE = 64;
const MOST_PAGE_BYTES = 128 * 2 ** 20;

type Unpackers = Readonly<Record<string, (input: Uint8Array, length: number) => Uint8Array>>;

interface ColumnMetadata {
  codec: string;
  path_in_schema: string[];
  data_page_offset: bigint;
  dictionary_page_offset?: bigint;
  total_compressed_size: bigint;
}

/** What is used of the package. */
interface Hyparquet {
  parquetMetadata(bytes: ArrayBuffer): {
    num_rows: bigint;
    schema: { name: string; num_children?: number; repetition_type?: string }[];
    row_groups: { num_rows: bigint; columns: { meta_data?: ColumnMetadata }[] }[];
  };
  parquetRead(options: {
    file: ArrayBuffer;
    columns: string[];
    compressors: Unpackers;
    onChunk(chunk: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }): void;
  }): Promise<void>;
  snappyUncompress(input: Uint8Array, output: Uint8Array): void;
}

async function load(path: string): Promise<Hyparquet> {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
  } catch (error) {
    throw new ProbityError('EVIDENCE_UNREADABLE', 'a Parquet file, which needs the package hyparquet', {
      where: path,
      remedy: 'Install it beside Probity (npm install hyparquet), or save the table as CSV',
      cause: error,
    });
  }
  return import(PACKAGE);
}

/** Unpacks a page, which may not be longer than it says, nor than is accepted. */
function compressors({ snappyUncompress }: Hyparquet, path: string): Unpackers {
  const bounded =
    (unpack: (input: Uint8Array, length: number) => Uint8Array) => (input: Uint8Array, length: number) => {
      if (length > MOST_PAGE_BYTES)
        throw new ProbityError('EVIDENCE_TOO_LARGE', 'a page unpacks to more than is accepted', { where: path });
      return unpack(input, length);
    };
  return table({
    SNAPPY: bounded((input, length) => {
      const output = new Uint8Array(length);
      snappyUncompress(input, output);
      return output;
    }),
    GZIP: bounded((input, length) => zlib.gunzipSync(input, { maxOutputLength: Math.max(1, length) })),
    // Node knows it from 22.15 on.
    ...(zlib.zstdDecompressSync
      ? { ZSTD: bounded((input, length) => zlib.zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) })) }
      : {}),
    BROTLI: bounded((input, length) => zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
  });
}

/** Some cells of a column, from a row on. */
interface Chunk {
  start: number;
  cells: ArrayLike<unknown>;
}

/** Reads a column from its first row to its last; rows may not be asked for in another order. */
function cellsIn(chunks: Chunk[]): (row: number) => unknown {
  const sorted = [...chunks].sort((a, b) => a.start - b.start);
  let at = 0;
  return (row) => {
    while (at + 1 < sorted.length && (sorted[at + 1] as Chunk).start <= row) at++;
    const chunk = sorted[at];
    return chunk?.cells[row - chunk.start] ?? '';
  };
}

function textOf(cell: unknown): string | undefined {
  return cell === undefined ? undefined : String(cell);
}

type Metadata = ReturnType<Hyparquet['parquetMetadata']>;

/**
 * Holds what the file claims of the wanted columns against what stands in its pages: hyparquet believes them.
 * @throws ProbityError EVIDENCE_TOO_LARGE; RangeError and other errors where the file is no whole one
 */
function checkPages(bytes: Uint8Array, metadata: Metadata, wanted: ReadonlySet<string>, unpackers: Unpackers): void {
  const { num_rows: rows, schema, row_groups: groups } = metadata;
  if (schema[0]?.repetition_type !== undefined && schema[0].repetition_type !== 'REQUIRED')
    throw new RangeError('the table is not a plain one');
  if (groups.reduce((sum, group) => sum + group.num_rows, 0n) !== rows)
    throw new RangeError('its groups have not the rows it says');
  const optional = new Map(schema.slice(1).map((one) => [one.name, one.repetition_type]));
  if (optional.size !== schema.length - 1) throw new RangeError('two columns have one name');
  let size = 0;
  for (const group of groups)
    for (const { meta_data: column } of group.columns) {
      const name = column?.path_in_schema.at(-1) ?? '';
      if (!column || !wanted.has(name)) continue;
      const repetition = optional.get(name);
      const unpack = column.codec === 'UNCOMPRESSED' ? (page: Uint8Array) => page : unpackers[column.codec];
      if (column.path_in_schema.length !== 1 || repetition === 'REPEATED' || !unpack)
        throw new RangeError('a column that is not read');
      const dictionary = Number(column.dictionary_page_offset ?? 0);
      const data = Number(column.data_page_offset);
      const from = dictionary > 0 && dictionary < data ? dictionary : data;
      const to = from + Number(column.total_compressed_size);
      if (!(from >= 0 && to <= bytes.length)) throw new RangeError('a column lies beyond the end of the file');
      size += checkedBytes(bytes, {
        from,
        to,
        rows: Number(group.num_rows),
        optional: repetition === 'OPTIONAL',
        unpack,
      });
      if (size > MOST_BYTES) break;
    }
  if (size > MOST_BYTES) throw new RangeError('it unpacks to more than is accepted');
}

export const adapter: Adapter = {
  format: 'membership-parquet',
  title: 'membership scores, one record a row (Parquet)',
  about: {
    group: 'attack results',
    files: 'Parquet of membership scores',
    recognisedBy: '`PAR1`',
    gives: 'as the table above',
    limits:
      'needs the package `hyparquet` beside Probity; snappy, gzip, zstd, brotli; ten million rows, 256 MiB unpacked',
    records: { declare: 'target, day, assignment or baseline, control' },
  },
  recognise: ({ bytes }) => (bytes.subarray(0, 4).toString('latin1') === MAGIC ? 1 : 0),
  async read(file, context) {
    const parquet = await load(file.path);
    const whole = await file.whole();
    const alone = whole.byteOffset === 0 && whole.byteLength === whole.buffer.byteLength;
    const bytes = alone && whole.buffer instanceof ArrayBuffer ? whole.buffer : new Uint8Array(whole).buffer;
    const malformed = (cause: unknown): ProbityError =>
      cause instanceof ProbityError
        ? cause
        : new ProbityError('EVIDENCE_MALFORMED', 'not a complete Parquet file', {
            where: file.path,
            remedy: 'Save the table as CSV if it was packed in another way than snappy, gzip, zstd or brotli',
            cause,
          });
    let metadata: Metadata;
    try {
      metadata = parquet.parquetMetadata(bytes);
    } catch (error) {
      throw malformed(error);
    }
    const names = metadata.schema
      .slice(1)
      .filter((one) => !one.num_children)
      .map(({ name }) => name);
    const columns = locate(names, context.declared, file.path);
    const used = FIELDS.filter((field) => columns[field] !== -1);
    const nameOf = (field: (typeof used)[number]): string => names[columns[field]] ?? '';
    if (metadata.num_rows > MOST_ROWS || metadata.num_rows > ROWS_PER_BYTE * whole.length)
      throw new ProbityError('EVIDENCE_TOO_LARGE', `a table of ${metadata.num_rows} rows; ${MOST_ROWS} are accepted`, {
        where: file.path,
        remedy: 'Save it as CSV, which is read without holding it whole',
      });
    const unpackers = compressors(parquet, file.path);
    const wanted = new Set(used.map(nameOf));
    const order = [...wanted];
    try {
      checkPages(whole, metadata, wanted, unpackers);
    } catch (error) {
      throw malformed(error);
    }
    const collector = new ScoreCollector(file.path, context.declared.higherMeansMember);
    const chunks = new Map<string, Chunk[]>(order.map((name) => [name, []]));
    try {
      await parquet.parquetRead({
        file: bytes,
        columns: order,
        compressors: unpackers,
        onChunk: ({ columnName, columnData, rowStart }) => {
          chunks.get(columnName)?.push({ start: rowStart, cells: columnData });
        },
      });
    } catch (error) {
      throw malformed(error);
    }
    const cells = new ScoreCells(file.path);
    const rows = Number(metadata.num_rows);
    const cellsOf = new Map(used.map((field) => [field, cellsIn(chunks.get(nameOf(field)) ?? [])]));
    for (let row = 0; row < rows; row++) {
      const place = `#row ${row}`;
      addRecord(cells, collector, (field) => textOf(cellsOf.get(field)?.(row)), place);
    }
    const reading = newReading();
    reading.observations.push(collector.finish('membership scores', context.declared, 'all rows'));
    reading.warnings.push(...undeclaredWarnings(context.declared));
    if (context.declared.collected) reading.collected = context.declared.collected;
    return reading;
  },
};
