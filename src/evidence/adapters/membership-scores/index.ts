import { parse } from 'csv-parse/sync';
import { ProbityError } from '../../../errors.ts';
import { forbiddenKey } from '../../../yaml.ts';
import type { Adapter, AdapterContext, Reading } from '../../adapter.ts';
import { newReading } from '../../adapter.ts';
import type { EvidenceFile, Head } from '../../file.ts';
import { ScoreCollector, type ScoreRecord, undeclaredWarnings } from '../../scores.ts';

// Scores of one's own script, TensorFlow Privacy, ART or MIMIR: a table with one record a row, as CSV or JSON Lines.

const NAMES = {
  score: ['score', 'attack_score', 'membership_score', 'mia_score'],
  isMember: ['is_member', 'ismember', 'member', 'membership', 'in_training'],
  baselineScore: ['baseline_score', 'baseline'],
  recordId: ['record_id', 'record', 'id', 'sample_id'],
} as const;
type Field = keyof typeof NAMES;

function cells(line: string, path: string, number: number): string[] {
  if (!line.includes('"')) return line.split(',');
  try {
    return parse(line, { relax_column_count: true })[0] ?? [];
  } catch (error) {
    throw new ProbityError('EVIDENCE_MALFORMED', 'not a CSV row', { where: `${path}:${number}`, cause: error });
  }
}

/** Finds each field's column by its declared name, else by the usual ones. */
function locate(header: string[], declared: AdapterContext['declared'], path: string): Record<Field, number> {
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
  const columns = { score: find('score'), isMember: find('isMember'), baselineScore: find('baselineScore'), recordId: find('recordId') };
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

async function readCsv(file: EvidenceFile, context: AdapterContext, into: ScoreCollector): Promise<void> {
  let columns: Record<Field, number> | undefined;
  let width = 0;
  for await (const batch of file.lineBatches()) {
    for (let i = 0; i < batch.lines.length; i++) {
      const number = batch.first + i;
      const line = (batch.lines[i] as Buffer).toString('utf8');
      if (line.trim() === '') continue;
      const row = cells(line, file.path, number);
      if (!columns) {
        columns = locate(row, context.declared, file.path);
        width = row.length;
        continue;
      }
      if (row.length !== width)
        throw new ProbityError('EVIDENCE_MALFORMED', `the row has ${row.length} columns, the header ${width}`, { where: `${file.path}:${number}` });
      into.add(
        {
          score: row[columns.score] ?? '',
          isMember: row[columns.isMember] ?? '',
          baselineScore: columns.baselineScore === -1 ? undefined : row[columns.baselineScore],
          recordId: columns.recordId === -1 ? undefined : row[columns.recordId],
        },
        `:${number}`,
      );
    }
  }
}

async function readJsonLines(file: EvidenceFile, context: AdapterContext, into: ScoreCollector): Promise<void> {
  const pick = (object: object, field: Field): string | undefined => {
    const names = context.declared.columns?.[field] === undefined ? NAMES[field] : [context.declared.columns[field]];
    for (const name of names) {
      const value: unknown = Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
      if (value !== undefined && value !== null) return String(value);
    }
    return undefined;
  };
  for await (const batch of file.lineBatches()) {
    for (let i = 0; i < batch.lines.length; i++) {
      const number = batch.first + i;
      const text = (batch.lines[i] as Buffer).toString('utf8');
      if (text.trim() === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch (error) {
        throw new ProbityError('EVIDENCE_MALFORMED', 'not a complete JSON record', { where: `${file.path}:${number}`, cause: error });
      }
      if (typeof value !== 'object' || value === null || forbiddenKey(value, ''))
        throw new ProbityError('EVIDENCE_MALFORMED', 'not a record of a score', { where: `${file.path}:${number}` });
      const score = pick(value, 'score');
      const isMember = pick(value, 'isMember');
      if (score === undefined || isMember === undefined)
        throw new ProbityError('EVIDENCE_MALFORMED', `the record has no ${score === undefined ? 'score' : 'is_member'}`, { where: `${file.path}:${number}` });
      const record: ScoreRecord = { score, isMember, baselineScore: pick(value, 'baselineScore'), recordId: pick(value, 'recordId') };
      into.add(record, `:${number}`);
    }
  }
}

function firstLine(head: Head): string {
  return (
    head.text
      .slice(0, 4000)
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}

function isJsonLines(head: Head): boolean {
  const line = firstLine(head);
  return line.startsWith('{') && NAMES.score.some((name) => line.includes(`"${name}"`)) && NAMES.isMember.some((name) => line.includes(`"${name}"`));
}

export const adapter: Adapter = {
  format: 'membership-scores',
  title: 'membership scores, one record a row (CSV or JSON Lines)',
  recognise(head, declared): number {
    const mapped = [declared.columns?.score, declared.columns?.isMember].filter((name) => name !== undefined);
    if (mapped.length > 0 && mapped.every((name) => firstLine(head).includes(name))) return 0.95;
    if (isJsonLines(head)) return 0.9;
    const header = firstLine(head)
      .toLowerCase()
      .split(',')
      .map((name) => name.trim().replaceAll('"', ''));
    const has = (field: Field): boolean => NAMES[field].some((name) => header.includes(name));
    if (has('score') && has('isMember')) return 0.9;
    // A one-column table of scores is still best refused by the adapter that can say what it lacks.
    if (/\.(csv|tsv)$/.test(head.name) && /scores?|member|mia/.test(head.name)) return 0.3;
    return has('score') || has('isMember') ? 0.3 : 0;
  },
  async read(file, context): Promise<Reading> {
    const reading = newReading();
    const collector = new ScoreCollector(file.path, context.declared.higherMeansMember);
    if (isJsonLines(await file.head())) await readJsonLines(file, context, collector);
    else await readCsv(file, context, collector);
    reading.observations.push(collector.finish('membership scores', context.declared, 'all rows'));
    reading.warnings.push(...undeclaredWarnings(context.declared));
    if (context.declared.collected) reading.collected = context.declared.collected;
    return reading;
  },
};
