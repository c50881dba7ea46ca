import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { ProbityError } from '../../../errors.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { ScoreCollector, undeclaredWarnings } from '../../scores.ts';
import { addRecord, FIELDS, locate } from '../membership-scores/columns.ts';

// https://parquet.apache.org/docs/file-format/: a table of membership scores as data frames are saved. Read by hyparquet,
// which whoever needs it installs beside Probity.

const PACKAGE = 'hyparquet';
const MAGIC = 'PAR1';
const MOST_ROWS = 10_000_000;
const MOST_BYTES = 256 * 2 ** 20;
/** A dictionary of few values unfolds to many rows, so rows alone are no bound on what is claimed. */
const MOST_PAGE_BYTES = 128 * 2 ** 20;

/** What is used of the package. */
interface Hyparquet {
  parquetMetadata(bytes: ArrayBuffer): {
    num_rows: bigint;
    schema: { name: string; num_children?: number }[];
    row_groups: { columns: { meta_data?: { total_uncompressed_size: bigint; codec: string } }[] }[];
  };
  parquetRead(options: {
    file: ArrayBuffer;
    columns: string[];
    compressors: Record<string, (input: Uint8Array, length: number) => Uint8Array>;
    rowFormat: 'array';
    onComplete(rows: unknown[][]): void;
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
function compressors({ snappyUncompress }: Hyparquet, path: string) {
  const bounded =
    (unpack: (input: Uint8Array, length: number) => Uint8Array) => (input: Uint8Array, length: number) => {
      if (length > MOST_PAGE_BYTES)
        throw new ProbityError('EVIDENCE_TOO_LARGE', 'a page unpacks to more than is accepted', { where: path });
      return unpack(input, length);
    };
  return {
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
  };
}

export const adapter: Adapter = {
  format: 'membership-parquet',
  title: 'membership scores, one record a row (Parquet)',
  recognise: ({ bytes }) => (bytes.subarray(0, 4).toString('latin1') === MAGIC ? 1 : 0),
  async read(file, context) {
    const parquet = await load(file.path);
    const whole = await file.whole();
    const bytes = new Uint8Array(whole).buffer;
    const malformed = (cause: unknown): ProbityError =>
      cause instanceof ProbityError
        ? cause
        : new ProbityError('EVIDENCE_MALFORMED', 'not a complete Parquet file', {
            where: file.path,
            remedy: 'Save the table as CSV if it was packed in another way than snappy, gzip, zstd or brotli',
            cause,
          });
    let metadata: ReturnType<Hyparquet['parquetMetadata']>;
    try {
      metadata = parquet.parquetMetadata(bytes);
    } catch (error) {
      throw malformed(error);
    }
    const size = metadata.row_groups
      .flatMap(({ columns }) => columns.map(({ meta_data: column }) => Number(column?.total_uncompressed_size ?? 0)))
      .reduce((sum, one) => sum + one, 0);
    if (metadata.num_rows > MOST_ROWS || size > MOST_BYTES)
      throw new ProbityError(
        'EVIDENCE_TOO_LARGE',
        `a table of ${metadata.num_rows} rows and ${size} bytes; ${MOST_ROWS} rows and ${MOST_BYTES} bytes are accepted`,
        { where: file.path, remedy: 'Save it as CSV, which is read without holding it whole' },
      );
    const names = metadata.schema
      .slice(1)
      .filter((one) => !one.num_children)
      .map(({ name }) => name);
    const columns = locate(names, context.declared, file.path);
    const used = FIELDS.filter((field) => columns[field] !== -1);
    const collector = new ScoreCollector(file.path, context.declared.higherMeansMember);
    const add = (row: unknown[], index: number): void => {
      const cells = new Map(used.map((field, i) => [field, row[i]]));
      addRecord(
        collector,
        (field) => {
          const cell = cells.get(field);
          return cell === undefined || cell === null ? (cells.has(field) ? '' : undefined) : String(cell);
        },
        `#row ${index}`,
      );
    };
    try {
      await parquet.parquetRead({
        file: bytes,
        columns: used.map((field) => names[columns[field]] ?? ''),
        compressors: compressors(parquet, file.path),
        rowFormat: 'array',
        onComplete: (rows) => {
          rows.forEach(add);
        },
      });
    } catch (error) {
      throw malformed(error);
    }
    const reading = newReading();
    reading.observations.push(collector.finish('membership scores', context.declared, 'all rows'));
    reading.warnings.push(...undeclaredWarnings(context.declared));
    if (context.declared.collected) reading.collected = context.declared.collected;
    return reading;
  },
};
