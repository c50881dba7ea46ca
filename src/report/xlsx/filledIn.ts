import type { Assessment } from '../../assess/assessment.ts';
import { ProbityError } from '../../errors.ts';
import { placeOf, type SheetCell, type SheetEntry, type SheetFacts, Spreadsheet } from '../../files/spreadsheet.ts';
import {
  columnLetters,
  FONT,
  headerRowOf,
  type Look,
  type Paint,
  type PlannedCell,
  type PlannedRow,
  paintFormula,
  TABLE_STYLE,
} from '../../files/workbook.ts';
import { visible } from '../../visible.ts';
import { type ReportSheet, workbookPlan } from './plan.ts';

/*
 * Whether a workbook that somebody saved is the one that was made, but for what the user fills in. What may be different is
 * a closed list; whatever is not on it is a change:
 *
 * - the values and looks of the user's columns (no formulas; a link only to the address that is written in the cell);
 * - the order of the rows of a sheet that has such columns;
 * - widths of columns and heights of rows down to half of what they were (of rows that can be sorted: down to one line),
 *   whether parts are frozen, what is selected, protection, page set-up;
 * - which program packed it: names of parts, tables of styles and texts, properties, theme, settings of printers;
 * - paint that is gone.
 */

/** Points that a line needs. */
const LOWEST_ROW = 11;

/** Characters that are enough for any column. */
const WIDE_ENOUGH = 12;

/** So many changes are named. */
const MOST_NAMED = 5;

const BOOK_ELEMENTS = new Set([
  'fileVersion',
  'fileSharing',
  'fileRecoveryPr',
  'workbookPr',
  'workbookProtection',
  'bookViews',
  'sheets',
  'definedNames',
  'calcPr',
  'extLst',
  'http://schemas.openxmlformats.org/markup-compatibility/2006 AlternateContent',
  'http://schemas.microsoft.com/office/spreadsheetml/2014/revision revisionPtr',
]);

const SHEET_ELEMENTS = new Set([
  'sheetPr',
  'dimension',
  'sheetViews',
  'sheetFormatPr',
  'cols',
  'sheetData',
  'sheetProtection',
  'autoFilter',
  'sortState',
  'phoneticPr',
  'conditionalFormatting',
  'dataValidations',
  'hyperlinks',
  'printOptions',
  'pageMargins',
  'pageSetup',
  'headerFooter',
  'rowBreaks',
  'colBreaks',
  'ignoredErrors',
  'tableParts',
]);

/** Kinds of relationships, by where they begin. */
const ROOT_TARGETS = new Set([
  'officeDocument',
  'core-properties',
  'extended-properties',
  'custom-properties',
  'classificationlabels',
]);
const BOOK_TARGETS = new Set(['worksheet', 'sharedStrings', 'styles', 'theme', 'person']);
const SHEET_TARGETS = new Set(['table', 'hyperlink', 'printerSettings']);

/** Of these there is one. */
const SINGLE = new Set(['officeDocument', 'sharedStrings', 'styles', 'theme']);
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
/** What parts have to be said to be, by the kind of relationship that leads to them. */
const PART_TYPES = new Map([
  ['officeDocument', `${SHEET_TYPE}.sheet.main+xml`],
  ['worksheet', `${SHEET_TYPE}.worksheet+xml`],
  ['sharedStrings', `${SHEET_TYPE}.sharedStrings+xml`],
  ['styles', `${SHEET_TYPE}.styles+xml`],
  ['table', `${SHEET_TYPE}.table+xml`],
]);

/** Whether the declaration of an XML text names no other encoding than the one it is read by. */
function isUtf8(content: Uint8Array): boolean {
  const head = Buffer.from(content.subarray(0, 200)).toString('utf8');
  const stated = /^\ufeff?\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1];
  return stated === undefined ? !head.includes('\u0000') : stated.toLowerCase() === 'utf-8';
}
const NAMES = /^_xlnm\.(?:Print_Titles|_FilterDatabase)$/;
const PLAIN_REFERENCE = /^(?:'(?:[^'[\]]|'')+'|[^'[\]!(),]+)!\$[A-Z0-9$:]+$/;

