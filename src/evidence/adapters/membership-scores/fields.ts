import { ProbityError } from '../../../errors.ts';
import type { AdapterContext } from '../../adapter.ts';
import type { ScoreCells, ScoreSink } from '../../scores.ts';

/* Which column of a table of membership scores is what, whatever kind of file holds the table. */

export const NAMES = {
  score: ['score', 'attack_score', 'membership_score', 'mia_score'],
  isMember: ['is_member', 'ismember', 'member', 'membership', 'in_training'],
  baselineScore: ['baseline_score', 'baseline'],
  recordId: ['record_id', 'record', 'id', 'sample_id'],
  split: ['split'],
  group: ['group'],
  cluster: ['cluster', 'cluster_id', 'person_id'],
} as const;
export type Field = keyof typeof NAMES;
export const FIELDS = Object.keys(NAMES) as Field[];

/** Columns by field, -1 where the table has none. */
export type Columns = Record<Field, number>;

/** Finds each field's column by its declared name, else by the usual ones. */
export function locate(header: string[], declared: AdapterContext['declared'], path: string): Columns {
  const lower = header.map((name) => name.trim().toLowerCase());
  const find = (field: Field): number => {
    const named = declared.columns?.[field];
    if (named === undefined) return NAMES[field].map((name) => lower.indexOf(name)).find((index) => index !== -1) ?? -1;
    const index = header.findIndex((name) => name.trim() === named);
    if (index === -1)
      throw new ProbityError('EVIDENCE_MALFORMED', `there is no column "${named}"`, {
        where: `${path}:1`,
        remedy: 'Correct columns under sources in probity.yaml',
      });
    return index;
  };
  const columns = Object.fromEntries(FIELDS.map((field) => [field, find(field)])) as Columns;
  if (columns.score === -1 || columns.isMember === -1)
    throw new ProbityError(
      'EVIDENCE_MALFORMED',
      `no ${columns.score === -1 ? 'score' : 'is_member'} column among: ${header.slice(0, 12).join(', ').slice(0, 200)}`,
      {
        where: `${path}:1`,
        remedy: 'Name the columns under sources in probity.yaml',
      },
    );
  return columns;
}

/** Adds one record whose fields are still text. */
export function addRecord(
  cells: ScoreCells,
  into: ScoreSink,
  field: (name: Field) => string | undefined,
  place: string,
): void {
  const score = cells.score(field('score') ?? '', 'score', place);
  const member = cells.isMember(field('isMember') ?? '', place);
  const split = field('split');
  const baseline = field('baselineScore');
  into.add(
    score,
    member,
    split !== undefined && cells.isCalibration(split, place),
    baseline === undefined ? Number.NaN : cells.score(baseline, 'baseline score', place),
    field('group')?.trim() ?? '',
  );
  const id = field('recordId');
  if (id !== undefined) into.identify(Buffer.from(id), 0, Buffer.byteLength(id));
  const cluster = field('cluster');
  if (cluster !== undefined) into.cluster(Buffer.from(cluster), 0, Buffer.byteLength(cluster));
}
