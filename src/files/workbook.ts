import { isDeepStrictEqual } from 'node:util';
import { Zip, ZipDeflate } from 'fflate';
import { xmlAttribute, xmlText } from './xml.ts';

/*
 * Workbooks written as a stream (ECMA-376 part 1, SpreadsheetML): each row is turned into XML and packed at once, so that
 * a hundred thousand of them need no more memory than their texts. The same plan gives the same bytes.
 */

/** How a cell looks. Colours are RRGGBB. Cells of one look share one object, which is what they are told apart by. */
export interface Look {
  bold?: boolean;
  /** Points. */
  size: number;
  color: string;
  underline?: boolean;
  fill?: string;
  /** Number format; default: General. */
  format?: string;
  /** Whether long texts are broken into lines. */
  wrap?: boolean;
  /** Whether a line is drawn below. */
  ruled?: boolean;
}

export interface PlannedCell {
  value: string | number | boolean | null;
  look: Look;
  /** The cell of this workbook that it leads to. */
  link?: { sheet: string; row: number };
}

export interface PlannedRow {
  cells: readonly PlannedCell[];
  /** Points. */
  height?: number;
}

/** Cells whose text begins with a word are painted. */
export interface Paint {
  word: string;
  fill: string;
  color: string;
  bold: boolean;
}

interface PlannedColumn {
  name: string;
  /** In characters. */
  width: number;
  /** Allowed values, for a drop-down. */
  choices?: readonly string[];
  paints?: readonly Paint[];
}

/** A sheet: lines of introduction, an empty one, and a table with its header. */
export interface SheetPlan {
  name: string;
  /** Name of the table; letters only. */
  table: string;
  intro: readonly PlannedCell[];
  header: Look;
  columns: readonly PlannedColumn[];
  /** At least one. */
  rows: Iterable<PlannedRow>;
  /** Printed below each page, left. */
  footer: string;
  /** How many pages it is printed wide. */
  pagesWide: number;
}

export interface WorkbookPlan {
  sheets: readonly SheetPlan[];
  title: string;
  subject: string;
  creator: string;
  company: string;
  /** ISO date. */
  made: string;
}

export const FONT = 'Calibri';
export const TABLE_STYLE = 'TableStyleLight1';
/** The oldest time a zip can state; every entry carries it. */
const STAMP = new Date(1980, 0, 1);
const HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const SHEET_TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** The row of a sheet's table header, from 1. */
export function headerRowOf(sheet: Pick<SheetPlan, 'intro'>): number {
  return sheet.intro.length + 2;
}

/** `A` for 1, `AA` for 27. */
export function columnLetters(column: number): string {
  let letters = '';
  for (let left = column; left > 0; left = Math.floor((left - 1) / 26))
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  return letters;
}

/** A sheet's name as references write it. */
function quotedSheet(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}

/** Writes the workbook that a plan describes. */
export function writeWorkbook(plan: WorkbookPlan): Uint8Array {
  const out: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    out.push(chunk);
  });
  const looks = new Looks();
  const strings = new Strings();
  const put = (name: string, write: (text: (xml: string) => void) => void): void => addEntry(zip, name, write);

  put('[Content_Types].xml', (text) => text(contentTypes(plan)));
  put('_rels/.rels', (text) => text(rootRelationships()));
  put('docProps/app.xml', (text) => text(appProperties(plan)));
  put('docProps/core.xml', (text) => text(coreProperties(plan)));
  put('xl/_rels/workbook.xml.rels', (text) => text(bookRelationships(plan)));
  put('xl/workbook.xml', (text) => text(book(plan)));
  plan.sheets.forEach((sheet, index) => {
    const number = index + 1;
    put(`xl/worksheets/_rels/sheet${number}.xml.rels`, (text) =>
      text(
        `${HEADER}<Relationships xmlns="${RELATIONSHIPS}"><Relationship Id="rId1" Type="${OFFICE}/table" Target="../tables/table${number}.xml"/></Relationships>`,
      ),
    );
    let rows = 0;
    put(`xl/worksheets/sheet${number}.xml`, (text) => {
      rows = writeSheet(sheet, index === 0, looks, strings, text);
    });
    put(`xl/tables/table${number}.xml`, (text) => text(tableXml(sheet, number, rows)));
  });
  put('xl/sharedStrings.xml', (text) => strings.write(text));
  put('xl/styles.xml', (text) => text(looks.xml()));
  zip.end();
  return joined(out);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** So much text is packed at a time, in UTF-16 units. */