/**
 * What of a workbook is otherwise than an assessment makes it, the user's columns left aside: a sentence each, at most a few.
 * None means that the user's columns were filled in and nothing else was changed.
 * @param signing the sentence about the signature that stood in it
 */
export function foreignChanges(bytes: Uint8Array, assessment: Assessment, signing: string): string[] {
  try {
    const book = new Spreadsheet(bytes, 'the workbook');
    const plan = workbookPlan(assessment, signing);
    const changes = new Changes();
    checkPackage(book, changes);
    const names = book.sheets.map(({ name }) => name);
    const wanted = plan.sheets.map(({ name }) => name);
    if (names.length !== wanted.length || names.some((name, index) => name !== wanted[index]))
      changes.say(`its sheets are ${names.map((name) => `"${visible(name).slice(0, 40)}"`).join(', ')}`);
    else
      plan.sheets.forEach((sheet, index) => {
        if (!changes.full) new SheetCheck(book, book.sheets[index] as SheetEntry, sheet, changes).run();
      });
    if (book.strict) changes.say('it is written in another dialect');
    return changes.said;
  } catch (error) {
    if (!(error instanceof ProbityError)) throw error;
    return [`it cannot be read: ${error.message}`];
  }
}

class Changes {
  readonly said: string[] = [];

  get full(): boolean {
    return this.said.length >= MOST_NAMED;
  }

  say(change: string): void {
    if (!this.full && !this.said.includes(change)) this.said.push(change);
  }
}

/** The parts and names of the workbook: each is reached by a relationship of a kind that every workbook has. */
function checkPackage(book: Spreadsheet, changes: Changes): void {
  const reached = new Set(['[Content_Types].xml']);
  const reach = (from: string, kinds: ReadonlySet<string>): void => {
    const at = from.lastIndexOf('/') + 1;
    reached.add(`${from.slice(0, at)}_rels/${from.slice(at)}.rels`);
    const ids = new Set<string>();
    const types = new Set<string>();
    for (const { id, type, part, external, target } of book.targetsOf(from)) {
      if (ids.has(id) || (SINGLE.has(type) && types.has(type))) changes.say('it refers to something twice');
      ids.add(id);
      types.add(type);
      const wanted = PART_TYPES.get(type);
      if (!kinds.has(type)) changes.say(`it holds a ${visible(type).slice(0, 40)} that was not there`);
      else if (external && type !== 'hyperlink') changes.say(`it leads to ${visible(target).slice(0, 60)}`);
      else if (wanted !== undefined && book.package.contentType(part) !== wanted)
        changes.say(`${visible(part).slice(0, 60)} is said to be something else`);
      reached.add(part);
    }
  };
  reach('', ROOT_TARGETS);
  reach(book.bookPart, BOOK_TARGETS);
  for (const { part } of book.sheets) reach(part, SHEET_TARGETS);
  for (const part of book.package.parts.keys())
    if (!reached.has(part)) changes.say(`it holds the part ${visible(part).slice(0, 60)}, which was not there`);
  for (const [part, content] of book.package.parts)
    if (/\.(?:xml|rels)$/i.test(part) && !isUtf8(content)) changes.say(`${visible(part).slice(0, 60)} is no UTF-8`);
  for (const element of book.elements)
    if (!BOOK_ELEMENTS.has(element)) changes.say(`it holds ${visible(element).slice(0, 80)}, which was not there`);
  if (book.hiddenWindow) changes.say('its window is hidden');
  if (book.ownTableStyles) changes.say('it defines a look of tables');
  for (const { name, refersTo } of book.definedNames)
    if (!NAMES.test(name) || !PLAIN_REFERENCE.test(refersTo))
      changes.say(`it defines the name ${visible(name).slice(0, 40)}`);
  for (const { name, visible: shown } of book.sheets)
    if (!shown) changes.say(`the sheet ${visible(name).slice(0, 40)} is hidden`);
}

