import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, constants as zlib } from 'node:zlib';
import { ProbityError, systemCode } from '../errors.ts';
import { parseJson } from '../files/json.ts';

const CHUNK_BYTES = 1 << 20;
const HEAD_BYTES = 1 << 16;

/** Ceilings on what is read out of one file. Streams are bounded by these, not by memory. */
const LIMITS = {
  /** Bytes after decompression. */
  streamBytes: 64 * 2 ** 30,
  /** A decompressed stream may be at most this many times its compressed size. */
  inflateRatio: 200,
  /** Files that are parsed whole. */
  wholeBytes: 256 * 2 ** 20,
  /** One line of a line-based format. */
  lineBytes: 64 * 2 ** 20,
} as const;

/** How long a disk may be silent, in milliseconds, before what was asked of it counts as unreadable. */
const SILENCE = 60_000;

/**
 * What a file system answers, or an error when it does not: a mount whose server is gone would be waited for for ever.
 * @throws ProbityError EVIDENCE_UNREADABLE
 */
export async function answered<T>(asked: Promise<T>, path: string, milliseconds = SILENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new ProbityError('EVIDENCE_UNREADABLE', `its disk did not answer within ${milliseconds / 1000} s`, {
            where: path,
          }),
        ),
      milliseconds,
    );
  });
  try {
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** The start of a file, decoded, from which adapters recognise it. */
export interface Head {
  /** The file's base name in lower case, without a `.gz` ending. */
  name: string;
  /** The first 64 KiB after decompression, with any byte-order mark removed. */
  bytes: Buffer;
  text: string;
  /** Whether `bytes` is the whole file. */
  complete: boolean;
}

/** Consecutive lines, without their line ends. */
export interface LineBatch {
  /** 1-based number of the first line. */
  first: number;
  lines: Buffer[];
}

/** Where lines come from: a whole file, or a range of one. */
export interface LineSource {
  /** As it is shown. */
  readonly path: string;
  /** The offset from which lines are handed out; 0 for a whole file. */
  readonly from: number;
  /** Whether the last line had no line end; known once the lines are read. */
  readonly unterminated: boolean;
  /** The start of the whole file. */
  head(): Promise<Head>;
  /** The content in pieces of about 1 MiB, each good until the next is asked for. */
  chunks(): AsyncGenerator<Buffer>;
  lineBatches(): AsyncGenerator<LineBatch>;
}

/**
 * One evidence file, read once: the same pass hashes the bytes on disk and hands out their content, gunzipped and as
 * UTF-8. Only the methods below touch it; adapters never open files.
 */
export class EvidenceFile implements LineSource {
  readonly path: string;
  readonly bytes: number;
  readonly from = 0;
  #absolute: string;
  #digest: string | undefined;
  #onBytes: ((count: number) => void) | undefined;
  /** Whether the last line of the file had no line end; known once the lines are read. */
  unterminated = false;

  constructor(absolute: string, path: string, bytes: number, onBytes?: (count: number) => void) {
    this.#absolute = absolute;
    this.path = path;
    this.bytes = bytes;
    this.#onBytes = onBytes;
  }

  /** SHA-256 of the bytes on disk; reads what no adapter has read. */
  async sha256(): Promise<string> {
    if (this.#digest === undefined) for await (const _ of this.#raw());
    return this.#digest ?? '';
  }

  async head(): Promise<Head> {
    const name = (this.path.split('/').at(-1) ?? '').toLowerCase().replace(/\.gz$/, '');
    const parts: Buffer[] = [];
    let length = 0;
    let complete = true;
    for await (const chunk of this.#content(this.#raw(HEAD_BYTES), true)) {
      parts.push(Buffer.from(chunk));
      length += chunk.length;
      if (length >= HEAD_BYTES) {
        complete = false;
        break;
      }
    }
    const bytes = Buffer.concat(parts).subarray(0, HEAD_BYTES);
    return { name, bytes, text: bytes.toString('utf8'), complete: complete && this.bytes < HEAD_BYTES };
  }

  /** The content in chunks of about 1 MiB. A chunk holds its bytes only until the next one is asked for. */
  chunks(): AsyncGenerator<Buffer> {
    return this.#content(this.#raw(), false);
  }

  /** The content as lines, in batches that follow the reads; a batch, like a chunk, holds only until the next. */
  lineBatches(): AsyncGenerator<LineBatch> {
    return splitLines(this.chunks(), this.path, (unterminated) => {
      this.unterminated = unterminated;
    });
  }

  /** The whole content. @throws ProbityError EVIDENCE_TOO_LARGE past 256 MiB */
  async whole(): Promise<Buffer> {
    let all = Buffer.allocUnsafe(Math.min(this.bytes, LIMITS.wholeBytes));
    let length = 0;
    for await (const chunk of this.chunks()) {
      const from = length;
      length += chunk.length;
      if (length > LIMITS.wholeBytes)
        throw new ProbityError(
          'EVIDENCE_TOO_LARGE',
          `this format is read whole, and the file is larger than ${LIMITS.wholeBytes / 2 ** 20} MiB`,
          {
            where: this.path,
            remedy: 'Split it, or give the same facts as kind: ProbeResult',
          },
        );
      if (length > all.length) {
        const larger = Buffer.allocUnsafe(Math.min(LIMITS.wholeBytes, Math.max(length, 2 * all.length)));
        all.copy(larger, 0, 0, from);
        all = larger;
      }
      chunk.copy(all, from);
    }
    return all.subarray(0, length);
  }

  async text(): Promise<string> {
    return (await this.whole()).toString('utf8');
  }

  /** The whole content as JSON, within bounds and without prototype keys. @throws ProbityError EVIDENCE_MALFORMED */
  async json(): Promise<unknown> {
    return parseJson(await this.text(), this.path, 'EVIDENCE_MALFORMED');
  }

  /** Bytes as on disk; a full pass leaves the digest behind. With `limit`, only the start, and no digest. */
  async *#raw(limit = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
    const hash = createHash('sha256');
    const handle = await this.#open();
    let pending: Promise<unknown> | undefined;
    let silent = false;
    try {
      // Two buffers take turns: fresh memory for every piece would cost as much as hashing it.
      const buffers = [0, 1].map(() =>
        Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, Math.max(Math.min(limit, this.bytes + 1), 512))),
      );
      let turn = 0;
      const read = (): Promise<{ bytesRead: number; buffer: Buffer }> => handle.read(buffers[turn++ % 2] as Buffer, 0);
      let next = read();
      pending = next;
      for (let taken = 0; taken < limit; ) {
        const { bytesRead, buffer } = await answered(next, this.path).catch((error: unknown) => {
          silent = error instanceof ProbityError;
          throw error;
        });
        taken += bytesRead;
        const whole = limit === Number.POSITIVE_INFINITY;
        if (taken > this.bytes || (bytesRead === 0 && whole && taken < this.bytes))
          throw new ProbityError('EVIDENCE_UNREADABLE', 'it changed while it was read', { where: this.path });
        if (bytesRead === 0) {
          if (whole) this.#digest ??= hash.digest('hex');
          return;
        }
        // The disk fetches the next piece while this one is hashed and parsed.
        if (taken < limit) {
          next = read();
          pending = next;
        }
        const chunk = buffer.subarray(0, bytesRead);
        if (whole) {
          hash.update(chunk);
          this.#onBytes?.(bytesRead);
        }
        yield chunk;
      }
    } finally {
      // What a silent disk still owes is not waited for.
      if (!silent) {
        await pending?.catch(() => undefined);
        await handle.close();
      }
    }
  }

  /** Opens the file if it is still one: no link, no device, nothing that has to be waited for. */
  async #open(): Promise<FileHandle> {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await answered(open(this.#absolute, flags), this.path);
      if ((await handle.stat()).isFile()) return handle;
      await handle.close();
    } catch (error) {
      if (error instanceof ProbityError) throw error;
      throw new ProbityError('EVIDENCE_UNREADABLE', `cannot be opened (${systemCode(error) ?? 'unknown'})`, {
        where: this.path,
        cause: error,
      });
    }
    throw new ProbityError('EVIDENCE_UNREADABLE', 'is not a regular file', { where: this.path });
  }

  async *#content(raw: AsyncGenerator<Buffer>, partial: boolean): AsyncGenerator<Buffer> {
    let decoder: InstanceType<typeof TextDecoder> | undefined;
    let first = true;
    for await (const chunk of this.#inflated(raw, partial)) {
      let piece = chunk;
      if (first) {
        first = false;
        const encoding = utf16Encoding(piece);
        if (encoding) decoder = new TextDecoder(encoding);
        else if (piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf) piece = piece.subarray(3);
      }
      yield decoder ? Buffer.from(decoder.decode(piece, { stream: true })) : piece;
    }
  }

  async *#inflated(raw: AsyncGenerator<Buffer>, partial: boolean): AsyncGenerator<Buffer> {
    // Whoever stops early stops here; the file below must be closed then too.
    try {
      const first = await raw.next();
      if (first.done) return;
      const rest = async function* (): AsyncGenerator<Buffer> {
        yield first.value;
        yield* raw;
      };
      if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* this.#gunzipped(rest(), partial);
      else yield* rest();
    } finally {
      await raw.return(undefined);
    }
  }

  /** @param partial the input may be only the start of the file, and its end is then no fault */
  async *#gunzipped(compressed: AsyncGenerator<Buffer>, partial: boolean): AsyncGenerator<Buffer> {
    let out = 0;
    const stream = Readable.from(copies(compressed), { objectMode: false }).pipe(
      createGunzip(partial ? { finishFlush: zlib.Z_SYNC_FLUSH } : {}),
    );
    try {
      for await (const chunk of stream) {
        if (!Buffer.isBuffer(chunk)) continue;
        out += chunk.length;
        if (out > Math.max(this.bytes * LIMITS.inflateRatio, CHUNK_BYTES) || out > LIMITS.streamBytes)
          throw new ProbityError(
            'EVIDENCE_TOO_LARGE',
            `it unpacks to more than ${LIMITS.inflateRatio} times its size`,
            { where: this.path },
          );
        yield chunk;
      }
    } catch (error) {
      if (error instanceof ProbityError) throw error;
      throw new ProbityError('EVIDENCE_MALFORMED', 'not a complete gzip file', { where: this.path, cause: error });
    }
  }
}

