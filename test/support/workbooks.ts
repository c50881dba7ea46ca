import excel, { type Workbook, type Worksheet } from 'exceljs';

/** A workbook as a spreadsheet program holds it; exceljs stands for one. */
export async function openWorkbook(bytes: Uint8Array): Promise<Workbook> {
  const workbook = new excel.Workbook();
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  await workbook.xlsx.load(copy);
  return workbook;
}

/** The sheet of gaps with the means to name its cells by column title. */
export function gapsOf(workbook: Workbook): {
  sheet: Worksheet;
  /** The row of the header. */
  header: number;
  cell: (row: number, column: string) => ReturnType<Worksheet['getCell']>;
} {
  const sheet = workbook.getWorksheet('Gaps') as Worksheet;
  let header = 0;
  sheet.eachRow((row, number) => {
    if (header === 0 && row.getCell(1).value === 'Id') header = number;
  });
  const columns = new Map<string, number>();
  sheet.getRow(header).eachCell((cell, column) => columns.set(String(cell.value), column));
  return { sheet, header, cell: (row, column) => sheet.getCell(header + row, columns.get(column) ?? 0) };
}

/** Opens, changes and saves a workbook. */
export async function changed(
  bytes: Uint8Array,
  change: (gaps: ReturnType<typeof gapsOf>, workbook: Workbook) => void,
): Promise<Uint8Array> {
  const workbook = await openWorkbook(bytes);
  change(gapsOf(workbook), workbook);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}
