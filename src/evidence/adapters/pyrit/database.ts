import type { DatabaseSync } from 'node:sqlite';
import { ProbityError } from '../../../errors.ts';
import { withCopy } from '../../copy.ts';
import type { EvidenceFile, Head } from '../../file.ts';

// PyRIT keeps its memory in SQLite (pyrit/memory/sqlite_memory.py); from 1.0 on that is the only place where it is. What is
// asked of the database are whole tables in the order of their rows: no view, no virtual table and no computed column.

const MAGIC = 'SQLite format 3\u0000';
const MOST_ROWS = 500_000;
/** All text that is read, in bytes of UTF-16. */
const MOST_TEXT = 512 * 2 ** 20;

/** Columns that are used, of those tables that hold results. Versions differ in which they have. */
const TABLES = {
  AttackResultEntries: [
    'conversation_id',
    'objective',
    'outcome',
    'timestamp',
    'attack_identifier',
    'atomic_attack_identifier',
    'pyrit_version',
    'pruned_conversation_ids',
    'adversarial_chat_conversation_ids',
  ],
  PromptMemoryEntries: ['id', 'role', 'conversation_id', 'timestamp', 'response_error'],
  ScoreEntries: ['prompt_request_response_id', 'score_value', 'score_type', 'scorer_class_identifier'],
} as const;
type Table = keyof typeof TABLES;
type Row = Record<string, unknown>;

/** A row, and where it stands. */
export interface Found {
  row: Row;
  at: string;
}

/** Whether a file is an SQLite database, beyond its first bytes. */
export function isDatabase({ bytes }: Head): boolean {
  return bytes.length >= 512 && bytes.toString('latin1', 0, 16) === MAGIC;
}

/**
 * The attack results of a PyRIT memory, and its messages with their scores in the form of an export.
 * @throws ProbityError EVIDENCE_MALFORMED, EVIDENCE_TOO_LARGE; EVIDENCE_UNREADABLE where this Node has no SQLite
 */
export async function databaseRows(file: EvidenceFile): Promise<{ attacks: Found[]; messages: Found[] }> {
  const { bytes } = await file.head();
  // Reading and writing version: 2 is the write-ahead log, which lies in a file of its own.
  if (bytes[18] === 2 || bytes[19] === 2)
    throw new ProbityError('EVIDENCE_MALFORMED', 'an SQLite database whose newest rows may lie in a file beside it', {
      where: file.path,
      remedy: 'Put them into it: sqlite3 FILE "PRAGMA journal_mode=DELETE"',
    });
  const sqlite = await import('node:sqlite').catch((error: unknown) => {
    throw new ProbityError('EVIDENCE_UNREADABLE', 'an SQLite database, which needs Node 22.13 or later', {
      where: file.path,
      remedy: 'Hand in its table of results: sqlite3 -csv -header FILE "select * from AttackResultEntries"',
      cause: error,
    });
  });
  return withCopy(file, (copy) => {
    let database: DatabaseSync | undefined;
    try {
      database = new sqlite.DatabaseSync(copy, { readOnly: true, allowExtension: false });
      return memoryOf(database, file.path);
    } catch (error) {
      if (error instanceof ProbityError) throw error;
      throw new ProbityError('EVIDENCE_MALFORMED', 'not a whole SQLite database', {
        where: file.path,
        remedy: 'Copy it again while PyRIT does not run, or hand in its table of results as CSV',
        cause: error,
      });
    } finally {
      database?.close();
    }
  });
}

function memoryOf(database: DatabaseSync, path: string): { attacks: Found[]; messages: Found[] } {
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON;');
  const budget = { text: MOST_TEXT };
  const rows = (table: Table): Found[] | undefined => rowsOf(database, table, budget, path);
  const attacks = rows('AttackResultEntries');
  const pieces = rows('PromptMemoryEntries');
  if (attacks === undefined && pieces === undefined)
    throw new ProbityError('EVIDENCE_UNRECOGNISED', 'an SQLite database without the tables of PyRIT', {
      where: path,
      remedy: 'Hand in results of attacks as JSON or CSV, or as kind: ProbeResult',
    });
  const scores = new Map<unknown, Row[]>();
  for (const { row } of rows('ScoreEntries') ?? []) {
    const { prompt_request_response_id: id, scorer_class_identifier: scorer, ...rest } = row;
    const own = scores.get(id) ?? [];
    own.push({ ...rest, scorer_class_identifier: objectIn(scorer) });
    scores.set(id, own);
  }
  const messages = (pieces ?? []).map(({ row, at }) => ({ row: { ...row, scores: scores.get(row['id']) ?? [] }, at }));
  return { attacks: attacks ?? [], messages };
}

/** The wanted columns of a table, row by row; undefined where there is no such table. */
function rowsOf(database: DatabaseSync, table: Table, budget: { text: number }, path: string): Found[] | undefined {
  const fail = (message: string): never => {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where: `${path}#${table}` });
  };
  const known = database.prepare('SELECT type, sql FROM sqlite_schema WHERE name = ? LIMIT 2').all(table);
  if (known.length === 0) return undefined;
  if (known.length > 1 || known[0]?.['type'] !== 'table' || !/^\s*create\s+table\b/i.test(String(known[0]['sql'])))
    fail('no plain table, and nothing else is read');
  const columns = database.prepare(`PRAGMA table_xinfo("${table}")`).all();
  if (columns.some(({ hidden }) => hidden !== 0)) fail('a table with computed columns, which are not read');
  const names = new Set(columns.map(({ name }) => String(name)));
  const wanted = TABLES[table].filter((name) => names.has(name));
  if (wanted.length === 0) fail('a table without the columns of PyRIT');
  const found: Found[] = [];
  const select = `SELECT ${wanted.map((name) => `"${name}"`).join(', ')} FROM "${table}" NOT INDEXED`;
  for (const row of database.prepare(select).iterate()) {
    budget.text -= 64;
    for (const cell of Object.values(row)) if (typeof cell === 'string') budget.text -= 2 * cell.length;
    if (found.length === MOST_ROWS || budget.text < 0)
      throw new ProbityError(
        'EVIDENCE_TOO_LARGE',
        `a database with more than is read of it (${MOST_ROWS} rows a table)`,
        {
          where: `${path}#${table}`,
          remedy: 'Hand in its results in parts, as CSV',
        },
      );
    found.push({ row, at: `/${table}/${found.length}` });
  }
  return found;
}

/** What a column holds as JSON text, where that is an object. */
function objectIn(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > 1_000_000) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' ? parsed : undefined;
  } catch {
    return undefined;
  }
}
