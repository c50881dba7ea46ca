/**
 * How often whole decisions about membership scores are right, by seeded simulation: both limits of MI-02, both directions
 * of the scores, as `roc.tpr` is judged. A pass needs every upper bound within its limit; a fail is one lower bound above it.
 * ROUNDS sets how many samples each line draws (default 200).
 */
import {
  clopperPearsonUpper,
  lowRate,
  passingPower,
  recordsToPass,
  type ScoreSample,
  seededRandom,
  trialsNeeded,
} from '../src/statistics/index.ts';
import { leaking, type Sizes } from '../test/statistics/support/systems.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 200);
const TIERS = {
  low: [
    { rate: 0.001, limit: 0.02 },
    { rate: 0.01, limit: 0.05 },
  ],
  moderate: [
    { rate: 0.001, limit: 0.01 },
    { rate: 0.01, limit: 0.03 },
  ],
  high: [
    { rate: 0.001, limit: 0.005 },
    { rate: 0.01, limit: 0.02 },
  ],
} as const;

interface Limit {
  rate: number;
  limit: number;
}
type Verdict = 'pass' | 'fail' | 'open';

function judge(sample: ScoreSample, limits: readonly Limit[]): Verdict {
  const bounds = limits.flatMap(({ rate, limit }) =>
    (['high', 'low'] as const).map((tail) => ({ limit, ...lowRate(sample, rate, tail, 0.95, 0.975) })),
  );
  if (bounds.some(({ lower, limit }) => lower > limit)) return 'fail';
  return bounds.every(({ upper, limit }) => upper <= limit) ? 'pass' : 'open';
}

function share(count: number): string {
  return `${((100 * count) / ROUNDS).toFixed(1)}%`;
}

function tally(draw: () => Verdict): Record<Verdict, number> {
  const counts = { pass: 0, fail: 0, open: 0 };
  for (let round = 0; round < ROUNDS; round++) counts[draw()]++;
  return counts;
}

function line(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

const random = seededRandom(20_261_101);
const moderate = TIERS.moderate;

console.log(`${ROUNDS} samples a line\n\nLeaks 1.01 times one limit (passes may be 5% at most):`);
line('rate', 'limit', 'members', 'non-members', 'where the mass lies', 'passes');
for (const { rate, limit } of moderate)
  for (const [members, nonMembers] of [
    [1000, 1000],
    [5000, 5000],
    [1000, 20_000],
    [20_000, 20_000],
  ] as const)
    for (const [place, from, to] of [
      ['beyond all', -1, -0.5],
      ['first half', 0, rate / 2],
      ['just below', 0.95 * rate, rate],
    ] as const) {
      const system = { rate, recognised: 1.01 * limit, from, to };
      const { pass } = tally(() => judge(leaking(system, { members, nonMembers }, random), [{ rate, limit }]));
      line(rate, limit, members, nonMembers, place, share(pass));
    }

console.log('\nPrivate systems, both limits and both directions (fails must be none):');
line('tier', 'members', 'non-members', 'passes', 'fails');
for (const [tier, sizes] of [
  ['moderate', { members: 1000, nonMembers: 1000 }],
  ['moderate', { members: 2500, nonMembers: 2500 }],
  ['moderate', { members: 5000, nonMembers: 5000 }],
  ['moderate', { members: 1000, nonMembers: 20_000 }],
  ['high', { members: 7500, nonMembers: 7500 }],
] as const satisfies readonly (readonly [keyof typeof TIERS, Sizes])[]) {
  const still = { rate: 0.01, recognised: 0.01, from: 0, to: 0.01 };
  const { pass, fail } = tally(() => judge(leaking(still, sizes, random), TIERS[tier]));
  line(tier, sizes.members, sizes.nonMembers, share(pass), fail);
}

console.log('\nHalf the limit, with the sample that is named (80% or more):');
line('rate', 'limit', 'records a side', 'passes', 'by calculation');
for (const { rate, limit } of [...TIERS.low, ...moderate, ...TIERS.high]) {
  const n = recordsToPass(rate, limit, true);
  if (n === undefined) continue;
  const sizes = { members: n, nonMembers: n };
  const system = { rate, recognised: limit / 2, from: -1, to: -0.5 };
  const { pass } = tally(() => (lowRate(leaking(system, sizes, random), rate).upper <= limit ? 'pass' : 'open'));
  const leak = (limit / 2 - rate) / (1 - rate);
  line(rate, limit, n, share(pass), `${(100 * passingPower(rate, limit, leak, sizes)).toFixed(1)}%`);
}

console.log('\nTrials without a success that show a limit, and how often 1.01 times the limit has none:');
line('limit', 'trials', 'passes');
for (const limit of [0.05, 0.01, 0.003]) {
  const n = trialsNeeded(0, limit, { oneSided: true });
  if (n === undefined || clopperPearsonUpper(0, n) > limit) continue;
  line(limit, n, `${(100 * (1 - 1.01 * limit) ** n).toFixed(2)}%`);
}
