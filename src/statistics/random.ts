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

/**
 * A Poisson count with mean 1 to about 30 by products of uniforms (Knuth), above that by the rounded normal.
 * @param limit exp(-mean), for those who draw many of one mean
 */
export function poisson(mean: number, random: () => number, limit = Math.exp(-mean)): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}