const PIECE = 64 * 1024;

function addEntry(zip: Zip, name: string, write: (text: (xml: string) => void) => void): void {
  const entry = new ZipDeflate(name, { level: 6 });
  entry.mtime = STAMP;
  zip.add(entry);
  let waiting: string[] = [];
  let length = 0;
  write((xml) => {
    waiting.push(xml);
    length += xml.length;
    if (length < PIECE) return;
    entry.push(Buffer.from(waiting.join(''), 'utf8'));
    waiting = [];
    length = 0;
  });
  entry.push(Buffer.from(waiting.join(''), 'utf8'), true);
}

/** Every text once, in the order of its first use. */
class Strings {
  #numbers = new Map<string, number>();
  #uses = 0;

  of(text: string): number {
    this.#uses++;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  write(text: (xml: string) => void): void {
    text(`${HEADER}<sst xmlns="${MAIN}" count="${this.#uses}" uniqueCount="${this.#numbers.size}">`);
    for (const one of this.#numbers.keys()) text(`<si><t xml:space="preserve">${cellText(one)}</t></si>`);
    text('</sst>');
  }
}

/** Text as SpreadsheetML carries it: what XML cannot hold, and what would be read as such, by its code (22.9.2.19). */
function cellText(text: string): string {
  return xmlText(
    text.replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_').replace(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
      /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    ),
  );
}

/** The looks of a workbook, numbered as they are met. */
class Looks {
  #numbers = new Map<Look, number>();
  #looks: Look[] = [];
  #paints: Paint[] = [];

  of(look: Look): number {
    const known = this.#numbers.get(look);
    if (known !== undefined) return known;
    const same = this.#looks.findIndex((one) => isDeepStrictEqual(one, look));
    const number = same === -1 ? this.#looks.push(look) : same + 1;
    this.#numbers.set(look, number);
    return number;
  }

  paint(paint: Paint): number {
    const known = this.#paints.indexOf(paint);
    return known === -1 ? this.#paints.push(paint) - 1 : known;
  }