/**
 * Chunks as lines, in batches that follow the chunks; a batch holds only until the next.
 * @param onEnd told whether the last line had no line end
 * @throws ProbityError EVIDENCE_TOO_LARGE for a line past 64 MiB
 */
export async function* splitLines(
  chunks: AsyncGenerator<Buffer>,
  path: string,
  onEnd: (unterminated: boolean) => void,
): AsyncGenerator<LineBatch> {
  let first = 1;
  let carried: Buffer[] = [];
  let carriedBytes = 0;
  for await (const chunk of chunks) {
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      lines.push(trimReturn(carriedBytes === 0 ? piece : Buffer.concat([...carried, piece])));
      carried = [];
      carriedBytes = 0;
      from = end + 1;
    }
    if (from < chunk.length) {
      carried.push(Buffer.from(chunk.subarray(from)));
      carriedBytes += chunk.length - from;
      if (carriedBytes > LIMITS.lineBytes)
        throw new ProbityError('EVIDENCE_TOO_LARGE', `a line is longer than ${LIMITS.lineBytes / 2 ** 20} MiB`, {
          where: `${path}:${first + lines.length}`,
        });
    }
    if (lines.length > 0) {
      yield { first, lines };
      first += lines.length;
    }
  }
  onEnd(carriedBytes > 0);
  if (carriedBytes > 0) yield { first, lines: [trimReturn(Buffer.concat(carried))] };
}

/** Streams keep what they are given for a while, so they are given copies. */
async function* copies(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

function trimReturn(line: Buffer): Buffer {
  return line.length > 0 && line[line.length - 1] === 13 ? line.subarray(0, -1) : line;
}

function utf16Encoding(start: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return undefined;
}
