import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { Adapter, AdapterContext, PartFormat, Reading } from '../../src/evidence/adapter.ts';
import { adapter as garak } from '../../src/evidence/adapters/garak/index.ts';
import { ADAPTERS } from '../../src/evidence/adapters/index.ts';
import { adapter as scores } from '../../src/evidence/adapters/membership-scores/index.ts';
import { EvidenceFile } from '../../src/evidence/file.ts';
import { type EvidencePart, mergeParts, serialisePart } from '../../src/evidence/parts/part.ts';
import { partText, summarise } from '../../src/evidence/parts/summarise.ts';
import { measure } from '../../src/measure/measure.ts';
import { seededRandom } from '../../src/statistics/random.ts';
import { garakReport, scoreTable } from '../support/largeFiles.ts';
import { lookups, readAll } from '../support/reading.ts';
import { probity, scratch, write } from '../support/workspace.ts';

/* Large files in parts: what the parts say together is what the file says, to the byte. */

const folder = scratch();
/** So that files of a kilobyte have borders in them. */
const RANGE = 64;
const context: AdapterContext = {
  ...lookups,
  declared: { technique: 'likelihood-ratio', surface: 'model-api', collected: '2026-09-15', target: 'm' },
};

async function partOfFile(name: string, index: number, count: number): Promise<EvidencePart> {
  return summarise(path.join(folder, name), ADAPTERS, {
    index,
    count,
    of: name,
    apart: false,
    declared: context.declared,
    range: RANGE,
  });
}

function together(parts: readonly EvidencePart[], adapter: Adapter): EvidencePart {
  return mergeParts(
    parts.map((part, i) => ({ part: JSON.parse(serialisePart(part)), where: `part ${i}` })),
    (bodies) => adapter.parts?.merge(bodies),
  );
}

for (const [adapter, make, name] of [
  [garak, garakReport, 'run.report.jsonl'],
  [scores, scoreTable, 'scores.csv'],
] as const)
  test(`parts of ${adapter.format} are together the bytes of the whole, and read as the file is read`, async () => {
    const parted: PartFormat | undefined = adapter.parts;
    if (!parted) throw new TypeError('it is read in parts');
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      write(folder, { [name]: make(random) });
      const file = path.join(folder, name);
      const whole = await partOfFile(name, 1, 1);
      const count = 2 + Math.floor(random() * 9);
      const parts = await Promise.all(Array.from({ length: count }, (_, i) => partOfFile(name, i + 1, count)));
      const merged = together(
        parts.toSorted(() => random() - 0.5),
        adapter,
      );
      assert.equal(serialisePart(merged), serialisePart(whole), `seed ${seed}`);
      // In any two steps, too.
      const cut = 1 + Math.floor(random() * (count - 1));
      const twice = together([together(parts.slice(cut), adapter), together(parts.slice(0, cut), adapter)], adapter);
      assert.equal(serialisePart(twice), serialisePart(whole), `seed ${seed}`);
      const source = new EvidenceFile(file, name, statSync(file).size);
      const fromParts = async (): Promise<Reading> => parted.read(merged.body, name, context);
      const [direct, assembled] = await Promise.allSettled([adapter.read(source, context), fromParts()]);
      assert.equal(assembled.status, direct.status, `seed ${seed}`);
      if (direct.status === 'fulfilled' && assembled.status === 'fulfilled') {
        assert.deepEqual(assembled.value, direct.value, `seed ${seed}`);
        const measured = (reading: Reading) =>
          JSON.stringify(
            measure(
              reading.observations.map(({ at, ...body }) => ({ ...body, source: { path: name, sha256: '', at } })),
            ),
          );
        assert.equal(measured(assembled.value), measured(direct.value));
      }
      assert.equal(merged.read.length, 1);
      assert.deepEqual([merged.read[0]?.from, merged.read[0]?.to], [0, statSync(file).size]);
      assert.equal(
        merged.read[0]?.digests[0],
        createHash('sha256').update(readFileSync(file).subarray(0, RANGE)).digest('hex'),
      );
    }
  });

/** The parts of a report below `evidence/`, and what the evidence comes to. */
async function evidenceOf(root: string, files: Record<string, string>) {
  write(path.join(folder, root), files);
  return readAll(path.join(folder, root), ['evidence/**/*']);
}

async function reportInParts(count: number): Promise<{ text: string; parts: Record<string, string> }> {
  let text = '';
  for (let seed = 100; !text.includes('"eval"') || !text.includes('leakreplay'); seed++)
    text = garakReport(seededRandom(seed));
  write(folder, { 'big.report.jsonl': text });
  const parts = await Promise.all(
    Array.from({ length: count }, (_, i) => partOfFile('big.report.jsonl', i + 1, count)),
  );
  return {
    text,
    parts: Object.fromEntries(parts.map((part, i) => [`evidence/big.part${i + 1}.json`, partText(part)])),
  };
}

