import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { ADAPTERS } from '../../src/evidence/adapters/index.ts';
import { type SourceDeclaration, sourceDeclaration } from '../../src/evidence/declaration.ts';
import type { Located } from '../../src/evidence/observation.ts';
import { EVIDENCE_FILES, SECRET } from '../support/evidenceFiles.ts';
import { read } from '../support/reading.ts';
import { scratch, write } from '../support/workspace.ts';

/* What holds of every format of access, secrets and threats, whatever its tool. */

const folder = scratch();

async function observed(
  name: string,
  content: string | Uint8Array,
  source?: Partial<SourceDeclaration>,
): Promise<{ entry: Awaited<ReturnType<typeof read>>['entry']; found: Located[] }> {
  write(folder, { [name]: content });
  const { entry, reading } = await read(
    folder,
    name,
    source ? [sourceDeclaration.parse({ match: name, ...source })] : [],
  );
  return { entry, found: reading?.observations ?? [] };
}

function countsOf(found: readonly Located[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of found) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

for (const { format, name, text, source, counts } of EVIDENCE_FILES)
  test(`${format} (${name}): read for what it is, with a place for everything and without any secret`, async () => {
    const { entry, found } = await observed(name, text, source);
    assert.equal(entry.format, format, entry.reason);
    assert.ok(entry.accepted, entry.reason);
    assert.deepEqual(countsOf(found), counts);
    for (const one of found) assert.match(one.at, /^(?:$|\/|line \d)/);
    assert.ok(!JSON.stringify({ entry, found }).includes(SECRET), 'a secret came out');
    assert.ok(!JSON.stringify({ entry, found }).includes(SECRET.slice(0, 12)), 'a part of a secret came out');
  });

test('the form of a file changes nothing: zipped, marked, in UTF-16, with other line ends', async () => {
  for (const { name, text, source } of EVIDENCE_FILES) {
    const plain = (await observed(name, text, source)).found;
    const forms: Record<string, Uint8Array> = {
      zipped: gzipSync(text),
      marked: Buffer.from(`\u{feff}${text}`),
      'UTF-16': Buffer.from(`\u{feff}${text}`, 'utf16le'),
      'other line ends': Buffer.from(text.replaceAll('\n', '\r\n')),
    };
    for (const [form, bytes] of Object.entries(forms)) {
      const { entry, found } = await observed(name, bytes, source);
      assert.ok(entry.accepted, `${name}, ${form}: ${entry.reason}`);
      assert.deepEqual(found, plain, `${name}, ${form}`);
    }
  }
});

test('a file that was cut off is refused by name, or is a shorter file of the same form', async () => {
  for (const { name, text, source } of EVIDENCE_FILES)
    for (let tenth = 1; tenth < 10; tenth++) {
      const cut = text.slice(0, Math.floor((text.length * tenth) / 10));
      const { entry, found } = await observed(name, cut, source);
      if (/^\s*[[{<]/.test(text) && !/\n\{/.test(text))
        assert.equal(entry.accepted, false, `${name} at ${tenth} tenths`);
      assert.doesNotMatch(entry.reason ?? '', /what it seems to be|\n/, `${name} at ${tenth} tenths`);
      assert.ok(entry.accepted || (entry.reason && entry.code && found.length === 0));
      assert.ok(!JSON.stringify({ entry, found }).includes(SECRET));
    }
});

test('keys that reach a prototype, lists nested too deep and values of other kinds are one clear line', async () => {
  const words = ['constructor', '__proto__', 'toString'];
  for (const { name, text, source } of EVIDENCE_FILES.filter(({ text: one }) => /^\s*[[{]/.test(one))) {
    const start = text.indexOf('{') + 1;
    const spoilt = [
      ...words.map((word) => `${text.slice(0, start)}"${word}": {"polluted": 1},${text.slice(start)}`),
      `${text.slice(0, start)}"deep": ${'['.repeat(10_000)}${']'.repeat(10_000)},${text.slice(start)}`,
      text.replace(/: "/, ': 7, "x": "'),
      text.replaceAll(/: (\[|\{)/g, ': null, "x": $1'),
    ];
    for (const one of spoilt) {
      const { entry } = await observed(name, one, source);
      assert.doesNotMatch(entry.reason ?? '', /what it seems to be|\n/, name);
    }
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  }
});

test('no two formats take one file for theirs with the same certainty', () => {
  for (const { format, name, text, source } of EVIDENCE_FILES) {
    const head = { name, bytes: Buffer.from(text), text, complete: true };
    const ranked = ADAPTERS.map((adapter) => ({
      format: adapter.format,
      score: adapter.recognise(head, source ?? {}),
    })).toSorted((a, b) => b.score - a.score);
    assert.equal(ranked[0]?.format, format);
    assert.ok((ranked[0]?.score ?? 0) > (ranked[1]?.score ?? 0), `${name}: ${JSON.stringify(ranked.slice(0, 2))}`);
  }
});
