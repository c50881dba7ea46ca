/*
 * npm run fuzz -- --minutes 5 [--target yaml] [--seed 1] [--inputs 100000]
 * Changes real files and reads them, in this process. A finding is written to test/fuzz/findings, where a test reads it
 * again for ever after. Ends with 1 when there was one.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ProbityError } from '../../src/errors.ts';
import { seededRandom } from '../../src/statistics/random.ts';
import { ROOT } from '../support/workspace.ts';
import { mutate } from './mutate.ts';
import { TARGETS, type Target } from './targets.ts';

/** One input, of any kind, is answered within this many milliseconds of a processor, however many others want it. */
const LIMIT = 2000;
const FINDINGS = path.join(ROOT, 'test/fuzz/findings');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    target: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1000)) },
    inputs: { type: 'string' },
  },
});

/** What is wrong with how an input was answered. */
async function trouble(target: Target, input: Buffer): Promise<string | undefined> {
  const started = process.cpuUsage();
  try {
    await target.run(input);
  } catch (error) {
    if (!(error instanceof ProbityError))
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { user, system } = process.cpuUsage(started);
  const taken = (user + system) / 1000;
  return taken > LIMIT ? `took ${taken.toFixed(0)} ms` : undefined;
}

const targets = TARGETS.filter((target) => values.target === undefined || target.name === values.target);
if (targets.length === 0) throw new Error(`there is no target "${values.target}"`);
const shares = targets.flatMap((target) => Array.from({ length: Math.ceil(target.share / 10) }, () => target));
const seeds = new Map(targets.map((target) => [target, target.seeds()]));
const random = seededRandom(Number(values.seed));
const end = Date.now() + Number(values.minutes) * 60_000;
const most = values.inputs === undefined ? Number.POSITIVE_INFINITY : Number(values.inputs);
const counts = new Map<string, number>();
const found = new Map<string, string>();

for (let done = 0; done < most && Date.now() < end && found.size < 50; done++) {
  const target = shares[Math.floor(random() * shares.length)] as Target;
  const from = seeds.get(target) as Buffer[];
  const draw = (): Buffer => from[Math.floor(random() * from.length)] as Buffer;
  const input = (target.change ?? mutate)(draw(), draw(), random);
  counts.set(target.name, (counts.get(target.name) ?? 0) + 1);
  const problem = await trouble(target, input);
  if (problem === undefined) continue;
  // One finding a place in the code; its line is what tells findings apart.
  const key = `${target.name}: ${problem
    .split('\n')
    .slice(0, 2)
    .join(' ')
    .replace(/\d+ ms/, '')
    .slice(0, 300)}`;
  if (found.has(key)) continue;
  const name = `${target.name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`;
  mkdirSync(FINDINGS, { recursive: true });
  writeFileSync(path.join(FINDINGS, name), input);
  found.set(key, name);
  console.log(`${name}\n${problem}\n`);
}
const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
console.log(
  `${total} inputs, seed ${values.seed}: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`,
);
console.log(`${found.size} findings`);
process.exitCode = found.size === 0 ? 0 : 1;
