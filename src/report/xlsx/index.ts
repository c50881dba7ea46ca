import type { CellValue, ConditionalFormattingRule, Workbook, Worksheet } from 'exceljs';
import type { Assessment } from '../../assess/assessment.ts';
import { unzipBounded, zipSame } from '../../files/zip.ts';
import type { SigningStatement } from '../signing.ts';
import { STATE_TITLES } from '../words.ts';
import type { Cell, Column, Row, SheetDefinition } from './sheet.ts';
import { SHEETS } from './sheets/index.ts';

const CELL_LIMIT = 32_000;

const FONT = 'Calibri';

const LINE_POINTS = 13.5;

/** Excel's own limit for a row, in points. */
const MOST_POINTS = 400;

/** How many characters of width go on one printed page. */
const PAGE_CHARACTERS = 170;

const STATE_STYLES: readonly [word: string, fill: string, font: string][] = [
  [STATE_TITLES['not-satisfied'], 'FF7F1D1D', 'FFFFFFFF'],
  [STATE_TITLES['not-assessed'], 'FFF6DFAE', 'FF5C3B00'],
  [STATE_TITLES['risk-accepted'], 'FFB9C9E8', 'FF1E3A6E'],
  [STATE_TITLES.satisfied, 'FFD9EEDF', 'FF14532D'],
];

/** Renders the workbook, before signing: the same assessment gives the same bytes. */
export async function renderXlsx(assessment: Assessment, signing: SigningStatement | undefined): Promise<Uint8Array> {
  const { default: excel } = await import('exceljs');
  const workbook = new excel.Workbook();
  const made = new Date(`${assessment.asOf.slice(0, 10)}T00:00:00Z`);
  workbook.creator = `${assessment.tool.name} ${assessment.tool.version}`;
  workbook.lastModifiedBy = workbook.creator;
  workbook.created = made;
  workbook.modified = made;
  workbook.title = `${assessment.system.name}: membership inference and model inversion`;
  workbook.subject = `As of ${assessment.asOf}; evidence root ${assessment.evidenceRoot}`;
  workbook.company = assessment.system.organisation ?? '';
  const firstRows = new Map(SHEETS.map((sheet) => [sheet.name, sheet.intro(assessment, signing).length + 3]));
  for (const sheet of SHEETS) addSheet(workbook, sheet, assessment, signing, firstRows);
  const bytes = new Uint8Array(await workbook.xlsx.writeBuffer());
  return zipSame(orderParts(unzipBounded(bytes, 'report.xlsx')));
}