/** Whether two number formats are one; some programs escape what needs no escape. */
function plainFormat(format: string): string {
  return format.replaceAll('\\-', '-');
}

/** What of a header or footer is text. */
function printedText(code: string): string {
  return code
    .replace(/&"[^"]*"/g, '')
    .replace(/&K[0-9A-Fa-f]{6}/g, '')
    .replace(/&\d+/g, '')
    .replace(/&[LCRPNBIUSEXY]/g, '')
    .replaceAll('&&', '&')
    .replace(/\s+/g, '');
}

class SheetCheck {
  #book: Spreadsheet;
  #entry: SheetEntry;
  #plan: ReportSheet;
  #changes: Changes;
  #headerRow: number;
  #inputs: ReadonlySet<number>;
  #heights: ReadonlyMap<number, number> = new Map();
  /** Where each cell of this sheet may lead, by `A1` reference of the saved sheet. */
  #links = new Map<string, string>();
  #texts = new Map<string, string>();

  constructor(book: Spreadsheet, entry: SheetEntry, plan: ReportSheet, changes: Changes) {
    this.#book = book;
    this.#entry = entry;
    this.#plan = plan;
    this.#changes = changes;
    this.#headerRow = headerRowOf(plan);
    this.#inputs = new Set(plan.inputs);
  }

