/** Below this many numbers the engine's own sort is as quick. */
const WORTHWHILE = 1 << 16;
const BITS = 11;
const BUCKETS = 1 << BITS;
const PASSES = 6;
/** Machines that put the high word first leave sorting to the engine. */
const LOW_WORD_FIRST = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * The numbers in ascending order, in a new array. Large arrays are sorted by their bits, eleven at a time from the lowest
 * (radix sort), in about half the time of the engine's sort and with as much memory again for the while.
 * @param values finite numbers
 */
export function sorted(values: Float64Array): Float64Array {
  return values.length < WORTHWHILE || !LOW_WORD_FIRST ? values.toSorted() : radixSorted(values);
}

/**
 * A double's bits, read as a whole number, rise with its value once the sign bit of positive numbers and every bit of
 * negative ones is turned over.
 */
function radixSorted(values: Float64Array): Float64Array {
  const n = values.length;
  let from = new Uint32Array(new Float64Array(values).buffer);
  let to = new Uint32Array(new Float64Array(n).buffer);
  const starts = new Uint32Array(PASSES * BUCKETS);
  for (let at = 0; at < 2 * n; at += 2) {
    let low = from[at] as number;
    let high = from[at + 1] as number;
    if (high >>> 31) {
      low = ~low >>> 0;
      high = ~high >>> 0;
    } else high = (high | 0x80000000) >>> 0;
    from[at] = low;
    from[at + 1] = high;
    for (let pass = 0; pass < PASSES; pass++) {
      const bucket = pass * BUCKETS + digit(low, high, pass);
      starts[bucket] = (starts[bucket] as number) + 1;
    }
  }
  for (let pass = 0; pass < PASSES; pass++) {
    const base = pass * BUCKETS;
    let before = 0;
    let alike = false;
    for (let bucket = base; bucket < base + BUCKETS; bucket++) {
      const count = starts[bucket] as number;
      alike ||= count === n;
      starts[bucket] = before;
      before += count;
    }
    if (alike) continue;
    for (let at = 0; at < 2 * n; at += 2) {
      const low = from[at] as number;
      const high = from[at + 1] as number;
      const bucket = base + digit(low, high, pass);
      const place = starts[bucket] as number;
      starts[bucket] = place + 1;
      to[2 * place] = low;
      to[2 * place + 1] = high;
    }
    [from, to] = [to, from];
  }
  for (let at = 0; at < 2 * n; at += 2) {
    const high = from[at + 1] as number;
    if (high >>> 31) from[at + 1] = high & 0x7fffffff;
    else {
      from[at] = ~(from[at] as number);
      from[at + 1] = ~high;
    }
  }
  return new Float64Array(from.buffer);
}

function digit(low: number, high: number, pass: number): number {
  switch (pass) {
    case 0:
      return low & 2047;
    case 1:
      return (low >>> 11) & 2047;
    case 2:
      return ((low >>> 22) | (high << 10)) & 2047;
    case 3:
      return (high >>> 1) & 2047;
    case 4:
      return (high >>> 12) & 2047;
    default:
      return high >>> 23;
  }
}
