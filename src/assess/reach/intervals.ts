/** Disjoint intervals of resource numbers, ascending: from, to, from, to, .. with `to` outside. */
export type Intervals = Int32Array;
export const NOTHING: Intervals = new Int32Array(0);

/** Intervals are sorted as single numbers, which typed arrays do fast; resources are fewer than this. */
const KEY = 2 ** 26;

/** Room to sort in, kept from one union to the next: each of its own would be a piece of memory outside of the heap. */
let room = new Float64Array(1024);

/** The union of interval lists. */
export function union(parts: readonly Intervals[]): Intervals {
  if (parts.length === 0) return NOTHING;
  if (parts.length === 1) return parts[0] as Intervals;
  let count = 0;
  for (const part of parts) count += part.length / 2;
  const keys = roomFor(count);
  let at = 0;
  for (const part of parts)
    for (let i = 0; i < part.length; i += 2) keys[at++] = (part[i] as number) * KEY + (part[i + 1] as number);
  const length = merged(keys);
  const result = new Int32Array(length);
  unpack(keys, result);
  return result;
}

function roomFor(count: number): Float64Array {
  if (count > room.length) room = new Float64Array(2 * count);
  return room.subarray(0, count);
}

/** Sorts keys and merges those that touch, in their place; how many numbers their intervals are. */
function merged(keys: Float64Array): number {
  keys.sort();
  let kept = 0;
  let from = -1;
  let to = -1;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    const start = Math.floor(key / KEY);
    const end = key - start * KEY;
    if (i > 0 && start <= to) to = Math.max(to, end);
    else {
      if (i > 0) keys[kept++] = from * KEY + to;
      from = start;
      to = end;
    }
  }
  if (keys.length > 0) keys[kept++] = from * KEY + to;
  return 2 * kept;
}

function unpack(keys: Float64Array, result: Int32Array): void {
  for (let i = 0; i < result.length; i += 2) {
    const key = keys[i / 2] as number;
    const from = Math.floor(key / KEY);
    result[i] = from;
    result[i + 1] = key - from * KEY;
  }
}

const CHUNK = 1 << 18;

/** Makes interval lists out of single ones, many of them in one piece of memory; they are kept or let go together. */
export class IntervalMaker {
  #chunk = new Int32Array(0);
  #used = 0;
  #pairs: number[] = [];

  add(from: number, to: number): void {
    this.#pairs.push(from * KEY + to);
  }

  /** The union of what was added since the last time. */
  take(): Intervals {
    const pairs = this.#pairs;
    if (pairs.length === 0) return NOTHING;
    const keys = roomFor(pairs.length);
    for (let i = 0; i < pairs.length; i++) keys[i] = pairs[i] as number;
    pairs.length = 0;
    const length = merged(keys);
    if (this.#used + length > this.#chunk.length) {
      this.#chunk = new Int32Array(Math.max(CHUNK, length));
      this.#used = 0;
    }
    const result = this.#chunk.subarray(this.#used, this.#used + length);
    this.#used += length;
    unpack(keys, result);
    return result;
  }
}
