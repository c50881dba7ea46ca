import { zipSync } from 'fflate';
import { normal, seededRandom } from '../../../src/statistics/random.ts';
import { type Fields, TESTED, type Workspace } from './system.ts';

/* Score files of given shape, the same to the last digit on every machine. */

/** So many members, and as many non-members, unless a case says otherwise: enough at moderate for a private system. */
export const RECORDS = 5000;

/** Scores that know nothing: standard normal. */
export function noise(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => normal(random));
}

/** Scores of members of whom a share stands out beyond everybody else, by `by` standard deviations. */
export function recognised(count: number, share: number, seed: number, by = 12): number[] {
  return noise(count, seed).map((score, i) => (i < Math.round(count * share) ? score + by : score));
}

/** All scores moved by the same amount. */
export const moved = (scores: readonly number[], by: number): number[] => scores.map((score) => score + by);

/** The same scores with the sign turned round. */
export const turned = (scores: readonly number[]): number[] => scores.map((score) => -score);

/** The same score for everybody. */
export const constant = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

/** Scores rounded to a step, as an interface that gives few levels does. */
export const coarse = (scores: readonly number[], step: number): number[] =>
  scores.map((score) => Math.round(score / step) * step);

interface Pair {
  members: readonly number[];
  nonMembers: readonly number[];
}

export interface ScoreTable extends Pair {
  baseline?: Pair;
  /** Identifier of the n-th record, members first; none when undefined. */
  id?: ((index: number) => string) | undefined;
  cluster?: (index: number) => string;
  group?: (index: number) => string;
  split?: (index: number) => string;
}

/** A private model's scores with a baseline that cannot tell members apart. */
export function privateTable(count = RECORDS, seed = 1): ScoreTable {
  return {
    members: noise(count, seed),
    nonMembers: noise(count, seed + 1000),
    baseline: { members: noise(count, seed + 2700), nonMembers: noise(count, seed + 3700) },
    id: (index) => `r${index}`,
  };
}

/** One record a row, as most scripts write it. */
export function scoreCsv(table: ScoreTable): string {
  const { members, nonMembers, baseline } = table;
  const further = (['id', 'cluster', 'group', 'split'] as const).filter((name) => table[name] !== undefined);
  const names = { id: 'record_id', cluster: 'cluster', group: 'group', split: 'split' };
  const header = ['score', 'is_member', ...(baseline ? ['baseline_score'] : []), ...further.map((name) => names[name])];
  const rows = [...members, ...nonMembers].map((score, index) => {
    const member = index < members.length;
    const beside = member ? baseline?.members[index] : baseline?.nonMembers[index - members.length];
    return [
      score.toPrecision(9),
      member ? 1 : 0,
      ...(beside === undefined ? [] : [beside.toPrecision(9)]),
      ...further.map((name) => table[name]?.(index)),
    ].join(',');
  });
  return `${header.join(',')}\n${rows.join('\n')}\n`;
}

/** Scores and memberships as ML Privacy Meter saves them with numpy.savez. */
export function npz({ members, nonMembers }: Pair): Uint8Array {
  return zipSync({
    'scores.npy': npy('<f8', Buffer.from(Float64Array.from([...members, ...nonMembers]).buffer)),
    'memberships.npy': npy('|b1', Buffer.from([...members.map(() => 1), ...nonMembers.map(() => 0)])),
  });
}

function npy(type: '<f8' | '|b1', body: Buffer): Uint8Array {
  const count = body.length / (type === '<f8' ? 8 : 1);
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${count},), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), body]);
}

/** The same as JSON Lines. */
export function scoreLines({ members, nonMembers }: Pair): string {
  const line = (label: number) => (score: number, i: number) =>
    JSON.stringify({ record_id: `${label}-${i}`, score, is_member: label });
  return `${[...members.map(line(1)), ...nonMembers.map(line(0))].join('\n')}\n`;
}

/** A workspace with one score file of another form than a table, its records drawn at random. */
export function scoredIn(name: string, content: string | Uint8Array, source: Fields = {}): Workspace {
  return {
    system: { sources: [scoreSource({ match: name, duplicates: 'removed', assignment: DRAWN_AT_RANDOM, ...source })] },
    files: { [name]: content },
  };
}

/** The same attack on an over-fitted twin of the model, as counts: it finds two members in five. */
export const FOUND_ON_TWIN = {
  falsePositiveLimit: 0.001,
  truePositives: 412,
  members: 1000,
  falsePositives: 1,
  nonMembers: 1000,
  how: 'the same attack on a twin that was trained until it knew its records by heart',
};

export const DRAWN_AT_RANDOM = {
  random: true,
  by: 'A. Marsh, data engineering',
  how: 'seeded shuffle of the register before training',
};

/** What probity.yaml says of a score file. A field set to undefined is left out. */
export function scoreSource(fields: Fields = {}): Fields {
  return {
    match: 'evidence/scores.csv',
    technique: 'likelihood-ratio',
    surface: 'model-api',
    collected: TESTED,
    probe: 'likelihood ratio with 16 reference models',
    target: 'helper',
    positiveControl: FOUND_ON_TWIN,
    ...fields,
  };
}

/** A workspace with one score file. */
export function scored(
  table: Partial<ScoreTable> = {},
  source: Fields = {},
  system: Fields = {},
  name = 'evidence/scores.csv',
): Workspace {
  return {
    system: { ...system, sources: [scoreSource({ match: name, ...source })] },
    files: { [name]: scoreCsv({ ...privateTable(), ...table }) },
  };
}
