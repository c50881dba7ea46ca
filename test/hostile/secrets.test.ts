import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { redactName, redactText } from '../../src/evidence/secrets.ts';
import { read } from '../support/reading.ts';
import { scratch, write } from '../support/workspace.ts';
import { ordinary, secrets } from './corpus.ts';

/* Secrets stay in the evidence. Measured on a corpus: every shape in every context, and what only looks like one. */

test('of every shape in every context, at least 99 in 100 are masked', () => {
  const missed = new Map<string, number>();
  const all = new Map<string, number>();
  for (const { kind, context, text, secret } of secrets(20)) {
    const key = `${kind}, in ${context}`;
    all.set(key, (all.get(key) ?? 0) + 1);
    if (redactText(text).includes(secret)) missed.set(key, (missed.get(key) ?? 0) + 1);
  }
  const total = [...all.values()].reduce((sum, one) => sum + one, 0);
  const left = [...missed.values()].reduce((sum, one) => sum + one, 0);
  assert.ok(
    left / total <= 0.01,
    `${left} of ${total}: ${[...missed].map(([key, count]) => `${key} ${count}`).join('; ')}`,
  );
  for (const [key, count] of missed) assert.ok(count <= (all.get(key) ?? 0) / 10, `${key}: ${count} missed`);
});

test('what evidence says every day is left as it is', () => {
  const touched = ordinary().filter((text) => redactText(text) !== text);
  assert.deepEqual(
    touched.map((text) => `${text} -> ${redactText(text)}`),
    [],
  );
});

test('masking what is masked changes nothing more', () => {
  for (const { text } of secrets(2)) assert.equal(redactText(redactText(text)), redactText(text));
});

test('names of files are masked, stay apart, and keep their dates', async () => {
  const root = scratch();
  const names = [
    'ghp_0123456789abcdefghijABCDEFGHIJ012345.csv',
    'ghp_1123456789abcdefghijABCDEFGHIJ012345.csv',
    'jane.doe@example.org.csv',
  ];
  write(root, Object.fromEntries(names.map((name) => [name, 'x'])));
  const shown = await Promise.all(names.map(async (name) => (await read(root, name)).entry.path));
  assert.equal(new Set(shown).size, names.length);
  for (const one of shown) assert.doesNotMatch(one, /0123456789abc|1123456789abc|jane\.doe/);
  for (const name of ['evidence/2026-09-30_scores-20260930123456.csv', 'run_4242424242424242.jsonl', 'probity.yaml'])
    assert.equal(redactName(name), name);
  assert.equal(path.extname('x.csv'), '.csv');
});

test('a million ordinary texts take seconds', () => {
  const texts = ordinary();
  const started = performance.now();
  for (let i = 0; i < 200_000; i++) redactText(texts[i % texts.length] as string);
  assert.ok((performance.now() - started) * 5 < 100_000, `${((performance.now() - started) * 5) / 1000} s a million`);
});

test('no text makes a rule slow', () => {
  const pieces = [
    'a',
    '1',
    '-',
    ' ',
    '.',
    '=',
    ':',
    'password=',
    'a@',
    '+1 ',
    '1-',
    'A1',
    'Bearer ',
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    'born ',
    'patient: A',
    '://a:',
    '(1',
    '_',
  ];
  for (const piece of pieces)
    for (const other of ['', '1', ' ', '!']) {
      const text = `${piece}${other}`.repeat(2000).slice(0, 2000);
      const started = performance.now();
      redactText(text);
      assert.ok(
        performance.now() - started < 2000,
        `${JSON.stringify(`${piece}${other}`)} took ${performance.now() - started} ms`,
      );
    }
});
