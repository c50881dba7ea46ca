import {
  type Look,
  type Paint,
  type PlannedCell,
  type SheetPlan,
  type WorkbookPlan,
  writeWorkbook,
} from '../../files/workbook.ts';
import { STATE_TITLES } from '../words.ts';

/* Workbooks of plain tables, for what is no report of one assessment. */

const TEXT = '1B1F24';
const TITLE: Look = { bold: true, size: 14, color: TEXT };
const INTRO: Look = { size: 10, color: '444444' };
const HEADER: Look = { bold: true, size: 10, color: TEXT, wrap: true, ruled: true };
const CELL: Look = { size: 10, color: TEXT, wrap: true };
const PAINTS: readonly Paint[] = [
  { word: STATE_TITLES['not-satisfied'], fill: '7F1D1D', color: 'FFFFFF', bold: true },
  { word: STATE_TITLES['not-assessed'], fill: 'F6DFAE', color: '5C3B00', bold: false },
  { word: STATE_TITLES['risk-accepted'], fill: 'B9C9E8', color: '1E3A6E', bold: false },
  { word: STATE_TITLES.satisfied, fill: 'D9EEDF', color: '14532D', bold: false },
];

type Value = string | number | boolean | null;
interface Column {
  name: string;
  width: number;
  states?: boolean;
}
export interface Sheet {
  name: string;
  table: string;
  intro: string[];
  columns: readonly Column[];
  rows: readonly (readonly Value[])[];
}

/** Tables as a workbook: the same bytes for the same tables. @param footer printed below each page */
export function tableWorkbook(
  sheets: readonly Sheet[],
  footer: string,
  plan: Omit<WorkbookPlan, 'sheets'>,
): Uint8Array {
  return writeWorkbook({ ...plan, sheets: sheets.map((sheet) => planned(sheet, footer)) });
}

function planned({ name, table, intro, columns, rows }: Sheet, footer: string): SheetPlan {
  const cells = (row: readonly Value[]): PlannedCell[] => row.map((value) => ({ value: bounded(value), look: CELL }));
  const body = rows.length > 0 ? rows : [columns.map((_, index) => (index === 0 ? 'none' : null))];
  return {
    name,
    table,
    intro: intro.map((value, index) => ({ value, look: index === 0 ? TITLE : INTRO })),
    header: HEADER,
    columns: columns.map((column) => ({
      name: column.name,
      width: column.width,
      ...(column.states ? { paints: PAINTS } : {}),
    })),
    rows: body.map((row) => ({ cells: cells(row) })),
    footer,
    pagesWide: Math.max(1, Math.round(columns.reduce((sum, { width }) => sum + width, 0) / 170)),
  };
}

/** The longest text of a cell; Excel holds 32,767 characters. */
function bounded(value: Value): Value {
  return typeof value === 'string' && value.length > 32_000 ? `${value.slice(0, 32_000)} [cut]` : value;
}
