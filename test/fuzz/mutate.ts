import { parseYaml, yamlText } from '../../src/files/yaml.ts';

/* Changes to real files, at the level of what they are made of: values of a tree, lines, bytes. */

export type Random = () => number;
type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

const below = (random: Random, n: number): number => Math.floor(random() * n);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;

const WORDS = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'prototype',
  'valueOf',
  '',
  ' ',
  '\u0000',
  '\u202e',
  '\u001b[31m',
  '\ud800',
  'ＮＵＬＬ',
  'null',
  'true',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '0x1f',
  '9'.repeat(400),
  '2026-02-30',
  '0000-00-00',
  '9999-12-31',
  '../../etc/passwd',
  '/proc/self/mem',
  '=1+1',
  '<script>',
  '{{x}}',
  '$x',
  '%s',
  '*',
  '&a',
  '*a',
  '!!js/function x',
  '<<',
  '- ',
  '? ',
  '"',
  "'",
  '`',
  '\\',
  '\n',
  '\r\n',
  '\t',
  'a'.repeat(3000),
  'membership-inference',
  'inversion',
  'probity/v1',
  'System',
  'ProbeResult',
  'Waiver',
];
const NUMBERS = [0, -0, 1, -1, 0.5, 1e-320, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1.5, 255, 65536];

function leaf(random: Random): Tree {
  const kind = below(random, 6);
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return pick(random, NUMBERS);
  if (kind === 3) return [];
  if (kind === 4) return {};
  return pick(random, WORDS);
}

/** A tree with one thing in it changed. */
function changed(tree: Tree, random: Random, depth = 0): Tree {
  const here = typeof tree !== 'object' || tree === null || depth > 30 || random() < 0.15;
  if (here) {
    const way = below(random, 6);
    if (way === 0) return leaf(random);
    if (way === 1) return [tree];
    if (way === 2) return { [pick(random, WORDS)]: tree };
    if (way === 3 && typeof tree === 'string')
      return tree.slice(0, below(random, tree.length + 1)) + pick(random, WORDS);
    if (way === 4 && typeof tree === 'number') return tree * pick(random, [-1, 0, 2, 1e9, 1.0000001]);
    if (way === 5) {
      let nested: Tree = tree;
      for (let i = 0; i < below(random, 260); i++) nested = [nested];
      return nested;
    }
    return leaf(random);
  }
  if (Array.isArray(tree)) {
    const copy = [...tree];
    const at = below(random, copy.length + 1);
    const way = below(random, 5);
    if (way === 0) copy.splice(at, 1);
    else if (way === 1) copy.splice(at, 0, leaf(random));
    else if (way === 2 && copy.length > 0)
      copy.splice(at, 0, ...Array.from({ length: below(random, 40) }, () => pick(random, copy)));
    else if (at < copy.length) copy[at] = changed(copy[at] as Tree, random, depth + 1);
    return copy;
  }
  const entries = Object.entries(tree);
  const at = below(random, entries.length + 1);
  const way = below(random, 6);
  const entry = entries[at];
  if (way === 0) entries.splice(at, 1);
  else if (way === 1) entries.splice(at, 0, [pick(random, WORDS), leaf(random)]);
  else if (way === 2 && entry) entries[at] = [pick(random, WORDS), entry[1]];
  else if (entry) entries[at] = [entry[0], changed(entry[1], random, depth + 1)];
  const copy: { [key: string]: Tree } = Object.create(null);
  for (const [key, value] of entries) copy[key] = value;
  return copy;
}

function asTree(text: string): Tree | undefined {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parseYaml(text, 'seed', 'USAGE').value;
    } catch {
      return undefined;
    }
  }
}

/** The trees of seeds, parsed once each. */
const trees = new WeakMap<Buffer, Tree | undefined>();

function changeTree(seed: Buffer, random: Random): Buffer | undefined {
  if (!trees.has(seed)) trees.set(seed, asTree(seed.toString('utf8')));
  let tree = trees.get(seed);
  if (tree === undefined) return undefined;
  for (let i = 0; i <= below(random, 3); i++) tree = changed(tree, random);
  try {
    return Buffer.from(random() < 0.7 ? JSON.stringify(tree) : yamlText(tree));
  } catch {
    return Buffer.from(JSON.stringify(tree));
  }
}

function changeLines(seed: Buffer, random: Random): Buffer {
  const lines = seed.toString('latin1').split('\n');
  for (let i = 0; i <= below(random, 3); i++) {
    const at = below(random, lines.length);
    const way = below(random, 5);
    if (way === 0) lines.splice(at, 1 + below(random, 5));
    else if (way === 1) lines.splice(at, 0, lines[below(random, lines.length)] ?? '');
    else if (way === 2) lines[at] = `${(lines[at] ?? '').slice(0, below(random, 80))}${pick(random, WORDS)}`;
    else if (way === 3) lines[at] = (lines[at] ?? '').replace(/\d+/, String(pick(random, NUMBERS)));
    else lines.splice(at, 0, ...Array.from({ length: below(random, 200) }, () => lines[at] ?? ''));
  }
  return Buffer.from(lines.join(random() < 0.1 ? '\r' : '\n'), 'latin1');
}

function changeBytes(seed: Buffer, other: Buffer, random: Random): Buffer {
  const copy = Buffer.from(seed);
  const way = below(random, 5);
  if (way === 0) return copy.subarray(0, below(random, copy.length + 1));
  if (way === 1)
    return Buffer.concat([
      copy.subarray(0, below(random, copy.length + 1)),
      other.subarray(below(random, other.length + 1)),
    ]);
  if (way === 2) {
    const at = below(random, copy.length + 1);
    return Buffer.concat([copy.subarray(0, at), Buffer.from(pick(random, WORDS)), copy.subarray(at)]);
  }
  for (let i = 0; i <= below(random, 8) && copy.length > 0; i++) copy[below(random, copy.length)] = below(random, 256);
  return copy;
}

/** A seed with a few changes. */
export function mutate(seed: Buffer, other: Buffer, random: Random): Buffer {
  const way = random();
  const tree = way < 0.55 ? changeTree(seed, random) : undefined;
  return tree ?? (way < 0.8 ? changeLines(seed, random) : changeBytes(seed, other, random));
}