  #say(change: string): void {
    this.#changes.say(`sheet ${this.#plan.name}: ${change}`);
  }

  run(): void {
    const rows = new Map<number, SheetCell[]>();
    const facts = this.#book.read(this.#entry, (cell) => {
      if (cell.value === undefined && !cell.formula) return;
      const row = rows.get(cell.row);
      if (row) row.push(cell);
      else rows.set(cell.row, [cell]);
    });
    this.#heights = facts.heights;
    const last = this.#checkRows(rows);
    this.#checkFacts(facts, last);
    this.#checkLinks(facts);
  }

  /** Every cell of the plan is there and looks as planned, and no other is; returns the last row. */
  #checkRows(rows: Map<number, SheetCell[]>): number {
    const { intro, columns, header } = this.#plan;
    intro.forEach((cell, index) => {
      this.#checkRow({ cells: [cell] }, index + 1, rows.get(index + 1));
      rows.delete(index + 1);
    });
    const titles = columns.map(({ name }): PlannedCell => ({ value: name, look: header }));
    this.#checkRow({ cells: titles }, this.#headerRow, rows.get(this.#headerRow), false);
    rows.delete(this.#headerRow);
    const byId = this.#inputs.size > 0 ? this.#rowsById(rows) : undefined;
    let next = this.#headerRow;
    for (const planned of this.#plan.rows) {
      next++;
      const at = byId ? byId.get(String(planned.cells[0]?.value)) : next;
      if (at === undefined) this.#say(`the row of ${visible(String(planned.cells[0]?.value)).slice(0, 80)} is missing`);
      else {
        this.#checkRow(planned, at, rows.get(at));
        rows.delete(at);
      }
      if (this.#changes.full) return next;
    }
    for (const [row, [cell]] of rows)
      if (cell) this.#say(`${columnLetters(cell.column)}${row} holds something that was not there`);
    return next;
  }

  /** Rows of the table by what stands in their first cell, wherever they were sorted to. */
  #rowsById(rows: ReadonlyMap<number, SheetCell[]>): Map<string, number> {
    const ids = new Map<string, number>();
    for (const [row, cells] of rows) {
      const id = cells.find(({ column }) => column === 1)?.value;
      if (row > this.#headerRow && id !== undefined && !ids.has(String(id))) ids.set(String(id), row);
    }
    return ids;
  }

  #checkRow({ cells, height }: PlannedRow, row: number, there: readonly SheetCell[] = [], inputs = true): void {
    // Programs that sort rows leave their heights where they were.
    const least = this.#inputs.size > 0 || height === undefined ? LOWEST_ROW : Math.max(LOWEST_ROW, height / 2);
    if ((this.#heights.get(row) ?? least) < least) this.#say(`row ${row} is too low to be read`);
    const byColumn = new Map(there.map((cell) => [cell.column, cell]));
    cells.forEach((planned, index) => {
      const cell = byColumn.get(index + 1);
      byColumn.delete(index + 1);
      const reference = `${columnLetters(index + 1)}${row}`;
      if (inputs && this.#inputs.has(index) && row > this.#headerRow) {
        if (cell?.formula) this.#say(`${reference} holds a formula`);
        if (cell?.error) this.#say(`${reference} holds an error`);
        if (typeof cell?.value === 'string') this.#texts.set(reference, cell.value);
        return;
      }
      this.#checkCell(planned, reference, cell);
      if (planned.link) this.#links.set(reference, `${planned.link.sheet}!A${planned.link.row}`);
    });
    for (const [column] of byColumn) this.#say(`${columnLetters(column)}${row} holds something that was not there`);
  }

  #checkCell({ value, look }: PlannedCell, reference: string, cell: SheetCell | undefined): void {
    const wrong = cell?.formula
      ? 'holds a formula'
      : cell?.rich
        ? 'looks otherwise in part'
        : !sameValue(value, cell)
          ? 'was changed'
          : cell && value !== null && value !== ''
            ? this.#lookOf(cell, look, typeof value === 'number')
            : undefined;
    if (wrong !== undefined) this.#say(`${reference} ${wrong}`);
  }

  #lookOf({ style: number }: SheetCell, look: Look, isNumber: boolean): string | undefined {
    const style = this.#book.style(number);
    if (style.unresolved || style.font.color !== look.color || style.fill !== look.fill)
      return 'has other colours than it had';
    if (style.font.name !== FONT || style.font.size !== look.size || style.font.odd) return 'has another font';
    if (look.wrap && !style.wrapped) return 'is not broken into lines any more';
    if (style.displaced) return 'is turned, shrunk or moved aside';
    const format = plainFormat(style.format);
    const wanted = look.format ?? 'General';
    return format === wanted || (!isNumber && (format === 'General' || format === '@'))
      ? undefined
      : 'is written in another format';
  }

  #checkFacts(facts: SheetFacts, last: number): void {
    for (const element of facts.elements)
      if (!SHEET_ELEMENTS.has(element)) this.#say(`it holds ${visible(element).slice(0, 80)}, which was not there`);
    if (facts.disordered) this.#say('its cells are not in their order');
    if (facts.hiddenRows.some((row) => row <= last)) this.#say('rows are hidden; clear the filter, and save again');
    if (isSet(facts.format.get('zeroHeight')) || Number(facts.format.get('defaultRowHeight') ?? 15) < LOWEST_ROW)
      this.#say('rows are hidden');
    if (isOff(facts.view.get('showZeros')) || isSet(facts.view.get('showFormulas'))) this.#say('values are not shown');
    this.#checkWidths(facts);
    this.#checkPaints(facts);
    for (const { area } of facts.validations)
      if (!rangesOf(area).every(({ from, to }) => this.#areInputs(from.column, to.column)))
        this.#say('a list of choices lies over cells that are not the user’s');
    for (const [name, text] of facts.printed) {
      const wanted = name === 'oddFooter' ? printedText(`&L${this.#plan.footer.replaceAll('&', '&&')}of`) : '';
      if (text.trim() !== '' && printedText(text) !== wanted) this.#say('its printed header or footer was changed');
    }
    this.#checkTables(facts, last);
  }

  #areInputs(from: number, to: number): boolean {
    for (let column = from; column <= to; column++) if (!this.#inputs.has(column - 1)) return false;
    return true;
  }

  #checkWidths({ columns, format }: SheetFacts): void {
    const usual = Number(format.get('defaultColWidth') ?? 8.43);
    this.#plan.columns.forEach(({ width }, index) => {
      const stated = columns.filter(({ min, max }) => min <= index + 1 && index + 1 <= max);
      const widths = stated.length > 0 ? stated.map((one) => one.width ?? usual) : [usual];
      if (stated.some(({ hidden }) => hidden) || !widths.every((one) => one >= Math.min(width / 2, WIDE_ENOUGH)))
        this.#say(`the column ${columnLetters(index + 1)} is hidden or too narrow`);
    });
  }

  #checkPaints({ paints }: SheetFacts): void {
    for (const { area, type, formulas, dxf } of paints) {
      const ranges = rangesOf(area);
      const column = ranges[0]?.from.column ?? 0;
      const first = Math.min(...ranges.map(({ from }) => from.row));
      const wanted = (this.#plan.columns[column - 1]?.paints ?? []).find(
        (paint) => formulas.length === 1 && formulas[0] === paintFormula(columnLetters(column), first, paint.word),
      );
      const inside = ranges.every(
        ({ from, to }) => from.column === column && to.column === column && from.row > this.#headerRow,
      );
      const anchored = ranges[0]?.from.row === first;
      if (type !== 'expression' || !wanted || !inside || !anchored || !this.#isPaint(dxf, wanted))
        this.#say('cells are painted by a rule that was not there');
    }
  }

  #isPaint(dxf: number | undefined, paint: Paint): boolean {
    const there = dxf === undefined ? undefined : this.#book.paints[dxf];
    return there?.plain === true && there.color === paint.color && there.fill === paint.fill;
  }

  #checkTables({ tables }: SheetFacts, last: number): void {
    if (tables.length > 1) this.#say('it holds a table that was not there');
    const targets = new Map(this.#book.targetsOf(this.#entry.part).map(({ id, part }) => [id, part]));
    for (const id of tables) {
      const { area, columns, style, plain } = this.#book.table(targets.get(id) ?? '');
      const wanted = `A${this.#headerRow}:${columnLetters(this.#plan.columns.length)}${last}`;
      const same =
        plain &&
        area === wanted &&
        columns.length === this.#plan.columns.length &&
        columns.every((name, index) => name === this.#plan.columns[index]?.name) &&
        (style === undefined || style === TABLE_STYLE);
      if (!same) this.#say('its table was changed');
    }
  }

  /** A link leads where it led; one that was made by writing an address leads to that address. */
  #checkLinks({ hyperlinks }: SheetFacts): void {
    const targets = new Map(this.#book.targetsOf(this.#entry.part).map(({ id, target }) => [id, target]));
    for (const { ref, location, id } of hyperlinks) {
      const target = id === undefined ? undefined : (targets.get(id) ?? '');
      const leads = (location ?? (target?.startsWith('#') ? target.slice(1) : undefined))?.replaceAll("'", '');
      const wanted = this.#links.get(ref)?.replaceAll("'", '');
      if (leads !== undefined && leads === wanted && (target === undefined || target.startsWith('#'))) continue;
      const text = this.#texts.get(ref);
      if (leads === undefined && text !== undefined && target === `mailto:${text.trim()}`) continue;
      this.#say(`${visible(ref).slice(0, 20)} leads somewhere else than it did`);
    }
  }
}

function sameValue(planned: PlannedCell['value'], cell: SheetCell | undefined): boolean {
  const value = cell?.value;
  if (planned === null || planned === '') return value === undefined || value === '';
  if (cell?.error || cell?.isoDate) return false;
  if (typeof planned === 'number')
    return typeof value === 'number' && Math.abs(value - planned) <= 1e-12 * Math.abs(planned);
  return value === (typeof planned === 'string' ? planned.replace(/\r\n?/g, '\n') : planned);
}

function isSet(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

function isOff(value: string | undefined): boolean {
  return value === '0' || value === 'false';
}

interface Range {
  from: { column: number; row: number };
  to: { column: number; row: number };
}

const NOWHERE = { column: 0, row: 0 };

/** The ranges of an area like `A5:A9 C3`. */
function rangesOf(area: string): Range[] {
  return area
    .split(/\s+/)
    .filter(Boolean)
    .map((range) => {
      const [from = '', to = from] = range.split(':');
      return { from: placeOf(from) ?? NOWHERE, to: placeOf(to) ?? NOWHERE };
    });
}
