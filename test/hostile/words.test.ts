import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { soundAssessment } from '../../src/assess/assessment.ts';
import { ProbityError } from '../../src/errors.ts';
import { table } from '../../src/table.ts';
import { assessed, workspace } from '../support/assessing.ts';
import { exampleAssessment } from '../support/example.ts';
import { read } from '../support/reading.ts';
import { ROOT, scratch, write } from '../support/workspace.ts';

/* Words from files never find what every object has. */

const EVERY_OBJECT_HAS = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', 'isPrototypeOf'];

test('a table has its own entries and nothing else', () => {
  const sizes = table<number>({ small: 1 });
  assert.equal(sizes.small, 1);
  for (const word of EVERY_OBJECT_HAS) assert.equal(sizes[word], undefined, word);
});

test('no table that words are looked up in is a plain object', () => {
  const plain = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [
        ...readFileSync(path.join(ROOT, 'src', file), 'utf8').matchAll(
          /^(?:export )?const (\w+): (?:Readonly<)?Record<\s*string,[^=]*= \{/gm,
        ),
      ].map((match) => `${file}: ${match[1]}`),
    );
  assert.deepEqual(plain, []);
});

test('a threat whose status is a word that every object has is of unknown status', async () => {
  const root = scratch();
  const threats = EVERY_OBJECT_HAS.map((word, id) => ({ id, title: word, status: word, severity: word, type: word }));
  const model = { version: '2.0', summary: { title: 't' }, detail: { diagrams: [{ cells: [{ data: { threats } }] }] } };
  write(root, { 'model.json': JSON.stringify(model) });
  const { entry, reading } = await read(root, 'model.json');
  assert.ok(entry.accepted, entry.reason);
  const found = reading?.observations.filter((one) => one.kind === 'threat') ?? [];
  assert.equal(found.length, EVERY_OBJECT_HAS.length);
  for (const threat of found) {
    assert.equal(threat.status, 'unknown');
    assert.equal(threat.severity, 'unknown');
  }
});

test('what our own schema would refuse to read is refused before it is written or signed', async () => {
  const assessment = structuredClone(await exampleAssessment());
  assert.equal(JSON.parse(soundAssessment(assessment)).schema, 'probity/assessment/v1');
  const threat = assessment.threats[0];
  assert.ok(threat);
  Reflect.set(threat, 'status', Object);
  assert.throws(
    () => soundAssessment(assessment),
    (error) =>
      error instanceof ProbityError &&
      error.code === 'ASSESSMENT_INVALID' &&
      error.where === 'assessment.json#/threats/0/status',
  );
});

test('what cannot be an assessment is one clear line, not a fault of a library', () => {
  const odd = workspace();
  Reflect.set(odd, 'id', 5);
  assert.throws(
    () => assessed([], { workspace: odd }),
    (error) =>
      error instanceof ProbityError &&
      error.code === 'ASSESSMENT_INVALID' &&
      error.where === 'assessment.json#/system/id',
  );
});
