import { type Assessment, assessmentDigest } from '../assess/assessment.ts';
import { ProbityError } from '../errors.ts';
import { type SheetCell, Spreadsheet } from '../files/spreadsheet.ts';
import { CLASS_TITLES } from '../report/words.ts';
import { ANSWER_COLUMNS, type Answers } from '../report/xlsx/sheets/answers.ts';
import { REQUEST_COLUMNS } from '../report/xlsx/sheets/requests.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import { visible } from '../visible.ts';
import { nearest } from '../wording.ts';
import { RESPONSE_LIMITS, type Response, type Responses } from '../workspace/responses.ts';
import { dayEntry, type Entry, statusEntry, textEntry } from './entries.ts';
import { importRequests } from './requests.ts';
import { cellName, type EntryProblem, findTable, type SheetTable, type TableRow } from './table.ts';

export interface ImportContext {
  /** Ids of every finding that the catalog could have. */
  known: ReadonlySet<string>;
  /** The newest assessment; without it nothing is known of what is open. */
  assessment?: Assessment;
  /** What was answered so far. */
  existing?: Responses;
  /** ISO date of the day on which this is done. */
  asOf: string;
}

export interface Imported {
  responses: Responses;
  /** Whether anything in it is new. */
  changed: boolean;
  problems: EntryProblem[];
  /** Ids of rows that hold an answer. */
  answered: string[];
  /** Of these, those that are no findings any more. */
  gone: string[];
}

/** The fields of an answer, flat as the workbook has them. */
type Flat = Partial<Record<keyof typeof ANSWER_COLUMNS, string>>;

/**
 * Reads the user's columns of a workbook back, by finding id, and brings them together with what was answered before. What
 * the user filled in counts, an empty cell erases only what stood there when the workbook was made, and answers to findings
 * that the workbook does not have stay.
 * @throws ProbityError RESPONSES_INVALID for what is no workbook of ours
 */
export function importResponses(bytes: Uint8Array, file: string, context: ImportContext): Imported {
  const book = openBook(bytes, file);
  const gaps = findTable(
    book,
    'Gaps',
    ['Id', ANSWER_COLUMNS.owner, ANSWER_COLUMNS.status],
    ['Control', 'Attack class', ...Object.values(ANSWER_COLUMNS)],
  );
  if (!gaps)
    throw new ProbityError(
      'RESPONSES_INVALID',
      `no sheet has the columns Id, ${ANSWER_COLUMNS.owner} and ${ANSWER_COLUMNS.status}`,
      { where: file, remedy: 'Name a report.xlsx of probity run, with the first row of its table as it was' },
    );
  const problems = headerProblems(gaps);
  const based = isBasis(book, context.assessment) ? context.assessment : undefined;
  const baseline = based && new Map(based.findings.map((finding) => [finding.id, flatten(finding)]));
  const rows = readRows(gaps, book.from1904, context, problems);
  const existing = context.existing?.responses ?? [];
  const existingRequests = context.existing?.requests ?? [];
  const merged = new Map(existing.map((one) => [one.finding, one]));
  const answered: string[] = [];
  for (const { id, flat } of rows) {
    const before = merged.get(id);
    const response = merge(id, flat, flatten(before), baseline?.get(id), baseline !== undefined);
    if (response === undefined) merged.delete(id);
    else merged.set(id, response);
    if (response !== undefined) answered.push(id);
  }
  const open = context.assessment && new Set(context.assessment.findings.map(({ id }) => id));
  const responses: Responses = {
    apiVersion: 'probity/v1',
    kind: 'Responses',
    responses: [...merged.values()],
    requests: importRequests(book, existingRequests, based, problems),
  };
  return {
    responses,
    changed: JSON.stringify([responses.responses, responses.requests]) !== JSON.stringify([existing, existingRequests]),
    problems,
    answered,
    gone: open ? answered.filter((id) => !open.has(id)) : [],
  };
}

/** Whether people filled anything in; a file that cannot be read may hold all of it. */
export function holdsAnswers(bytes: Uint8Array): boolean {
  try {
    const book = new Spreadsheet(bytes, 'the workbook');
    return USER_COLUMNS.some(([sheet, names]) => {
      const table = findTable(book, sheet, ['Id', ...names]);
      // What was restyled beyond recognition may hold anything.
      if (!table) return sheet === 'Gaps';
      const inputs = names.map((name) => table.columns.get(name.toLowerCase()) ?? 0);
      return table.rows.some(({ cells }) =>
        inputs.some((column) => {
          const value = cells.get(column)?.value;
          return value !== undefined && value !== '' && value !== 'open';
        }),
      );
    });
  } catch (error) {
    if (error instanceof ProbityError) return true;
    throw error;
  }
}