test('parts in the evidence are what the file is, each fact in the part that holds its place', async () => {
  const { text, parts } = await reportInParts(4);
  const file = await evidenceOf('as-file', { 'evidence/big.report.jsonl': text });
  const inParts = await evidenceOf('as-parts', parts);
  const bodies = (observations: typeof file.observations, of: string) =>
    observations.map(({ source, ...body }) => ({ ...body, at: source.at.replace(of, '') }));
  assert.ok(file.observations.length > 0);
  assert.deepEqual(bodies(inParts.observations, ' of big.report.jsonl'), bodies(file.observations, ''));
  assert.equal(inParts.files.length, 4);
  for (const entry of inParts.files) {
    assert.equal(entry.accepted, true);
    assert.equal(entry.partOf?.file, 'big.report.jsonl');
  }
  for (const { source } of inParts.observations) {
    const entry = inParts.files.find(({ path: name }) => name === source.path);
    assert.equal(entry?.sha256, source.sha256);
  }
});

test('of a file that is not whole nothing counts, and nothing counts twice', async () => {
  const { text, parts } = await reportInParts(3);
  const refused = async (name: string, files: Record<string, string>, reason: RegExp): Promise<void> => {
    const { files: entries, observations } = await evidenceOf(name, files);
    const rejected = entries.filter(({ partOf }) => partOf);
    assert.ok(rejected.length > 0, name);
    for (const entry of rejected) {
      assert.equal(entry.accepted, false, name);
      assert.match(entry.reason ?? '', reason, name);
    }
    if (!files['evidence/big.report.jsonl']) assert.equal(observations.length, 0, name);
  };
  const { 'evidence/big.part2.json': second = '', ...others } = parts;
  await refused('gap', others, /part 2 of 3 of big\.report\.jsonl is not there/);
  await refused('end', { 'evidence/1.json': parts['evidence/big.part1.json'] ?? '' }, /part 2 of 3/);
  await refused(
    'twice',
    { ...parts, 'evidence/again.json': second.replace('"lines":', '"lines": ') },
    /part 2 of 3 .* is there twice/,
  );
  await refused('both', { ...parts, 'evidence/big.report.jsonl': text }, /holds the same, and it is counted once/);
  const renamed = Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [
      name.replace('big', 'copy'),
      part.replace('big.report', 'copy.report'),
    ]),
  );
  const { observations } = await evidenceOf('renamed', { ...parts, ...renamed });
  assert.equal(observations.length, (await evidenceOf('once', parts)).observations.length);
});

test('a part that lies is refused with its place', async () => {
  const { parts } = await reportInParts(1);
  const [text = ''] = Object.values(parts);
  for (const [name, changed] of [
    ['hits', text.replace(/"outputs":\d+,"outputsHit":\d+/, '"outputs":1,"outputsHit":7')],
    ['negative', text.replace(/"prompts":\d+/, '"prompts":-1')],
    ['format', text.replace('"format":"garak-report"', '"format":"probity"')],
    ['field', text.replace('"body":', '"extra":1,"body":')],
    ['count', text.replace('"count":1', '"count":0')],
    ['threshold', text.replace(/"kind":"attempts","threshold":0\.\d/, '"kind":"attempts","threshold":0.9')],
  ] as const) {
    assert.notEqual(changed, text, name);
    const { files, observations } = await evidenceOf(`lie-${name}`, { 'evidence/p.json': changed });
    assert.equal(files[0]?.accepted, false, name);
    assert.equal(observations.length, 0, name);
  }
});

test('the command makes parts, puts them together, and refuses what cannot be read so', async () => {
  const { text } = await reportInParts(1);
  const place = path.join(folder, 'command');
  write(place, {
    'run.report.jsonl': text.repeat(1),
    'notes.txt': 'nothing',
    'piece-1.csv': 'score,is_member\n0.5,1\n0.25,0\n',
    'piece-2.csv': 'score,is_member\n0.75,1\n0.1,0\n',
  });
  const run = (...args: string[]) =>
    probity(['evidence', 'summarise', ...args], { cwd: place, home: path.join(folder, 'home') });
  assert.equal((await run('run.report.jsonl', '-o', 'whole.json')).code, 0);
  for (const i of [1, 2]) assert.equal((await run('run.report.jsonl', '--part', `${i}/2`, '-o', `p${i}.json`)).code, 0);
  assert.equal((await run('p2.json', 'p1.json', '-o', 'merged.json')).code, 0);
  assert.deepEqual(readFileSync(path.join(place, 'merged.json')), readFileSync(path.join(place, 'whole.json')));
  for (const i of [1, 2])
    assert.equal((await run(`piece-${i}.csv`, '--of', 'scores.csv', '--part', `${i}/2`, '-o', `s${i}.json`)).code, 0);
  assert.equal((await run('s1.json', 's2.json', '-o', 's.json')).code, 0);
  const inspected = await probity(['evidence', 'inspect', 's.json', '--json'], {
    cwd: place,
    home: path.join(folder, 'home'),
  });
  assert.equal(JSON.parse(inspected.stdout).observations[0].members, 2, inspected.stdout);
  for (const args of [
    ['notes.txt', '-o', 'x'],
    ['run.report.jsonl', '--part', '3/2', '-o', 'x'],
    ['p1.json', 'notes.txt', '-o', 'x'],
    ['nowhere', '-o', 'x'],
  ])
    assert.equal((await run(...args)).code, 2, args.join(' '));
});
