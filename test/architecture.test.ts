import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ROOT } from './support/workspace.ts';

/**
 * The rooms of `src`, from the ground up. A room may use those of earlier lines and itself; rooms of one line do not know
 * each other.
 */
const FLOORS: readonly (readonly string[])[] = [
  ['terms', 'table', 'visible', 'schema', 'wording', 'errors', 'tool'],
  ['statistics', 'files'],
  ['pki'],
  ['sign', 'verify'],
  ['evidence'],
  ['workspace', 'measure'],
  ['catalog'],
  ['assess'],
  ['compare'],
  ['report'],
  ['responses'],
  ['pack'],
  ['gate', 'portfolio', 'plan'],
  ['fleet', 'authoring'],
  ['cli'],
  ['commands', 'index'],
];
/** The ground floor is small files that lean on each other. */
const GROUND = FLOORS[0] as readonly string[];

const SRC = path.join(ROOT, 'src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();

/** Relative imports of a file, static and dynamic, as paths below `src`. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(SRC, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map((match) => path.posix.normalize(path.posix.join(path.posix.dirname(file), match[1] as string)));
}

function roomOf(file: string): string {
  return (file.split('/')[0] as string).replace(/\.ts$/, '');
}

function floorOf(file: string): number {
  return FLOORS.findIndex((floor) => floor.includes(roomOf(file)));
}

test('every file stands in a room that the plan knows', () => {
  assert.deepEqual(
    files.filter((file) => floorOf(file) === -1),
    [],
  );
});

test('imports point downward, and rooms of one floor do not know each other', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => {
        const sameRoom =
          roomOf(target) === roomOf(file) || (GROUND.includes(roomOf(file)) && GROUND.includes(roomOf(target)));
        return !sameRoom && floorOf(target) >= floorOf(file);
      })
      .map((target) => `${file} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('no import goes round in a circle, types included', () => {
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    for (const target of importsOf(file)) visit(target, [...way, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  assert.deepEqual(circles, []);
});

/** Fields that hold sentences made for people. */
const SENTENCES = 'details?|notes?|why|warnings?|problems?|statements?|message|remedy|caption|consequence';

/** Where another program's own words are all there is to go by; each says only how it is told to the user. */
const WORDS_OF_OTHERS = ['sign/keys/pem.ts', 'sign/keys/pkcs11.ts', 'report/pdf/browser.ts'];

test('no code decides by the wording of a sentence', () => {
  const asked = new RegExp(
    [
      `\\b(?:${SENTENCES})\\)*\\??\\.(?:includes|startsWith|endsWith|indexOf|match|search)\\(\\s*['"\`/]`,
      `\\.test\\([^()]*\\b(?:${SENTENCES})\\b`,
      `\\(?(?:${SENTENCES})\\)? =>[^\\n]*\\.(?:includes|startsWith|endsWith|match)\\(\\s*['"\`/]`,
      `\\b(?:${SENTENCES})\\.(?:find|some|every|filter)\\([^\\n]*\\.(?:test\\(|(?:includes|startsWith|endsWith|match)\\(\\s*['"\`/])`,
    ].join('|'),
  );
  const found = files
    .filter((file) => !WORDS_OF_OTHERS.includes(file))
    .flatMap((file) =>
      readFileSync(path.join(SRC, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (asked.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
  assert.deepEqual(found, []);
});
