import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { ProbityError, systemCode } from '../../errors.ts';
import { type Head, type LineBatch, type LineSource, splitLines } from '../file.ts';

/** Digests are taken over so many bytes each, counted from the start of the file, so that parts have those of the whole. */
export const RANGE_BYTES = 1 << 20;
const HEAD_BYTES = 1 << 16;
const LINE_FEED = 10;

/** Bytes of a file from one offset up to another, and SHA-256 (hex) over each {@link RANGE_BYTES} of them. */
export interface Span {
  from: number;
  to: number;
  digests: string[];
}

/**
 * Where the i-th of so many parts begins and ends: whole ranges, except at the end of the file.
 * @param index from 1
 */
export function boundsOf(
  bytes: number,
  index: number,
  count: number,
  range = RANGE_BYTES,
): { from: number; to: number } {
  const at = (i: number): number => (i === count ? bytes : Math.floor((bytes / range) * (i / count)) * range);
  return { from: at(index - 1), to: at(index) };
}

/**
 * The lines of a file that begin between two offsets, the last one to its end. What is handed out lies in the file once:
 * every line belongs to the part in which it begins.
 */
export class FileRange implements LineSource {
  readonly path: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  unterminated = false;
  #absolute: string;
  #range: number;
  #digests: string[] = [];
  #hash: Hash | undefined;
  #hashed: number;

  constructor(
    absolute: string,
    path: string,
    bytes: number,
    bounds: { from: number; to: number },
    range: number = RANGE_BYTES,
  ) {
    this.#absolute = absolute;
    this.path = path;
    this.bytes = bytes;
    this.from = bounds.from;
    this.to = bounds.to;
    this.#range = range;
    this.#hashed = bounds.from;
  }

  /** What was read, once all lines have been. */
  get span(): Span {
    return { from: this.from, to: this.to, digests: [...this.#digests] };
  }

  /** The start of the whole file. @throws ProbityError EVIDENCE_UNRECOGNISED for one that cannot be read in parts */
  async head(): Promise<Head> {
    const handle = await this.#open();
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const bytes = buffer.subarray(0, bytesRead);
      const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
      if (packed || bytes.includes(0))
        throw new ProbityError(
          'EVIDENCE_UNRECOGNISED',
          packed ? 'a compressed file cannot be read in parts' : 'only texts in UTF-8 are read in parts',
          {
            where: this.path,
            remedy: packed ? 'Unpack it, or give it to assess as it is' : 'Give it to assess as it is',
          },
        );
      const name = (this.path.split('/').at(-1) ?? '').toLowerCase();
      const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
      return { name, bytes: start, text: start.toString('utf8'), complete: this.bytes < HEAD_BYTES };
    } finally {
      await handle.close();
    }
  }

  lineBatches(): AsyncGenerator<LineBatch> {
    return splitLines(this.chunks(), this.path, (unterminated) => {
      this.unterminated = unterminated;
    });
  }

  async *chunks(): AsyncGenerator<Buffer> {
    if (this.from >= this.to) return;
    const handle = await this.#open();
    try {
      const buffer = Buffer.allocUnsafeSlow(this.#range);
      // A line that began before the part belongs to the part before; it may end right at the border.
      let begun = this.from === 0;
      let over = false;
      for (let at = Math.max(0, this.from - 1); at < this.bytes && !over; ) {
        const { bytesRead } = await handle.read(buffer, 0, this.#range, at);
        if (bytesRead === 0)
          throw new ProbityError('EVIDENCE_UNREADABLE', 'it changed while it was read', { where: this.path });
        const bytes = buffer.subarray(0, bytesRead);
        this.#digest(bytes, at);
        let from = 0;
        if (!begun) {
          const end = bytes.indexOf(LINE_FEED);
          from = end === -1 ? bytesRead : end + 1;
          begun = end !== -1;
          // The first line that begins here begins beyond the part.
          over = begun && at + from >= this.to;
        } else if (at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = 3;
        let to = bytesRead;
        if (over) to = from;
        else if (begun && at + bytesRead >= this.to) {
          // The last line is the one that reaches the border, or goes beyond it.
          const end = bytes.indexOf(LINE_FEED, Math.max(from, this.to - 1 - at));
          over = end !== -1;
          if (over) to = end + 1;
        }
        if (from < to) yield bytes.subarray(from, to);
        at += bytesRead;
      }
      this.#close();
    } finally {
      await handle.close();
    }
  }

  /** Takes what of these bytes lies in the part into the digests. */
  #digest(bytes: Buffer, at: number): void {
    let from = Math.max(at, this.#hashed);
    const to = Math.min(at + bytes.length, this.to);
    while (from < to) {
      const end = Math.min(to, (Math.floor(from / this.#range) + 1) * this.#range);
      this.#hash ??= createHash('sha256');
      this.#hash.update(bytes.subarray(from - at, end - at));
      if (end % this.#range === 0) this.#close();
      from = end;
    }
    this.#hashed = Math.max(this.#hashed, to);
  }

  #close(): void {
    if (this.#hash) this.#digests.push(this.#hash.digest('hex'));
    this.#hash = undefined;
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#absolute, 'r').catch((error: unknown) => {
      throw new ProbityError('EVIDENCE_UNREADABLE', `cannot be opened (${systemCode(error) ?? 'unknown'})`, {
        where: this.path,
        cause: error,
      });
    });
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new ProbityError('EVIDENCE_UNREADABLE', 'is not a regular file', { where: this.path });
  }
}
