/** Disjoint intervals of resource numbers, ascending: from, to, from, to, .. with `to` outside. */
export type Intervals = Int32Array;
export const NOTHING: Intervals = new Int32Array(0);

/** Intervals are sorted as single numbers, which typed arrays do fast; resources are fewer than this. */
const KEY = 2 ** 26;

/** The union of interval lists. */
export function union(parts: readonly Intervals[]): Intervals {
  if (parts.length === 0) return NOTHING;
  if (parts.length === 1) return parts[0] as Intervals;
  const keys = new Float64Array(parts.reduce((sum, part) => sum + part.length / 2, 0));
  let count = 0;
  for (const part of parts)
    for (let i = 0; i < part.length; i += 2) keys[count++] = (part[i] as number) * KEY + (part[i + 1] as number);
  keys.sort();
  const result = new Int32Array(2 * count);
  let length = 0;
  for (const key of keys) {
    const from = Math.floor(key / KEY);
    const to = key - from * KEY;
    const end = result[length - 1];
    if (length > 0 && end !== undefined && from <= end) result[length - 1] = Math.max(end, to);
    else {
      result[length++] = from;
      result[length++] = to;
    }
  }
  return length === result.length ? result : result.slice(0, length);
}
