import type { Assessment } from '../../assess/assessment.ts';
import type { SigningStatement } from '../signing.ts';

/** One sheet: its name, an introduction, and a table of text, numbers and links. */
export interface SheetDefinition {
  name: string;
  /** Name of the table and of the range; letters only. */
  table: string;
  intro: (assessment: Assessment, signing: SigningStatement | undefined) => string[];
  columns: readonly Column[];
  rows: (assessment: Assessment, signing: SigningStatement | undefined) => Row[];
}

export interface Column {
  name: string;
  width: number;
  /** Excel number format. */
  format?: string;
  /** The cells the user fills in. */
  input?: boolean;
  /** Allowed values, for a drop-down. */
  choices?: readonly string[];
  states?: boolean;
}

export type Cell = string | number | boolean | null | { text: string; sheet: string; row: number };

export type Row = readonly Cell[];

/** A column that knows what stands in it. */
interface ColumnOf<Item> extends Column {
  cell: (item: Item, assessment: Assessment) => Cell;
}

/** A sheet of one row an item, in which every column makes its own cell. */
export function sheetOf<Item>({
  items,
  columns,
  ...sheet
}: Omit<SheetDefinition, 'rows' | 'columns'> & {
  columns: readonly ColumnOf<Item>[];
  items: (assessment: Assessment, signing: SigningStatement | undefined) => readonly Item[];
}): SheetDefinition {
  return {
    ...sheet,
    columns,
    rows: (assessment, signing) =>
      items(assessment, signing).map((item) => columns.map(({ cell }) => cell(item, assessment))),
  };
}
