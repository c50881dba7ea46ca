import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withFormatTables } from '../../src/authoring/formatTables.ts';
import { ADAPTERS } from '../../src/evidence/adapters/index.ts';

const PAGE = readFileSync(new URL('../../docs/evidence.md', import.meta.url), 'utf8');

test('docs/evidence.md shows every format by what its adapter says; else run `npm run formats`', () => {
  assert.equal(withFormatTables(PAGE, ADAPTERS), PAGE);
});

test('a format that no table shows, and a table that no format is in, are named', () => {
  const [first] = ADAPTERS;
  assert.ok(first);
  const stranger = { format: 'stranger', about: { ...first.about, group: 'changes' as const } };
  assert.throws(() => withFormatTables('<!-- formats: access -->\n<!-- end -->', [stranger]), /"access"/);
  assert.throws(() => withFormatTables('no table', [stranger]), /stranger/);
});

test('what is said of a format stays within one cell of a table', () => {
  for (const { format, about } of ADAPTERS)
    for (const text of [about.files, about.recognisedBy, about.gives, about.limits ?? ''])
      assert.ok(!/[|\n]/.test(text), format);
});