/** The content types come first, as readers that stream expect; the rest by name. */
function orderParts(parts: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const rank = (name: string): number => (name === '[Content_Types].xml' ? 0 : name === '_rels/.rels' ? 1 : 2);
  return new Map([...parts].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}

function addSheet(
  workbook: Workbook,
  definition: SheetDefinition,
  assessment: Assessment,
  signing: SigningStatement | undefined,
  firstRows: ReadonlyMap<string, number>,
): void {
  const intro = definition.intro(assessment, signing);
  const rows = definition.rows(assessment, signing);
  const headerRow = intro.length + 2;
  const sheet = workbook.addWorksheet(definition.name, {
    views: [{ state: 'frozen', xSplit: 1, ySplit: headerRow }],
    pageSetup: {
      paperSize: 9,
      orientation: 'landscape',
      fitToPage: true,
      fitToWidth: Math.max(
        1,
        Math.round(definition.columns.reduce((sum, column) => sum + column.width, 0) / PAGE_CHARACTERS),
      ),
      fitToHeight: 0,
      printTitlesRow: `${headerRow}:${headerRow}`,
      printTitlesColumn: 'A:A',
    },
    headerFooter: {
      oddFooter: `&L&8${assessment.system.name.replaceAll('&', '&&')}, evidence root ${assessment.evidenceRoot.slice(0, 16)}&R&8&P of &N`,
    },
  });
  intro.forEach((text, index) => {
    const cell = sheet.getCell(index + 1, 1);
    cell.value = text;
    cell.font =
      index === 0 ? { name: FONT, bold: true, size: 14 } : { name: FONT, size: 10, color: { argb: 'FF444444' } };
  });
  const body: Row[] =
    rows.length > 0 ? [...rows] : [definition.columns.map((_, index) => (index === 0 ? 'none' : null))];
  sheet.addTable({
    name: definition.table,
    ref: `A${headerRow}`,
    headerRow: true,
    style: { theme: 'TableStyleLight1', showRowStripes: true },
    columns: definition.columns.map((column) => ({ name: column.name, filterButton: true })),
    rows: body.map((row) => row.map(plainValue)),
  });
  definition.columns.forEach((column, index) => {
    sheet.getColumn(index + 1).width = column.width;
  });
  definition.columns.forEach((_, index) => {
    const cell = sheet.getCell(headerRow, index + 1);
    cell.font = { name: FONT, size: 10, bold: true };
    cell.border = { bottom: { style: 'medium' } };
    cell.alignment = { vertical: 'middle', wrapText: true };
  });
  body.forEach((row, r) => {
    row.forEach((value, c) => {
      styleCell(sheet, headerRow + 1 + r, c, value, definition.columns[c] as Column, firstRows);
    });
    sheet.getRow(headerRow + 1 + r).height = rowHeight(row, definition.columns);
  });
  styleStates(sheet, definition, headerRow, body.length);
}

/** Evidence text is always a string cell: nothing in it can be a formula, whatever it begins with. */
function plainValue(value: Cell): string | number | boolean | null {
  if (typeof value === 'object' && value !== null) return bounded(value.text);
  return typeof value === 'string' ? bounded(value) : value;
}

function bounded(text: string): string {
  return text.length > CELL_LIMIT ? `${text.slice(0, CELL_LIMIT)} [cut]` : text;
}

function styleCell(
  sheet: Worksheet,
  row: number,
  column: number,
  value: Cell,
  definition: Column,
  firstRows: ReadonlyMap<string, number>,
): void {
  const cell = sheet.getCell(row, column + 1);
  cell.alignment = { vertical: 'top', wrapText: true };
  cell.font = { name: FONT, size: 10 };
  if (definition.format) cell.numFmt = definition.format;
  if (typeof value === 'object' && value !== null) {
    const link: CellValue = {
      text: bounded(value.text),
      hyperlink: `#'${value.sheet}'!A${(firstRows.get(value.sheet) ?? 1) + value.row}`,
    };
    cell.value = link;
    cell.font = { name: FONT, size: 10, color: { argb: 'FF1D4E79' }, underline: true };
  }
  if (definition.input) cell.fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFFFFBE6' } };
  if (definition.choices)
    cell.dataValidation = {
      type: 'list',
      allowBlank: true,
      formulae: [`"${definition.choices.join(',')}"`],
      showErrorMessage: true,
      errorTitle: definition.name,
      error: `Choose one of: ${definition.choices.join(', ')}`,
    };
}

/** Not every program fits rows to wrapped text by itself; this estimates the lines that the longest cell needs. */
function rowHeight(row: Row, columns: readonly Column[]): number {
  const lines = row.map((value, index) => {
    const text = typeof value === 'object' && value !== null ? value.text : String(value ?? '');
    const width = Math.max(4, (columns[index]?.width ?? 10) - 1);
    return text.split('\n').reduce((sum, part) => sum + Math.max(1, Math.ceil(part.length / width)), 0);
  });
  return Math.min(MOST_POINTS, Math.max(1, ...lines) * LINE_POINTS + 2);
}

function styleStates(sheet: Worksheet, definition: SheetDefinition, headerRow: number, count: number): void {
  definition.columns.forEach((column, index) => {
    if (!column.states) return;
    const letter = sheet.getColumn(index + 1).letter;
    const rules: ConditionalFormattingRule[] = STATE_STYLES.map(([word, fill, font], priority) => ({
      type: 'expression',
      priority: priority + 1,
      formulae: [`LEFT($${letter}${headerRow + 1},${word.length})="${word}"`],
      style: {
        fill: { type: 'pattern', pattern: 'solid', bgColor: { argb: fill } },
        font: { color: { argb: font }, bold: word === STATE_TITLES['not-satisfied'] },
      },
    }));
    sheet.addConditionalFormatting({ ref: `${letter}${headerRow + 1}:${letter}${headerRow + count}`, rules });
  });
}