const USER_COLUMNS: readonly [sheet: string, names: string[]][] = [
  ['Gaps', Object.values(ANSWER_COLUMNS)],
  ['Evidence requests', Object.values(REQUEST_COLUMNS)],
];

function openBook(bytes: Uint8Array, file: string): Spreadsheet {
  try {
    return new Spreadsheet(bytes, file);
  } catch (error) {
    if (!(error instanceof ProbityError)) throw error;
    throw new ProbityError('RESPONSES_INVALID', `not a workbook that can be read: ${error.message}`, {
      where: file,
      remedy: 'Save it as .xlsx (Excel workbook)',
      cause: error,
    });
  }
}

function headerProblems({ sheet, headerRow, columns, twice }: SheetTable): EntryProblem[] {
  return [
    ...Object.values(ANSWER_COLUMNS)
      .filter((name) => !columns.has(name.toLowerCase()))
      .map((name) => ({
        cell: cellName(sheet, 1, headerRow),
        message: `the column ${name} is missing from this row; name it again as it was`,
      })),
    ...twice.map((name) => ({
      cell: cellName(sheet, 1, headerRow),
      message: `two columns of this row are named ${visible(name).slice(0, 60)}`,
    })),
  ];
}

/** Whether a workbook was made from this assessment. */
function isBasis(book: Spreadsheet, assessment: Assessment | undefined): boolean {
  const about = assessment && findTable(book, 'About', ['Subject', 'Value']);
  if (!assessment || !about) return false;
  const [subject = 0, value = 0] = ['subject', 'value'].map((name) => about.columns.get(name));
  const digest = about.rows.find(({ cells }) => cells.get(subject)?.value === 'Assessment, SHA-256')?.cells.get(value);
  return digest?.value === assessmentDigest(assessment);
}

function flatten(answers: Answers | undefined): Flat {
  if (!answers) return {};
  const { owner, due, status, response, acceptance } = answers;
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(due === undefined ? {} : { due }),
    ...(status === undefined ? {} : { status }),
    ...(response === undefined ? {} : { response }),
    ...(acceptance ? { reason: acceptance.reason, approver: acceptance.approver, expires: acceptance.expires } : {}),
  };
}

interface ReadRow {
  id: string;
  flat: Flat;
}

function readRows(table: SheetTable, from1904: boolean, context: ImportContext, problems: EntryProblem[]): ReadRow[] {
  const rows: ReadRow[] = [];
  const seen = new Map<string, number>();
  for (const row of table.rows) {
    const reading = new RowReading(table, row, problems);
    const flat = reading.answers(from1904, context.asOf);
    const idCell = reading.cell('Id');
    const id = typeof idCell?.value === 'string' && !idCell.formula ? idCell.value.trim() : '';
    const empty = Object.keys(flat).every((name) => name === 'status' && flat.status === 'open') && !reading.failed;
    if (id === '' || id === 'none') {
      if (!empty) reading.complain('Id', 'the row is filled in and has no id; an answer belongs to a finding');
      continue;
    }
    if (!context.known.has(id)) {
      const guess = nearest(id, [...context.known]);
      reading.complain(
        'Id',
        `there is no finding ${visible(id).slice(0, 80)}${guess === undefined ? '' : `; did you mean ${guess}?`}`,
      );
      continue;
    }
    const first = seen.get(id);
    if (first !== undefined) {
      reading.complain('Id', `the finding ${id} is in row ${first} already`);
      continue;
    }
    seen.set(id, row.row);
    if (reading.movedFrom(id)) continue;
    rows.push({ id, flat });
  }
  return rows;
}

/** One row, with what is wrong in it. */
class RowReading {
  failed = false;
  #table: SheetTable;
  #row: TableRow;
  #problems: EntryProblem[];

  constructor(table: SheetTable, row: TableRow, problems: EntryProblem[]) {
    this.#table = table;
    this.#row = row;
    this.#problems = problems;
  }

  cell(column: string): SheetCell | undefined {
    const at = this.#table.columns.get(column.toLowerCase());
    return at === undefined ? undefined : this.#row.cells.get(at);
  }

  complain(column: string, message: string): void {
    this.failed = true;
    const at = this.#table.columns.get(column.toLowerCase()) ?? 1;
    this.#problems.push({ cell: cellName(this.#table.sheet, at, this.#row.row), message });
  }

