import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ProbityError } from '../../src/errors.ts';
import { seededRandom } from '../../src/statistics/random.ts';
import { ROOT } from '../support/workspace.ts';
import { mutate } from './mutate.ts';
import { TARGETS } from './targets.ts';

/* What the fuzzer found stays found, and a few fresh inputs are tried each time. */

const FINDINGS = path.join(ROOT, 'test/fuzz/findings');

async function answered(name: string, input: Buffer): Promise<void> {
  const target = TARGETS.find((one) => one.name === name);
  if (!target) return;
  const started = performance.now();
  try {
    await target.run(input);
  } catch (error) {
    if (!(error instanceof ProbityError)) throw error;
  }
  assert.ok(performance.now() - started < 2000);
}

test('every input that was ever a finding is answered', async () => {
  for (const file of existsSync(FINDINGS) ? readdirSync(FINDINGS) : [])
    await answered(file.split('-')[0] ?? '', readFileSync(path.join(FINDINGS, file)));
});

for (const target of TARGETS)
  test(`100 changed files are answered: ${target.name}`, async () => {
    const random = seededRandom(7);
    const seeds = target.seeds();
    const draw = (): Buffer => seeds[Math.floor(random() * seeds.length)] as Buffer;
    for (let i = 0; i < 100; i++) await answered(target.name, (target.change ?? mutate)(draw(), draw(), random));
  });
