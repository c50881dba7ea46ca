import type { Assessment } from '../../assess/assessment.ts';

/** One sheet: its name, an introduction, and a table of text, numbers and links. `signing`: the sentence about the signature. */
export interface SheetDefinition {
  name: string;
  /** Whether there is such a sheet; default: always. */
  when?: (assessment: Assessment) => boolean;
  /** Name of the table and of the range; letters only. */
  table: string;
  intro: (assessment: Assessment, signing: string) => string[];
  columns: readonly Column[];
  /** Made one by one, as they are written. */
  rows: (assessment: Assessment, signing: string) => Iterable<Row>;
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

export type Cell =
  | string
  | number
  | boolean
  | null
  | { text: string; sheet: string; row: number }
  /** A number with a number format of its own in place of the column's. */
  | { value: number; format: string };

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
  items: (assessment: Assessment, signing: string) => Iterable<Item>;
}): SheetDefinition {
  return {
    ...sheet,
    columns,
    *rows(assessment, signing) {
      for (const item of items(assessment, signing)) yield columns.map(({ cell }) => cell(item, assessment));
    },
  };
}
