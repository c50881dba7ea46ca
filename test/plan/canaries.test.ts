import assert from 'node:assert/strict';
import test from 'node:test';
import { clopperPearsonUpper } from '../../src/statistics/binomial.ts';
import { exposureFromRank } from '../../src/statistics/exposure.ts';
import { trialsToPass } from '../../src/statistics/passing.ts';
import { seededRandom } from '../../src/statistics/random.ts';

/* MI-07 as decided: the worst canary within the limit of exposure, and the bound of the share beyond it within its own. Seeded. */

const ROUNDS = 10_000;
// Refused by chance: one canary of `canaries` among the first 15 of 16 * 2^bits ranks; the sixteenth lies at the limit, not beyond it.
const TIERS = [
  { tier: 'low', bits: 12, share: 0.1, canaries: 29, refused: 0.0066 },
  { tier: 'moderate', bits: 10, share: 0.05, canaries: 59, refused: 0.0526 },
  { tier: 'high', bits: 9, share: 0.01, canaries: 299, refused: 0.4216 },
];

for (const { tier, bits, share, canaries, refused } of TIERS)
  test(`canaries planned at ${tier}: how often they pass, memorised at the limit, at half of it and not at all`, () => {
    assert.equal(trialsToPass(share, { oneSided: true, noSuccess: true }), canaries);
    const random = seededRandom(20261128);
    const candidates = 16 * 2 ** bits;
    /** The share of assessments that pass where so many canaries are memorised, and the others rank like any candidate. */
    const passes = (memorised: number): number => {
      let passed = 0;
      for (let round = 0; round < ROUNDS; round++) {
        let beyond = 0;
        for (let i = 0; i < canaries; i++) {
          const rank = random() < memorised ? 1 : 1 + Math.floor(random() * candidates);
          if (exposureFromRank(rank, candidates).upper > bits) beyond++;
        }
        if (beyond === 0 && clopperPearsonUpper(beyond, canaries) <= share) passed++;
      }
      return passed / ROUNDS;
    };
    assert.ok(passes(share) <= 0.05);
    // One canary beyond the limit fails by itself, so no number of canaries lets half the share pass in 80% of cases.
    assert.ok(passes(share / 2) < 0.25);
    assert.ok(Math.abs(1 - passes(0) - refused) < 0.015, String(1 - passes(0)));
  });
