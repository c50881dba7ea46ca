import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSONParser, type ParsedElementInfo } from '@streamparser/json';
import { JsonRecords } from '../../src/files/jsonRecords.ts';
import { seededRandom } from '../../src/statistics/random.ts';

/* Held against the parser of tokens alone, over documents and cuts into pieces drawn at random. */

const TEXTS = ['', 'a', '"', '\\', '\\"', '[{', '}],:', 'é💥', 'line\nend', '\\\\"', 'NaN'];

/** Without a backslash alone: after such a key V8 13.6 takes `"\\""` for it wherever it expects it next (`JSON.parse`). */
const KEYS = ['a', 'b', 'items', ...TEXTS.filter((text) => !text.startsWith('\\'))];

function documentOf(draw: () => number, depth: number): unknown {
  const kind = Math.floor(draw() * (depth > 5 ? 4 : 7));
  const pick = <T>(list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
  if (kind === 0) return pick(TEXTS);
  if (kind === 1) return pick([0, -1.5e-7, 12345678901, true, false, null]);
  if (kind === 2) return pick([[], {}]);
  if (kind === 3) return pick(TEXTS);
  const children = Array.from({ length: Math.floor(draw() * 4) }, () => documentOf(draw, depth + 1));
  if (kind === 4) return children;
  return Object.fromEntries(children.map((child) => [pick(KEYS), child]));
}

function pieces(text: string, draw: () => number): Buffer[] {
  const bytes = Buffer.from(text);
  const made: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const to = at + 1 + Math.floor(draw() * 9);
    made.push(bytes.subarray(at, to));
    at = to;
  }
  return made;
}

type Told = { found: [string, unknown][]; failed: boolean; ended: boolean };

function toldBy(parser: JSONParser | JsonRecords, chunks: Buffer[]): Told {
  const told: Told = { found: [], failed: false, ended: false };
  parser.onValue = ({ value, key, stack }: Pick<ParsedElementInfo, 'value' | 'key' | 'stack'>) => {
    const at = [...stack.slice(1).map((step) => step.key), key].join('/');
    told.found.push([at, structuredClone(value)]);
  };
  parser.onError = () => {
    told.failed = true;
  };
  parser.onEnd = () => {
    told.ended = true;
  };
  try {
    for (const chunk of chunks) if (!told.failed) parser.write(Buffer.from(chunk));
  } catch {
    told.failed = true;
  }
  return told;
}

const PATHS = [
  ['$.*'],
  ['$.items.*'],
  ['$.a', '$.items.*'],
  ['$.*.*'],
  ['$.a', '$.b.items.*', '$.items'],
  ['$.a.b.items.*'],
];

test('what is cut out and parsed at once is what the parser of tokens hands out', () => {
  const random = seededRandom(1);
  const draw = (): number => random();
  let handed = 0;
  for (let i = 0; i < 800; i++) {
    const document =
      draw() < 0.5
        ? { a: documentOf(draw, 1), b: documentOf(draw, 1), items: [documentOf(draw, 2), documentOf(draw, 2)] }
        : [documentOf(draw, 1), documentOf(draw, 1)];
    const text = JSON.stringify(document, null, draw() < 0.5 ? 2 : 0);
    for (const paths of PATHS) {
      const chunks = pieces(text, draw);
      const expected = toldBy(new JSONParser({ paths, keepStack: false }), chunks);
      const actual = toldBy(new JsonRecords(paths, { file: 'f' }), chunks);
      assert.deepEqual(actual, expected, `${paths}: ${text}`);
      handed += actual.found.length;
    }
  }
  assert.ok(handed > 3000);
});

test('a document that is none is refused wherever it breaks, and one that is cut off has no end', () => {
  const random = seededRandom(2);
  const draw = (): number => random();
  const text = JSON.stringify({ a: { deep: [1, { x: 'y' }] }, items: [{ p: 'q"' }, [1, [2]], 'z'] });
  for (let at = 0; at < text.length; at++) {
    for (const paths of PATHS) {
      const cut = toldBy(new JsonRecords(paths, { file: 'f' }), pieces(text.slice(0, at), draw));
      assert.ok(cut.failed || !cut.ended);
      // A bracket, a comma or a letter where none belongs.
      for (const stray of ['}', ']', ',', 'x', ':']) {
        const broken = text.slice(0, at) + stray + text.slice(at);
        let sound = true;
        try {
          JSON.parse(broken);
        } catch {
          sound = false;
        }
        const told = toldBy(new JsonRecords(paths, { file: 'f' }), pieces(broken, draw));
        assert.equal(!told.failed && told.ended, sound, `${paths}: ${broken}`);
      }
    }
  }
});

test('what Python writes in place of a number comes out as an empty text, in and outside of records', () => {
  const text = '{"a": NaN, "items": [{"v": -Infinity, "t": "NaN"}, Infinity]}';
  const told = toldBy(new JsonRecords(['$.a', '$.items.*'], { file: 'f', python: true }), [Buffer.from(text)]);
  assert.deepEqual(told.found, [
    ['a', ''],
    ['items/0', { v: '', t: 'NaN' }],
    ['items/1', ''],
  ]);
});

test('what was handed out is not held for what is around it', () => {
  const text = '{"runs": [{"results": [{"a": [1]}, {"b": 2}, 3]}, {"results": []}, {"results": null}]}';
  const paths = ['$.runs.*.results', '$.runs.*.results.*'];
  assert.deepEqual(toldBy(new JsonRecords(paths, { file: 'f' }), pieces(text, seededRandom(3))).found, [
    ['runs/0/results/0', { a: [1] }],
    ['runs/0/results/1', { b: 2 }],
    ['runs/0/results/2', 3],
    ['runs/0/results', [undefined, undefined, 3]],
    ['runs/1/results', []],
    ['runs/2/results', null],
  ]);
});
