import { lstat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { Adapter } from '../adapter.ts';
import { type EvidencePart, mergeParts } from './part.ts';
import { RANGE_BYTES } from './range.ts';
import { type SummariseOptions, summarise } from './summarise.ts';

/* One part read by several threads at once. They share nothing, so so many processors read it so many times as fast. */

/** What a thread is started with, and told: which piece of which file it is to read next. */
export interface Piece {
  file: string;
  options: SummariseOptions;
}

/** What a thread answers: what the piece holds, or nothing where it cannot be read by itself. */
export interface PieceRead {
  part?: EvidencePart;
}

/** So many pieces for each thread, so that none waits long for the slowest. */
const PIECES_OF_A_THREAD = 4;
/** No piece is shorter, in ranges of a digest: starting a thread takes as long as reading 100 MiB. */
const SHORTEST_PIECE = 16;

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

/**
 * Says what a range of a file holds, as {@link summarise} does and with the same bytes, read by several threads at a time.
 * Where one of the pieces cannot be read by itself, everything is read once more by one thread, which then says why.
 * @param threads how many, at least 1
 * @throws ProbityError those of {@link summarise}
 */
export async function summariseInParallel(
  file: string,
  adapters: readonly Adapter[],
  options: SummariseOptions,
  threads: number,
): Promise<EvidencePart> {
  const pieces = await piecesOf(file, options, threads);
  const format = pieces.length > 1 ? await readAll(pieces, threads) : undefined;
  const together = format && joined(format, adapters);
  if (!together) return summarise(file, adapters, options);
  const { index, count } = options;
  return { ...together, parts: { first: index, last: index, count } };
}

/** The pieces of a part: the parts of so many times as many that lie within it. */
async function piecesOf(file: string, options: SummariseOptions, threads: number): Promise<Piece[]> {
  const { index, count, apart, range = RANGE_BYTES } = options;
  const bytes = (await lstat(file).catch(() => undefined))?.size ?? 0;
  const most = Math.floor((apart ? bytes : bytes / count) / (range * SHORTEST_PIECE));
  const each = threads > 1 ? Math.min(threads * PIECES_OF_A_THREAD, most) : 1;
  const [before, all] = apart ? [0, each] : [(index - 1) * each, count * each];
  return Array.from({ length: Math.max(0, each) }, (_, i) => ({
    file,
    options: { ...options, index: before + i + 1, count: all, apart: false },
  }));
}

/** What all pieces hold, in their order; undefined when one of them could not be read. */
async function readAll(pieces: readonly Piece[], threads: number): Promise<EvidencePart[] | undefined> {
  const read: EvidencePart[] = [];
  const left = pieces.entries();
  const started = Array.from({ length: Math.min(threads, pieces.length) }, () => new Worker(ENTRY));
  try {
    const whole = await Promise.all(
      started.map(async (thread) => {
        for (const [at, piece] of left) {
          const { part } = await ask(thread, piece);
          if (!part) return false;
          read[at] = part;
        }
        return true;
      }),
    );
    return whole.every(Boolean) ? read : undefined;
  } finally {
    await Promise.all(started.map((thread) => thread.terminate()));
  }
}

function ask(thread: Worker, piece: Piece): Promise<PieceRead> {
  return new Promise((resolve) => {
    const done = (answer: PieceRead): void => {
      thread.off('message', done);
      thread.off('error', failed);
      thread.off('exit', failed);
      resolve(answer);
    };
    // One that ends, for want of memory for example, has not read its piece.
    const failed = (): void => done({});
    thread.on('message', done);
    thread.on('error', failed);
    thread.on('exit', failed);
    thread.postMessage(piece);
  });
}

/** The pieces put together; undefined where they do not add up to what reading them at once would give. */
function joined(parts: readonly EvidencePart[], adapters: readonly Adapter[]): EvidencePart | undefined {
  const format = adapters.find((adapter) => adapter.format === parts[0]?.format)?.parts;
  if (!format) return undefined;
  try {
    return mergeParts(
      parts.map((part) => ({ part, where: part.of })),
      (bodies) => format.merge(bodies),
    );
  } catch {
    return undefined;
  }
}
