import type { Assessment } from '../../assess/assessment.ts';
import {
  headerRowOf,
  type Look,
  type Paint,
  type PlannedCell,
  type PlannedRow,
  type SheetPlan,
  type WorkbookPlan,
} from '../../files/workbook.ts';
import { STATE_TITLES } from '../words.ts';
import type { Cell, Column, Row, SheetDefinition } from './sheet.ts';
import { SHEETS } from './sheets/index.ts';

/** The longest text of a cell; Excel holds 32,767 characters. */
const CELL_LIMIT = 32_000;

const LINE_POINTS = 13.5;

/** Excel's own limit for a row, in points. */
const MOST_POINTS = 400;

/** How many characters of width go on one printed page. */
const PAGE_CHARACTERS = 170;

const TEXT = '1B1F24';
const LINK = '1D4E79';
/** What the user fills in stands out by it. */
const INPUT_FILL = 'FFFBE6';

const TITLE: Look = { bold: true, size: 14, color: TEXT };
const INTRO: Look = { size: 10, color: '444444' };
const HEADER: Look = { bold: true, size: 10, color: TEXT, wrap: true, ruled: true };

const STATE_PAINTS: readonly Paint[] = [
  { word: STATE_TITLES['not-satisfied'], fill: '7F1D1D', color: 'FFFFFF', bold: true },
  { word: STATE_TITLES['not-assessed'], fill: 'F6DFAE', color: '5C3B00', bold: false },
  { word: STATE_TITLES['risk-accepted'], fill: 'B9C9E8', color: '1E3A6E', bold: false },
  { word: STATE_TITLES.satisfied, fill: 'D9EEDF', color: '14532D', bold: false },
];

/** A sheet as it is planned, with the columns that are the user's. */
export interface ReportSheet extends SheetPlan {
  /** Positions of the columns that the user fills in, from 0. */
  inputs: readonly number[];
}

export interface ReportPlan extends WorkbookPlan {
  sheets: readonly ReportSheet[];
}

/**
 * Every cell of the workbook, with its look. Rows are made as they are asked for, and as often.
 * @param signing the sentence about the signature
 */
export function workbookPlan(assessment: Assessment, signing: string): ReportPlan {
  const sheets = SHEETS.filter(({ when }) => when?.(assessment) ?? true);
  const intros = new Map(sheets.map((sheet) => [sheet.name, sheet.intro(assessment, signing)]));
  const firstRow = (name: string): number => headerRowOf({ intro: planIntro(intros.get(name) ?? []) }) + 1;
  const creator = `${assessment.tool.name} ${assessment.tool.version}`;
  return {
    title: `${assessment.system.name}: membership inference and model inversion`,
    subject: `As of ${assessment.asOf}; evidence root ${assessment.evidenceRoot}`,
    creator,
    company: assessment.system.organisation ?? '',
    made: assessment.asOf.slice(0, 10),
    sheets: sheets.map((sheet) => planSheet(sheet, assessment, signing, intros.get(sheet.name) ?? [], firstRow)),
  };
}

function planIntro(lines: readonly string[]): PlannedCell[] {
  return lines.map((text, index) => ({ value: bounded(text), look: index === 0 ? TITLE : INTRO }));
}

function planSheet(
  definition: SheetDefinition,
  assessment: Assessment,
  signing: string,
  intro: readonly string[],
  firstRow: (sheet: string) => number,
): ReportSheet {
  const { columns } = definition;
  const looks = columns.map(looksOf);
  return {
    name: definition.name,
    table: definition.table,
    intro: planIntro(intro),
    header: HEADER,
    columns: columns.map(({ name, width, choices, states }) => ({
      name,
      width,
      ...(choices ? { choices } : {}),
      ...(states ? { paints: STATE_PAINTS } : {}),
    })),
    inputs: columns.flatMap(({ input }, index) => (input ? [index] : [])),
    rows: {
      *[Symbol.iterator](): Iterator<PlannedRow> {
        let empty = true;
        const planned = (row: Row): PlannedRow => ({
          cells: row.map((cell, index) => planCell(cell, looks[index] as Looks, firstRow)),
          height: rowHeight(row, columns),
        });
        for (const row of definition.rows(assessment, signing)) {
          empty = false;
          yield planned(row);
        }
        if (empty) yield planned(columns.map((_, index) => (index === 0 ? 'none' : null)));
      },
    },
    footer: `${assessment.system.name}, evidence root ${assessment.evidenceRoot.slice(0, 16)}`,
    pagesWide: Math.max(1, Math.round(columns.reduce((sum, column) => sum + column.width, 0) / PAGE_CHARACTERS)),
  };
}

interface Looks {
  plain: Look;
  link: Look;
  /** Those of numbers that bring their format, by it. */
  formatted: Map<string, Look>;
}

/** One look a column, shared by all of its cells. */
function looksOf({ format, input }: Column): Looks {
  const own = { size: 10, wrap: true, ...(format ? { format } : {}), ...(input ? { fill: INPUT_FILL } : {}) };
  return { plain: { ...own, color: TEXT }, link: { ...own, color: LINK, underline: true }, formatted: new Map() };
}

function planCell(cell: Cell, { plain, link, formatted }: Looks, firstRow: (sheet: string) => number): PlannedCell {
  if (typeof cell === 'object' && cell !== null && 'value' in cell) {
    const look = formatted.get(cell.format) ?? { ...plain, format: cell.format };
    formatted.set(cell.format, look);
    return { value: cell.value, look };
  }
  if (typeof cell === 'object' && cell !== null)
    return {
      value: bounded(cell.text),
      look: link,
      link: { sheet: cell.sheet, row: firstRow(cell.sheet) + cell.row },
    };
  return { value: typeof cell === 'string' ? bounded(cell) : cell, look: plain };
}

function bounded(text: string): string {
  return text.length > CELL_LIMIT ? `${text.slice(0, CELL_LIMIT)} [cut]` : text;
}

/** Not every program fits rows to wrapped text by itself; this estimates the lines that the longest cell needs. */
function rowHeight(row: Row, columns: readonly Column[]): number {
  let most = 1;
  for (let index = 0; index < row.length; index++) {
    const value = row[index];
    if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') continue;
    if (typeof value === 'object' && 'value' in value) continue;
    const text = typeof value === 'object' ? value.text : value;
    const width = Math.max(4, (columns[index]?.width ?? 10) - 1);
    let lines = 0;
    for (const part of text.split('\n')) lines += Math.max(1, Math.ceil(part.length / width));
    most = Math.max(most, lines);
  }
  return Math.min(MOST_POINTS, most * LINE_POINTS + 2);
}