  #take<T>(column: string, read: (cell: SheetCell | undefined) => Entry<T>): T | undefined {
    const { value, wrong } = read(this.cell(column));
    if (wrong !== undefined) this.complain(column, wrong);
    return value;
  }

  answers(from1904: boolean, asOf: string): Flat {
    const text = (column: string, most: number) => this.#take(column, (cell) => textEntry(cell, most));
    const date = (column: string) => this.#take(column, (cell) => dayEntry(cell, from1904));
    const before = this.#problems.length;
    const flat: Record<keyof typeof ANSWER_COLUMNS, string | undefined> = {
      owner: text(ANSWER_COLUMNS.owner, RESPONSE_LIMITS.name),
      due: date(ANSWER_COLUMNS.due),
      status: this.#take(ANSWER_COLUMNS.status, statusEntry),
      response: text(ANSWER_COLUMNS.response, RESPONSE_LIMITS.text),
      reason: text(ANSWER_COLUMNS.reason, RESPONSE_LIMITS.reason),
      approver: text(ANSWER_COLUMNS.approver, RESPONSE_LIMITS.name),
      expires: date(ANSWER_COLUMNS.expires),
    };
    if (this.#problems.length === before) this.#judgeAcceptance(flat, asOf);
    return Object.fromEntries(Object.entries(flat).filter(([, value]) => value !== undefined));
  }

  /** An acceptance is whole, or it is none. */
  #judgeAcceptance({ status, reason, approver, expires }: Flat, asOf: string): void {
    const parts = { reason, approver, expires };
    const missing = (['reason', 'approver', 'expires'] as const).filter((part) => parts[part] === undefined);
    if (missing.length === 3) {
      if (status === 'risk accepted')
        this.complain(
          ANSWER_COLUMNS.status,
          `says "risk accepted", and ${ANSWER_COLUMNS.reason}, ${ANSWER_COLUMNS.approver} and ${ANSWER_COLUMNS.expires} are empty`,
        );
      return;
    }
    for (const part of missing)
      this.complain(
        ANSWER_COLUMNS[part],
        'is empty; an acceptance needs a reason, who approved it and the day on which it ends',
      );
    if (expires !== undefined && expires < asOf)
      this.complain(ANSWER_COLUMNS.expires, `the acceptance ended on ${expires}, before ${asOf}`);
  }

  /** Whether the row's own words are those of another finding, as after sorting one column without the others. */
  movedFrom(id: string): boolean {
    const attackClass = ATTACK_CLASSES.find((one) => id.endsWith(`.${one}`));
    const wanted: [column: string, text: string][] = [
      ['Control', attackClass === undefined ? id : id.slice(0, -attackClass.length - 1)],
      ['Attack class', attackClass === undefined ? '' : CLASS_TITLES[attackClass]],
    ];
    for (const [column, text] of wanted) {
      const there = this.cell(column)?.value;
      if (there === undefined || there === text) continue;
      this.complain(
        'Id',
        `the id is ${id}, and ${column} in the same row says "${visible(String(there)).slice(0, 60)}"; sort all columns together`,
      );
      return true;
    }
    return false;
  }
}

/** One answer out of what the cells say, what was known, and what stood in the workbook at first. */
function merge(
  id: string,
  now: Flat,
  before: Flat,
  baseline: Flat | undefined,
  isBased: boolean,
): Response | undefined {
  const merged: Flat = {};
  for (const field of Object.keys(ANSWER_COLUMNS) as (keyof typeof ANSWER_COLUMNS)[]) {
    const stood = field === 'status' ? (baseline?.status ?? 'open') : baseline?.[field];
    const untouched = isBased && now[field] === stood;
    const erased = now[field] === undefined && isBased && stood !== undefined;
    const value = untouched || (now[field] === undefined && !erased) ? before[field] : now[field];
    if (value !== undefined) merged[field] = value;
  }
  const { owner, due, response, reason, approver, expires } = merged;
  const status = statusEntry({ ...BLANK, value: merged.status }).value;
  const acceptance =
    reason !== undefined && approver !== undefined && expires !== undefined ? { reason, approver, expires } : undefined;
  const said = owner ?? due ?? response ?? acceptance ?? (status === 'open' ? undefined : status);
  if (said === undefined && before.status === undefined) return undefined;
  return {
    finding: id,
    ...(owner === undefined ? {} : { owner }),
    ...(due === undefined ? {} : { due }),
    ...(status === undefined ? {} : { status }),
    ...(response === undefined ? {} : { response }),
    ...(acceptance ? { acceptance } : {}),
  };
}

const BLANK: SheetCell = {
  row: 0,
  column: 0,
  value: undefined,
  error: false,
  isoDate: false,
  formula: false,
  rich: false,
  style: 0,
};
