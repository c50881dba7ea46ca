/**
 * Seeded pseudo-random numbers, so that whatever draws repeats to the last bit. Not for secrets.
 * @param seed a whole number; the same seed gives the same sequence on every machine
 * @returns a function giving uniform numbers in [0, 1) (mulberry32)
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal number (Box & Muller 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Above this a Poisson count is the rounded normal. */
const LARGEST_TABLE = 30;
/** Entries of the guide of a table. */
const GUIDE = 256;
/** No uniform number of 32 bits lies beyond. */
const NEARLY_ONE = 1 - 2 ** -33;

/**
 * Independent Poisson counts that are drawn again and again: by inversion with a table and a guide into it (Chen & Asau
 * 1974), which takes one uniform number a count, and above a mean of 30 by the rounded normal.
 * @param means whole numbers from 0; a mean of 0 draws nothing
 * @returns a function that draws all counts into the given array, as long as `means`, and returns their sum
 */
export function poissonSampler(
  means: readonly number[],
): (random: () => number, into: Int32Array<ArrayBuffer>) => number {
  const tables = new Map(means.filter((mean) => mean > 0 && mean <= LARGEST_TABLE).map((mean) => [mean, table(mean)]));
  const small = means.flatMap((mean, at) => (tables.has(mean) ? [at] : []));
  const large = means.flatMap((mean, at) => (mean > LARGEST_TABLE ? [at] : []));
  const ofSmall = small.map((at) => tables.get(means[at] as number) as PoissonTable);
  return (random, into) => {
    let total = 0;
    for (let i = 0; i < small.length; i++) {
      const { cumulative, guide } = ofSmall[i] as PoissonTable;
      const uniform = random();
      let count = guide[Math.trunc(uniform * GUIDE)] as number;
      while (uniform >= (cumulative[count] as number)) count++;
      into[small[i] as number] = count;
      total += count;
    }
    for (const at of large) {
      const mean = means[at] as number;
      const count = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
      into[at] = count;
      total += count;
    }
    return total;
  };
}

interface PoissonTable {
  /** The chance of at most so many; the last is 1. */
  cumulative: Float64Array;
  /** For each part of [0, 1), the count that its beginning stands for. */
  guide: Uint8Array;
}

function table(mean: number): PoissonTable {
  const cumulative: number[] = [];
  let chance = Math.exp(-mean);
  let below = 0;
  for (let count = 1; below + chance < NEARLY_ONE; count++) {
    below += chance;
    cumulative.push(below);
    chance *= mean / count;
  }
  cumulative.push(1);
  const guide = new Uint8Array(GUIDE);
  for (let part = 0, count = 0; part < GUIDE; part++) {
    while (part / GUIDE >= (cumulative[count] as number)) count++;
    guide[part] = count;
  }
  return { cumulative: Float64Array.from(cumulative), guide };
}
