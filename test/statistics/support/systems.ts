import { type ScoreSample, sortedScores } from '../../../src/statistics/index.ts';

/** How many records a sample has. */
export interface Sizes {
  members: number;
  nonMembers: number;
}

/** A system whose attacker recognises a known share of members at a false-positive rate. */
export interface LeakingSystem {
  /** The false-positive rate, in (0, 1). */
  rate: number;
  /** True-positive rate there; equal to `rate` where nothing leaks. */
  recognised: number;
  /**
   * Where the members that leak stand, in false-positive rates up to `rate`: between these two, evenly. Below zero is
   * beyond every non-member.
   */
  from: number;
  to: number;
}

/** Scores of a leaking system: the other members score like non-members. */
export function leaking(
  { rate, recognised, from, to }: LeakingSystem,
  sizes: Sizes,
  random: () => number,
): ScoreSample {
  const share = (recognised - rate) / (1 - rate);
  const members = Float64Array.from({ length: sizes.members }, () =>
    random() < share ? -(from + (to - from) * random()) : -random(),
  );
  const nonMembers = Float64Array.from({ length: sizes.nonMembers }, () => -random());
  return sortedScores(members, nonMembers);
}

/**
 * Scores tied in blocks, each with its share of members and of non-members, the most suspicious first; the others differ
 * and leak nothing.
 * @returns the sample, and the true share recognised at `rate` when blocks are entered by lot
 */
export function blocks(
  tied: readonly (readonly [members: number, nonMembers: number])[],
  rate: number,
  sizes: Sizes,
  random: () => number,
): { sample: ScoreSample; recognised: number } {
  const draw = (n: number, shares: readonly number[]): Float64Array =>
    Float64Array.from({ length: n }, () => {
      let left = random();
      for (const [place, share] of shares.entries()) {
        left -= share;
        if (left < 0) return shares.length - place;
      }
      return -random();
    });
  const members = draw(
    sizes.members,
    tied.map(([share]) => share),
  );
  const nonMembers = draw(
    sizes.nonMembers,
    tied.map(([, share]) => share),
  );
  return { sample: sortedScores(members, nonMembers), recognised: recognisedAt(tied, rate) };
}

function recognisedAt(tied: readonly (readonly [members: number, nonMembers: number])[], rate: number): number {
  let caught = 0;
  let accused = 0;
  for (const [members, nonMembers] of tied) {
    if (accused + nonMembers >= rate) return caught + (members * (rate - accused)) / nonMembers;
    caught += members;
    accused += nonMembers;
  }
  return caught + ((1 - caught) * (rate - accused)) / (1 - accused);
}