  xml(): string {
    const formats = [...new Set(this.#looks.flatMap(({ format }) => format ?? []))];
    const fills = [...new Set(this.#looks.flatMap(({ fill }) => fill ?? []))];
    const fonts = new Map<string, number>();
    const fontOf = ({ bold, underline, size, color }: Look): number => {
      const xml = `<font>${bold ? '<b/>' : ''}${underline ? '<u/>' : ''}<sz val="${size}"/><color rgb="FF${color}"/><name val="${FONT}"/><family val="2"/></font>`;
      if (!fonts.has(xml)) fonts.set(xml, fonts.size + 1);
      return fonts.get(xml) as number;
    };
    const solid = (rgb: string, name: 'fgColor' | 'bgColor'): string =>
      `<fill><patternFill patternType="solid"><${name} rgb="FF${rgb}"/></patternFill></fill>`;
    const cells = this.#looks.map((look) => {
      const font = fontOf(look);
      const fill = look.fill === undefined ? 0 : fills.indexOf(look.fill) + 2;
      const format = look.format === undefined ? 0 : formats.indexOf(look.format) + 164;
      return `<xf numFmtId="${format}" fontId="${font}" fillId="${fill}" borderId="${look.ruled ? 1 : 0}" xfId="0"${format ? ' applyNumberFormat="1"' : ''} applyFont="1"${fill ? ' applyFill="1"' : ''}${look.ruled ? ' applyBorder="1"' : ''} applyAlignment="1"><alignment vertical="${look.ruled ? 'center' : 'top'}"${look.wrap ? ' wrapText="1"' : ''}/></xf>`;
    });
    const border = '<left/><right/><top/>';
    return [
      `${HEADER}<styleSheet xmlns="${MAIN}">`,
      formats.length === 0
        ? ''
        : `<numFmts count="${formats.length}">${formats.map((format, index) => `<numFmt numFmtId="${index + 164}" formatCode="${xmlAttribute(format)}"/>`).join('')}</numFmts>`,
      `<fonts count="${fonts.size + 1}"><font><sz val="11"/><name val="${FONT}"/><family val="2"/></font>${[...fonts.keys()].join('')}</fonts>`,
      `<fills count="${fills.length + 2}"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>${fills.map((rgb) => solid(rgb, 'fgColor')).join('')}</fills>`,
      `<borders count="2"><border>${border}<bottom/><diagonal/></border><border>${border}<bottom style="medium"><color rgb="FF000000"/></bottom><diagonal/></border></borders>`,
      '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
      `<cellXfs count="${cells.length + 1}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>${cells.join('')}</cellXfs>`,
      '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
      `<dxfs count="${this.#paints.length}">${this.#paints.map(({ fill, color, bold }) => `<dxf><font>${bold ? '<b/>' : ''}<color rgb="FF${color}"/></font>${solid(fill, 'bgColor')}</dxf>`).join('')}</dxfs>`,
      `<tableStyles count="0" defaultTableStyle="${TABLE_STYLE}"/>`,
      '</styleSheet>',
    ].join('');
  }
}

/** Writes a sheet; returns how many rows its table has. */
function writeSheet(
  sheet: SheetPlan,
  first: boolean,
  looks: Looks,
  strings: Strings,
  text: (xml: string) => void,
): number {
  const headerRow = headerRowOf(sheet);
  const links: string[] = [];
  const rowXml = (number: number, { cells, height }: PlannedRow): string =>
    `<row r="${number}"${height === undefined ? '' : ` ht="${height}" customHeight="1"`}>${cells
      .map((cell, index) => cellXml(`${columnLetters(index + 1)}${number}`, cell, looks, strings, links))
      .join('')}</row>`;
  text(
    `${HEADER}<worksheet xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView${first ? ' tabSelected="1"' : ''} workbookViewId="0"><pane xSplit="1" ySplit="${headerRow}" topLeftCell="B${headerRow + 1}" activePane="bottomRight" state="frozen"/><selection pane="bottomRight"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>${sheet.columns
      .map(({ width }, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`)
      .join('')}</cols><sheetData>`,
  );
  sheet.intro.forEach((cell, index) => {
    text(rowXml(index + 1, { cells: [cell] }));
  });
  text(rowXml(headerRow, { cells: sheet.columns.map(({ name }) => ({ value: name, look: sheet.header })) }));
  let count = 0;
  for (const row of sheet.rows) text(rowXml(headerRow + ++count, row));
  text('</sheetData>');
  const last = headerRow + count;
  const area = (column: number): string => `${columnLetters(column)}${headerRow + 1}:${columnLetters(column)}${last}`;
  sheet.columns.forEach(({ paints }, index) => {
    if (!paints) return;
    const letters = columnLetters(index + 1);
    const rules = paints.map(
      (paint, priority) =>
        `<cfRule type="expression" dxfId="${looks.paint(paint)}" priority="${priority + 1}"><formula>${xmlText(paintFormula(letters, headerRow + 1, paint.word))}</formula></cfRule>`,
    );
    text(`<conditionalFormatting sqref="${area(index + 1)}">${rules.join('')}</conditionalFormatting>`);
  });
  const lists = sheet.columns.flatMap(({ name, choices }, index) =>
    choices
      ? [
          `<dataValidation type="list" allowBlank="1" showErrorMessage="1" errorTitle="${xmlAttribute(name)}" error="${xmlAttribute(`Choose one of: ${choices.join(', ')}`)}" sqref="${area(index + 1)}"><formula1>"${xmlText(choices.join(','))}"</formula1></dataValidation>`,
        ]
      : [],
  );
  if (lists.length > 0) text(`<dataValidations count="${lists.length}">${lists.join('')}</dataValidations>`);
  if (links.length > 0) {
    text('<hyperlinks>');
    for (const link of links) text(link);
    text('</hyperlinks>');
  }
  text(
    `<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToWidth="${sheet.pagesWide}" fitToHeight="0"/><headerFooter><oddFooter>${xmlText(`&L&8 ${sheet.footer.replaceAll('&', '&&')}&R&8 &P of &N`)}</oddFooter></headerFooter><tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>`,
  );
  return count;
}

/** The condition under which a cell is painted. */
export function paintFormula(letters: string, row: number, word: string): string {
  return `LEFT($${letters}${row},${word.length})="${word}"`;
}

/** Texts are always string cells: nothing in them can be a formula, whatever they begin with. */
function cellXml(reference: string, cell: PlannedCell, looks: Looks, strings: Strings, links: string[]): string {
  const { value, look, link } = cell;
  const style = ` s="${looks.of(look)}"`;
  if (link)
    links.push(
      `<hyperlink ref="${reference}" location="${xmlAttribute(`${quotedSheet(link.sheet)}!A${link.row}`)}" display="${xmlAttribute(String(value).split('\n')[0] ?? '')}"/>`,
    );
  if (value === null || value === '') return `<c r="${reference}"${style}/>`;
  if (typeof value === 'number') return `<c r="${reference}"${style}><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c r="${reference}"${style} t="b"><v>${value ? 1 : 0}</v></c>`;
  return `<c r="${reference}"${style} t="s"><v>${strings.of(value)}</v></c>`;
}

function tableXml({ table, columns, intro }: SheetPlan, number: number, rows: number): string {
  const headerRow = headerRowOf({ intro });
  const area = `A${headerRow}:${columnLetters(columns.length)}${headerRow + rows}`;
  const named = columns.map(({ name }, index) => `<tableColumn id="${index + 1}" name="${xmlAttribute(name)}"/>`);
  return `${HEADER}<table xmlns="${MAIN}" id="${number}" name="${table}" displayName="${table}" ref="${area}" headerRowCount="1" totalsRowShown="0"><autoFilter ref="${area}"/><tableColumns count="${columns.length}">${named.join('')}</tableColumns><tableStyleInfo name="${TABLE_STYLE}" showFirstColumn="0" showLastColumn="0" showRowStripes="1" showColumnStripes="0"/></table>`;
}

function book({ sheets }: WorkbookPlan): string {
  const entries = sheets.map(
    ({ name }, index) => `<sheet name="${xmlAttribute(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  const titles = sheets.map((sheet, index) => {
    const row = headerRowOf(sheet);
    return `<definedName name="_xlnm.Print_Titles" localSheetId="${index}">${xmlText(`${quotedSheet(sheet.name)}!$${row}:$${row}`)}</definedName>`;
  });
  return `${HEADER}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr/><bookViews><workbookView xWindow="0" yWindow="0" windowWidth="24000" windowHeight="12000"/></bookViews><sheets>${entries.join('')}</sheets><definedNames>${titles.join('')}</definedNames></workbook>`;
}

