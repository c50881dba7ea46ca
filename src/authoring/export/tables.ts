import type { Catalog } from '../../catalog/catalog.ts';
import { csvOf } from '../../files/csv.ts';
import { COLUMNS, toRow } from '../table.ts';

/** The controls as CSV. */
export function catalogCsv(catalog: Catalog): string {
  const rows = catalog.controls.map(({ document }) => toRow(document));
  return csvOf([COLUMNS.map(({ name }) => name), ...rows.map((row) => COLUMNS.map(({ name }) => row[name] ?? ''))]);
}

/** The controls and their mappings as a workbook. @param asOf ISO date that the workbook is dated by */
export async function catalogXlsx(catalog: Catalog, asOf: string): Promise<Uint8Array> {
  const { default: excel } = await import('exceljs');
  const { unzipBounded } = await import('../../files/zip.ts');
  const { zipSame } = await import('../../files/zip.ts');
  const workbook = new excel.Workbook();
  const made = new Date(`${asOf.slice(0, 10)}T00:00:00Z`);
  workbook.creator = 'probity';
  workbook.lastModifiedBy = 'probity';
  workbook.created = made;
  workbook.modified = made;
  workbook.title = 'Control catalog';
  const sheets = [
    {
      name: 'Controls',
      columns: COLUMNS,
      rows: catalog.controls
        .map(({ document }) => toRow(document))
        .map((row) => COLUMNS.map(({ name }) => row[name] ?? '')),
    },
    {
      name: 'Mappings',
      columns: [
        { name: 'Framework', width: 24 },
        { name: 'Item', width: 18 },
        { name: 'Control', width: 12 },
        { name: 'Strength', width: 12 },
        { name: 'Part', width: 44 },
        { name: 'Reason', width: 90 },
      ],
      rows: catalog.controls.flatMap(({ document }) =>
        Object.entries(document.frameworks).flatMap(([framework, mappings]) =>
          mappings.map(({ item, strength, part, reason }) => [
            framework,
            item,
            document.id,
            strength ?? 'unknown',
            part ?? '',
            reason ?? '',
          ]),
        ),
      ),
    },
  ];
  for (const { name, columns, rows } of sheets) {
    const sheet = workbook.addWorksheet(name, {
      views: [{ state: 'frozen', xSplit: 1, ySplit: 1 }],
      pageSetup: { paperSize: 9, orientation: 'landscape' },
    });
    sheet.addTable({
      name,
      ref: 'A1',
      headerRow: true,
      style: { theme: 'TableStyleLight1', showRowStripes: true },
      columns: columns.map((column) => ({ name: column.name, filterButton: true })),
      rows: [...rows],
    });
    columns.forEach((column, index) => {
      sheet.getColumn(index + 1).width = column.width;
      sheet.getColumn(index + 1).alignment = { vertical: 'top', wrapText: true };
    });
  }
  return zipSame(unzipBounded(new Uint8Array(await workbook.xlsx.writeBuffer()), 'controls.xlsx'));
}
