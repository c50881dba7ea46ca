import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { ProbityError, systemCode } from '../../errors.ts';
import type { Adapter } from '../adapter.ts';
import type { SourceDeclaration } from '../declaration.ts';
import type { LineSource } from '../file.ts';
import { type EvidencePart, serialisePart } from './part.ts';
import { boundsOf, FileRange, RANGE_BYTES } from './range.ts';

/** Which part of which file is to be summarised. */
export interface SummariseOptions {
  /** From 1, of so many. */
  index: number;
  count: number;
  /** What the whole is called, as a path in the workspace. */
  of: string;
  /** The file is itself the part, not the whole. */
  apart: boolean;
  /** What the workspace says of the whole. */
  declared: Partial<SourceDeclaration>;
  /** Bytes of a digest; other values than the default are for tests. */
  range?: number;
}

/** What a part may take once written, since it is read at once: ten million scores with identifiers. */
const MOST_BYTES = 250 * 2 ** 20;

/**
 * Says what a range of a file holds.
 * @throws ProbityError EVIDENCE_UNRECOGNISED for formats that are not read in parts, EVIDENCE_MALFORMED with the place
 */
export async function summarise(
  file: string,
  adapters: readonly Adapter[],
  { index, count, of, apart, declared, range = RANGE_BYTES }: SummariseOptions,
): Promise<EvidencePart> {
  const stats = await lstat(file).catch((error: unknown) => {
    throw new ProbityError('EVIDENCE_UNREADABLE', `cannot be read (${systemCode(error) ?? 'unknown'})`, {
      where: file,
    });
  });
  if (!stats.isFile()) throw new ProbityError('EVIDENCE_UNREADABLE', 'is not a regular file', { where: file });
  if (stats.size === 0) throw new ProbityError('EVIDENCE_EMPTY', 'the file is empty', { where: file });
  const bounds = apart ? { from: 0, to: stats.size } : boundsOf(stats.size, index, count, range);
  const source = new FileRange(path.resolve(file), file, stats.size, bounds, range);
  const head = await source.head();
  const [best] = adapters
    .map((adapter) => ({ adapter, score: adapter.recognise(head, declared) }))
    .sort((a, b) => b.score - a.score);
  const format = best && best.score > 0 ? best.adapter : undefined;
  if (!format?.parts)
    throw new ProbityError(
      'EVIDENCE_UNRECOGNISED',
      format ? `files of the format ${format.format} are not read in parts` : 'not a format that is known',
      { where: file, remedy: 'Give it to assess as it is; garak reports and tables of scores can be read in parts' },
    );
  const counted = new CountingLines(source);
  const body = await format.parts.summarise(counted, declared);
  return {
    apiVersion: 'probity/v1',
    kind: 'EvidencePart',
    of,
    format: format.format,
    parts: { first: index, last: index, count },
    read: [source.span],
    lines: counted.lines,
    body,
  };
}

/** The text of a part. @throws ProbityError EVIDENCE_TOO_LARGE for more than `assess` reads of one */
export function partText(part: EvidencePart): string {
  const text = serialisePart(part);
  if (text.length > MOST_BYTES)
    throw new ProbityError('EVIDENCE_TOO_LARGE', `the part takes more than ${MOST_BYTES / 2 ** 20} MiB`, {
      where: part.of,
      remedy: 'Make more and smaller parts with --part, and give all of them to assess',
    });
  return text;
}

/** Lines as they are read, counted. */
class CountingLines implements LineSource {
  lines = 0;
  #source: FileRange;

  constructor(source: FileRange) {
    this.#source = source;
  }

  get path(): string {
    return this.#source.path;
  }

  get from(): number {
    return this.#source.from;
  }

  get unterminated(): boolean {
    return this.#source.unterminated;
  }

  head() {
    return this.#source.head();
  }

  async *chunks(): AsyncGenerator<Buffer> {
    let last = 10;
    for await (const chunk of this.#source.chunks()) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.lines++;
      last = chunk.at(-1) ?? last;
      yield chunk;
    }
    if (last !== 10) this.lines++;
  }

  async *lineBatches() {
    for await (const batch of this.#source.lineBatches()) {
      this.lines += batch.lines.length;
      yield batch;
    }
  }
}