function contentTypes({ sheets }: WorkbookPlan): string {
  const parts: [part: string, type: string][] = [
    ['/xl/workbook.xml', `${SHEET_TYPES}.sheet.main+xml`],
    ...sheets.flatMap((_, index): [string, string][] => [
      [`/xl/worksheets/sheet${index + 1}.xml`, `${SHEET_TYPES}.worksheet+xml`],
      [`/xl/tables/table${index + 1}.xml`, `${SHEET_TYPES}.table+xml`],
    ]),
    ['/xl/sharedStrings.xml', `${SHEET_TYPES}.sharedStrings+xml`],
    ['/xl/styles.xml', `${SHEET_TYPES}.styles+xml`],
    ['/docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml'],
    ['/docProps/app.xml', 'application/vnd.openxmlformats-officedocument.extended-properties+xml'],
  ];
  return `${HEADER}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${parts.map(([part, type]) => `<Override PartName="${part}" ContentType="${type}"/>`).join('')}</Types>`;
}

function rootRelationships(): string {
  return `${HEADER}<Relationships xmlns="${RELATIONSHIPS}"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="rId3" Type="${OFFICE}/extended-properties" Target="docProps/app.xml"/></Relationships>`;
}

function bookRelationships({ sheets }: WorkbookPlan): string {
  const one = (id: number, type: string, target: string): string =>
    `<Relationship Id="rId${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  return `${HEADER}<Relationships xmlns="${RELATIONSHIPS}">${sheets.map((_, index) => one(index + 1, 'worksheet', `worksheets/sheet${index + 1}.xml`)).join('')}${one(sheets.length + 1, 'styles', 'styles.xml')}${one(sheets.length + 2, 'sharedStrings', 'sharedStrings.xml')}</Relationships>`;
}

function appProperties({ company }: WorkbookPlan): string {
  return `${HEADER}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Company>${xmlText(company)}</Company></Properties>`;
}

function coreProperties({ title, subject, creator, made }: WorkbookPlan): string {
  const time = `${made}T00:00:00Z`;
  return `${HEADER}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${xmlText(title)}</dc:title><dc:subject>${xmlText(subject)}</dc:subject><dc:creator>${xmlText(creator)}</dc:creator><cp:lastModifiedBy>${xmlText(creator)}</cp:lastModifiedBy><dcterms:created xsi:type="dcterms:W3CDTF">${time}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">${time}</dcterms:modified></cp:coreProperties>`;
}
