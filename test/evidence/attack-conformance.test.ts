import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* What every format of an attack tool keeps to, whatever stands in it. */

const folder = scratch();
const SMALL = path.join(ROOT, 'test/evidence/fixtures/small');
const FILES = readdirSync(SMALL).sort();
const isText = (name: string): boolean => /\.(json|jsonl|csv)$/.test(name);
/** Of these a beginning is a whole, shorter file. */
const byRows = (name: string): boolean => /\.(jsonl|csv)$/.test(name);
const needs = await import('hyparquet' as string).then(
  () => '',
  () => 'hyparquet is not installed',
);

async function readAs(name: string, content: string | Buffer) {
  write(folder, { [name]: content });
  const { entry, reading } = await read(folder, name);
  const { sha256: _digest, bytes: _bytes, ...rest } = entry;
  return { ...rest, path: '', observed: reading?.observations ?? [] };
}

for (const name of FILES.filter((one) => !(needs && one.endsWith('.parquet'))))
  test(`${name}: whole it is read, cut off it is refused, and its encoding makes no difference`, async () => {
    const bytes = readFileSync(path.join(SMALL, name));
    const whole = await readAs(name, bytes);
    assert.equal(whole.accepted, true, whole.reason);
    assert.ok(whole.observed.length + whole.unmapped.length > 0, 'something comes out of it');
    for (let tenth = 1; tenth < 10; tenth++) {
      const cut = await readAs(`cut-${name}`, bytes.subarray(0, Math.floor((bytes.length * tenth) / 10)));
      assert.doesNotMatch(cut.reason ?? '', /as what it seems to be|\n/);
      if (!byRows(name)) assert.equal(cut.accepted, false, `${tenth} tenths`);
    }
    assert.equal((await readAs(name, '')).code, 'EVIDENCE_EMPTY');
    assert.deepEqual(await readAs(`${name}.gz`, gzipSync(bytes)), whole, 'gzip');
    if (!isText(name)) return;
    const text = bytes.toString('utf8');
    assert.deepEqual(await readAs(name, `\ufeff${text}`), whole, 'a byte-order mark');
    assert.deepEqual(await readAs(name, Buffer.from(`\ufeff${text}`, 'utf16le')), whole, 'UTF-16');
    if (!byRows(name)) assert.deepEqual(await readAs(name, text.replaceAll('\n', '\r\n')), whole, 'CRLF');
  });

for (const name of FILES.filter((one) => one.endsWith('.json')))
  test(`${name}: keys that reach prototypes, and nesting without end, change nothing or are refused`, async () => {
    const text = readFileSync(path.join(SMALL, name), 'utf8').trim();
    const before = await readAs(name, text);
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    const last = text.lastIndexOf('}');
    for (const added of ['"__proto__": {"polluted": 1}', '"constructor": {"prototype": {}}', `"added": ${deep}`])
      for (const place of [last, text.lastIndexOf('}', last - 1)].filter((one) => one > 0)) {
        const after = await readAs(name, `${text.slice(0, place)}, ${added}${text.slice(place)}`);
        if (after.accepted) assert.deepEqual(after, before, added.slice(0, 40));
        else assert.doesNotMatch(after.reason ?? '', /as what it seems to be/);
      }
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

test('what a target said is masked and tamed wherever a format carries it', async () => {
  const said = 'AKIAIOSFODNN7EXAMPLE <b>\u001b[31m\u202e=cmd()';
  for (const name of FILES.filter(isText)) {
    const text = readFileSync(path.join(SMALL, name), 'utf8');
    const changed = name.endsWith('.csv')
      ? text.replace(/THRESHOLD_ATTACK|success/, (word) => (word === 'success' ? word : said))
      : text.replace(
          /"(PII Leakage|sensitive_data_leakage|loss_threshold|leak|m|get it|age|p)"/g,
          JSON.stringify(said),
        );
    const found = JSON.stringify(await readAs(name, changed));
    assert.ok(!found.includes('AKIAIOSFODNN7EXAMPLE'), name);
    assert.ok(!found.includes('\\u001b') && !found.includes('\u202e'), name);
  }
});
