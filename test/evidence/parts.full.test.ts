import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { AdapterContext } from '../../src/evidence/adapter.ts';
import { adapter as garak } from '../../src/evidence/adapters/garak/index.ts';
import { ADAPTERS } from '../../src/evidence/adapters/index.ts';
import { adapter as scores } from '../../src/evidence/adapters/membership-scores/index.ts';
import { EvidenceFile } from '../../src/evidence/file.ts';
import { summariseInParallel } from '../../src/evidence/parts/parallel.ts';
import { mergeParts, serialisePart } from '../../src/evidence/parts/part.ts';
import { type SummariseOptions, summarise } from '../../src/evidence/parts/summarise.ts';
import { measure } from '../../src/measure/measure.ts';
import { seededRandom } from '../../src/statistics/random.ts';
import { garakReport, scoreTable } from '../support/largeFiles.ts';
import { lookups } from '../support/reading.ts';
import { scratch, write } from '../support/workspace.ts';

/* What is read in parts, by several threads or one, is what the file says: for everything that is measured of it. */

const folder = scratch();
/** So that files of a few kilobytes have borders in them. */
const RANGE = 8;

const context: AdapterContext = {
  ...lookups,
  declared: { technique: 'likelihood-ratio', surface: 'model-api', collected: '2026-09-15', target: 'm' },
};

function optionsOf(name: string, index = 1, count = 1): SummariseOptions {
  return { index, count, of: name, apart: false, declared: context.declared, range: RANGE };
}

test('several threads write the bytes of one, whatever is in the file', { timeout: 900_000 }, async (t) => {
  let [read, failed] = [0, 0];
  for (let seed = 1; seed <= 24; seed++) {
    const random = seededRandom(seed);
    const [name, text] =
      seed % 2 ? ['run.report.jsonl', garakReport(random, true)] : ['scores.csv', scoreTable(random)];
    // Every sixth is cut off, or holds a line that is none.
    const at = Math.floor(text.length * random());
    const spoilt =
      seed % 6 > 1 ? text : seed % 6 === 0 ? text.slice(0, at) : `${text.slice(0, at)}\n{"\n${text.slice(at)}`;
    write(folder, { [name]: spoilt });
    const file = path.join(folder, name);
    for (const [index, count] of [
      [1, 1],
      [2, 3],
    ] as const) {
      const options = optionsOf(name, index, count);
      const [one, several] = await Promise.allSettled([
        summarise(file, ADAPTERS, options),
        summariseInParallel(file, ADAPTERS, options, 3),
      ]);
      if (one.status === 'fulfilled' && several.status === 'fulfilled') {
        assert.equal(serialisePart(several.value), serialisePart(one.value), `seed ${seed}, part ${index} of ${count}`);
        read++;
      } else {
        assert.deepEqual(several, one, `seed ${seed}, part ${index} of ${count}`);
        failed++;
      }
    }
  }
  assert.ok(read > 20 && failed > 3, `${read} read, ${failed} refused`);
  t.diagnostic(`${read} parts by three threads the bytes of one; ${failed} refused by the same line`);
});

test('parts that do not add up to the whole are refused, and all others are measured as the file is', async (t) => {
  const measured = new Set<string>();
  let refused = 0;
  for (const [adapter, make, name] of [
    [garak, (random: () => number) => garakReport(random, true), 'mixed.report.jsonl'],
    [scores, scoreTable, 'more.csv'],
  ] as const) {
    const parts = adapter.parts;
    if (!parts) throw new TypeError('it is read in parts');
    for (let seed = 1000; seed < 1150; seed++) {
      const random = seededRandom(seed);
      write(folder, { [name]: make(random) });
      const file = path.join(folder, name);
      const count = 2 + Math.floor(random() * 9);
      const pieces = await Promise.all(
        Array.from({ length: count }, (_, i) => summarise(file, ADAPTERS, optionsOf(name, i + 1, count))),
      );
      const whole = await summarise(file, ADAPTERS, optionsOf(name));
      try {
        const merged = mergeParts(
          pieces.map((part) => ({ part, where: 'part' })),
          (bodies) => parts.merge(bodies),
        );
        assert.equal(serialisePart(merged), serialisePart(whole), `seed ${seed}`);
      } catch (error) {
        assert.match(String(error), /judged by different thresholds/, `seed ${seed}`);
        refused++;
      }
      const direct = await adapter
        .read(new EvidenceFile(file, name, statSync(file).size), context)
        .catch(() => undefined);
      if (!direct) continue;
      const numbers = (of: typeof direct) =>
        measure(of.observations.map(({ at, ...body }) => ({ ...body, source: { path: name, sha256: '', at } })));
      const expected = numbers(direct);
      assert.deepEqual(numbers(parts.read(whole.body, name, context)), expected, `seed ${seed}`);
      for (const one of expected) measured.add(one.measure);
    }
  }
  assert.ok(refused > 0, 'some reports change their threshold within a part');
  // All that these formats can show; every other measure comes from formats that are read whole.
  assert.deepEqual([...measured].sort(), [
    'baseline.auc',
    'privacy.epsilonLower',
    'rate',
    'roc.advantage',
    'roc.auc',
    'roc.ppv',
    'roc.tpr',
  ]);
  t.diagnostic(`${refused} refused, the others the bytes of the whole, in ${measured.size} measures`);
});
