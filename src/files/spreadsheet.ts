import { SaxesParser, type SaxesTagNS } from 'saxes';
import { ProbityError } from '../errors.ts';
import { openPackage, type Package, textOf } from './ooxml.ts';

/*
 * Workbooks as others save them (ECMA-376 part 1): Excel, LibreOffice, openpyxl and whoever writes the same format. Cells are
 * read one by one, with all that decides what a reader sees of them.
 */

const STRICT = 'http://purl.oclc.org/ooxml/spreadsheetml/main';
const MAIN = new Set(['http://schemas.openxmlformats.org/spreadsheetml/2006/main', STRICT]);
const OFFICE = [
  'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  'http://purl.oclc.org/ooxml/officeDocument/relationships',
];

/** The most cells of one sheet. */
const MOST_CELLS = 3_000_000;

/** Ours unpack to ten times their size, those of others alike; what is read takes a second for each 10 MB. */
const MOST_RATIO = 20;
const ALWAYS_READ = 4 * 2 ** 20;

export interface CellStyle {
  font: {
    name: string;
    /** Points. */
    size: number;
    /** RRGGBB; undefined: automatic. */
    color?: string;
    /** Struck through, raised, of symbols, or said twice in two ways. */
    odd: boolean;
  };
  /** RRGGBB; undefined: none. */
  fill?: string;
  /** A pattern, gradient or theme colour, which this reader does not resolve. */
  unresolved: boolean;
  /** Number format. */
  format: string;
  /** Turned, shrunk, indented, filled or crossed out. */
  displaced: boolean;
  /** Whether long texts are broken into lines. */
  wrapped: boolean;
}

export interface SheetCell {
  /** From 1. */
  row: number;
  /** From 1. */
  column: number;
  /** What stands there; undefined: nothing. An error (`#REF!`) is its text. */
  value: string | number | boolean | undefined;
  error: boolean;
  /** A date that is written as text, as few programs do. */
  isoDate: boolean;
  formula: boolean;
  /** Whether parts of its text look otherwise than the rest. */
  rich: boolean;
  style: number;
}

export interface SheetEntry {
  name: string;
  visible: boolean;
  part: string;
}

export interface SheetFacts {
  /** Names of the elements directly below the sheet, of any namespace. */
  elements: Set<string>;
  columns: { min: number; max: number; width: number | undefined; hidden: boolean }[];
  hiddenRows: number[];
  /** Stated heights in points, by row. */
  heights: Map<number, number>;
  /** Something stands there twice, or where no program would look. */
  disordered: boolean;
  hyperlinks: { ref: string; location: string | undefined; id: string | undefined }[];
  paints: { area: string; type: string; formulas: string[]; dxf: number | undefined }[];
  validations: { area: string }[];
  /** Headers and footers, by their element's name. */
  printed: Map<string, string>;
  tables: string[];
  view: Map<string, string>;
  format: Map<string, string>;
}

export interface TableFacts {
  area: string;
  columns: string[];
  style?: string;
  /** Whether it has one row of headers, no totals and no formulas. */
  plain: boolean;
}

type Attributes = SaxesTagNS['attributes'];

function attribute(attributes: Attributes, name: string): string | undefined {
  return attributes[name]?.value;
}

function isTrue(text: string | undefined): boolean {
  return text === '1' || text === 'true' || text === 'on';
}

/** Visits the elements of a part; names of elements that are none of SpreadsheetML have their namespace before them. */
function visit(
  package_: Package,
  part: string,
  visitor: {
    open?: (name: string, attributes: Attributes, parents: readonly string[]) => void;
    text?: (text: string, parents: readonly string[]) => void;
    close?: (name: string, parents: readonly string[]) => void;
  },
  onStrict: () => void = () => undefined,
): void {
  const refuse = (what: string): ProbityError => new ProbityError('SIGNATURE_UNSUPPORTED', what, { where: part });
  const bytes = package_.parts.get(part);
  if (!bytes) throw refuse('a part of the workbook is missing');
  const parser = new SaxesParser({ xmlns: true, position: false });
  const way: string[] = [];
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') throw refuse('XML that is no UTF-8');
  });
  parser.on('doctype', () => {
    throw refuse('XML with a document type is not accepted');
  });
  parser.on('error', () => {
    throw refuse('not well-formed XML');
  });
  parser.on('opentag', (tag) => {
    const name = MAIN.has(tag.uri) ? tag.local : `${tag.uri} ${tag.local}`;
    if (tag.uri === STRICT) onStrict();
    visitor.open?.(name, tag.attributes, way);
    way.push(name);
  });
  const text = (piece: string): void => visitor.text?.(piece, way);
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', () => {
    const name = way.pop() ?? '';
    visitor.close?.(name, way);
  });
  const whole = textOf(bytes).replace(/^\ufeff/, '');
  for (let at = 0; at < whole.length; at += 1 << 20) parser.write(whole.slice(at, at + (1 << 20)));
  parser.close();
}

/** What an escape of SpreadsheetML stands for (22.9.2.19), with line ends as they are meant. */
function unescaped(text: string): string {
  return text
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\r\n?/g, '\n');
}

/** `AB12` as column and row, from 1. */
export function placeOf(reference: string): { column: number; row: number } | undefined {
  const match = /^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/.exec(reference);
  if (!match?.[1] || !match[2]) return undefined;
  let column = 0;
  for (const letter of match[1]) column = column * 26 + letter.charCodeAt(0) - 64;
  return { column, row: Number(match[2]) };
}

/** Formats that need no definition (18.8.30), as far as they are numbers and dates. */
const BUILT_IN = new Map([
  [0, 'General'],
  [1, '0'],
  [2, '0.00'],
  [3, '#,##0'],
  [4, '#,##0.00'],
  [9, '0%'],
  [10, '0.00%'],
  [14, 'm/d/yyyy'],
  [22, 'm/d/yyyy h:mm'],
  [49, '@'],
]);

const NO_STYLE: CellStyle = {
  font: { name: '', size: 0, odd: false },
  unresolved: true,
  format: 'General',
  displaced: false,
  wrapped: false,
};

/** A workbook of anybody's. */
export class Spreadsheet {
  readonly package: Package;
  readonly bookPart: string;
  readonly sheets: SheetEntry[] = [];
  readonly definedNames: { name: string; refersTo: string; hidden: boolean }[] = [];
  /** Names of the elements directly below the workbook. */
  readonly elements = new Set<string>();
  /** Whether days are counted from 1904. */
  from1904 = false;
  /** Whether its window or its tabs are hidden. */
  hiddenWindow = false;
  /** Whether any of it is in the strict dialect, which no program writes unasked. */
  strict = false;
  /** Whether it defines looks of tables. */
  ownTableStyles = false;
  /** Conditional looks, by number: whether each paints with colours of its own and nothing else. */
  readonly paints: { color?: string; fill?: string; plain: boolean }[] = [];
  #strings: { text: string; rich: boolean }[] = [];
  #styles: CellStyle[] = [];

  constructor(bytes: Uint8Array, where: string) {
    this.package = openPackage(bytes, where);
    const unpacked = [...this.package.parts.values()].reduce((sum, part) => sum + part.length, 0);
    if (unpacked > Math.max(ALWAYS_READ, MOST_RATIO * bytes.length))
      throw new ProbityError('SIGNATURE_UNSUPPORTED', 'a workbook that unpacks to far more than workbooks do', {
        where,
      });
    const main = this.relationships('_rels/.rels').filter(({ type }) => isOffice(type, 'officeDocument'));
    const target = main[0]?.target;
    if (main.length !== 1 || target === undefined)
      throw new ProbityError('SIGNATURE_UNSUPPORTED', 'not a workbook', { where });
    this.bookPart = resolved('', target);
    this.#readBook();
    for (const { type, target: part } of this.relationships(relationshipsOf(this.bookPart))) {
      if (isOffice(type, 'sharedStrings')) this.#readStrings(resolved(this.bookPart, part));
      if (isOffice(type, 'styles')) this.#readStyles(resolved(this.bookPart, part));
    }
  }

  relationships(part: string) {
    return this.package.relationships(part);
  }

  /** Where the relationships of a part are written, with what each leads to. */
  targetsOf(part: string): { id: string; type: string; part: string; external: boolean; target: string }[] {
    return this.relationships(relationshipsOf(part)).map(({ id, type, target, mode }) => ({
      id,
      type: type.split('/').at(-1) ?? '',
      target,
      part: mode === 'External' ? '' : resolved(part, target),
      external: mode === 'External',
    }));
  }

  style(number: number): CellStyle {
    return this.#styles[number] ?? NO_STYLE;
  }

  #visit(part: string, visitor: Parameters<typeof visit>[2]): void {
    visit(this.package, part, visitor, () => {
      this.strict = true;
    });
  }

  #readBook(): void {
    const targets = new Map(this.targetsOf(this.bookPart).map(({ id, part }) => [id, part]));
    let name: { name: string; refersTo: string; hidden: boolean } | undefined;
    this.#visit(this.bookPart, {
      open: (element, attributes, parents) => {
        if (parents.length === 1) this.elements.add(element);
        if (element === 'workbookPr') this.from1904 = isTrue(attribute(attributes, 'date1904'));
        if (
          element === 'workbookView' &&
          ((attribute(attributes, 'visibility') ?? 'visible') !== 'visible' ||
            !isTrue(attribute(attributes, 'showSheetTabs') ?? '1') ||
            isTrue(attribute(attributes, 'minimized')))
        )
          this.hiddenWindow = true;
        if (element === 'definedName') {
          name = {
            name: attribute(attributes, 'name') ?? '',
            refersTo: '',
            hidden: isTrue(attribute(attributes, 'hidden')),
          };
          this.definedNames.push(name);
        }
        if (element === 'sheet' && parents.at(-1) === 'sheets') {
          const id = Object.values(attributes).find(({ local, uri }) => local === 'id' && OFFICE.includes(uri))?.value;
          this.sheets.push({
            name: attribute(attributes, 'name') ?? '',
            visible: (attribute(attributes, 'state') ?? 'visible') === 'visible',
            part: targets.get(id ?? '') ?? '',
          });
        }
      },
      text: (text, parents) => {
        if (name && parents.at(-1) === 'definedName') name.refersTo += text;
      },
    });
  }

  #readStrings(part: string): void {
    let text = '';
    let rich = false;
    let pieces = 0;
    this.#visit(part, {
      open: (element) => {
        if (element === 'si') {
          text = '';
          rich = false;
          pieces = 0;
        } else if (element === 'r' || element === 'rPh' || (element === 't' && ++pieces > 1)) rich = true;
      },
      text: (piece, parents) => {
        if (parents.at(-1) === 't' && !parents.includes('rPh')) text += piece;
      },
      close: (element) => {
        if (element === 'si') this.#strings.push({ text: unescaped(text), rich });
      },
    });
  }

  #readStyles(part: string): void {
    const formats = new Map(BUILT_IN);
    const fonts: { font: CellStyle['font']; themed: boolean; said: Set<string> }[] = [];
    const crossed: boolean[] = [];
    const fills: { fill?: string; themed: boolean }[] = [];
    let paint: (typeof this.paints)[number] | undefined;
    const colorOf = (attributes: Attributes): { color?: string; themed: boolean } => {
      const rgb = attribute(attributes, 'rgb');
      if (rgb !== undefined && /^(?:[0-9A-Fa-f]{2})?[0-9A-Fa-f]{6}$/.test(rgb))
        return { color: rgb.slice(-6).toUpperCase(), themed: false };
      const automatic = isTrue(attribute(attributes, 'auto')) || attribute(attributes, 'indexed') === '64';
      return { themed: !automatic };
    };
    this.#visit(part, {
      open: (element, attributes, parents) => {
        const parent = parents.at(-1);
        const value = attribute(attributes, 'val');
        if (parents.includes('dxfs')) {
          if (element === 'dxf') {
            paint = { plain: true };
            this.paints.push(paint);
          } else if (paint) {
            const { color, themed } = colorOf(attributes);
            if (element === 'color' && parent === 'font' && color && !themed) paint.color = color;
            else if (element === 'bgColor' && color && !themed) paint.fill = color;
            else if (!['font', 'fill', 'patternFill', 'fgColor', 'b', 'i'].includes(element)) paint.plain = false;
            else if (element === 'patternFill' && !['solid', undefined].includes(attribute(attributes, 'patternType')))
              paint.plain = false;
          }
          return;
        }
        if (element === 'tableStyle') this.ownTableStyles = true;
        if (element === 'numFmt')
          formats.set(Number(attribute(attributes, 'numFmtId')), attribute(attributes, 'formatCode') ?? '');
        if (parents.includes('fonts')) {
          const last = fonts.at(-1);
          if (element === 'font')
            fonts.push({ font: { name: '', size: 11, odd: false }, themed: false, said: new Set() });
          else if (last) {
            const { font } = last;
            if (last.said.has(element)) font.odd = true;
            last.said.add(element);
            if (element === 'name') font.name = value ?? '';
            else if (element === 'sz') font.size = Number(value);
            else if (element === 'strike') font.odd ||= value === undefined || isTrue(value);
            else if (element === 'vertAlign') font.odd ||= value !== 'baseline';
            else if (element === 'charset') font.odd ||= value === '2';
            // A font of the theme is whatever the theme says it is.
            else if (element === 'scheme') last.themed ||= value !== 'none';
            else if (element === 'color') {
              const { color, themed } = colorOf(attributes);
              last.themed ||= themed;
              if (color !== undefined) font.color = color;
            }
          }
        }
        if (parents.includes('fills')) {
          const fill = fills.at(-1);
          if (element === 'fill') fills.push({ themed: false });
          else if (fill && element === 'patternFill') {
            const pattern = attribute(attributes, 'patternType') ?? 'none';
            if (pattern === 'solid') fill.fill = '';
            else if (pattern !== 'none') fill.themed = true;
          } else if (fill && element === 'fgColor' && fill.fill !== undefined) {
            const { color, themed } = colorOf(attributes);
            fill.themed = themed;
            fill.fill = color ?? '';
          } else if (fill && element === 'gradientFill') fill.themed = true;
        }
        if (element === 'border' && parent === 'borders')
          crossed.push(isTrue(attribute(attributes, 'diagonalUp')) || isTrue(attribute(attributes, 'diagonalDown')));
        if (element === 'xf' && parent === 'cellXfs') {
          const number = (name: string): number => Number(attribute(attributes, name) ?? 0);
          const font = fonts[number('fontId')];
          const fill = fills[number('fillId')];
          this.#styles.push({
            font: font?.font ?? NO_STYLE.font,
            ...(fill?.fill === undefined ? {} : { fill: fill.fill }),
            unresolved: !font || !fill || font.themed || fill.themed || fill.fill === '',
            format: formats.get(number('numFmtId')) ?? 'unknown',
            displaced: crossed[number('borderId')] ?? false,
            wrapped: false,
          });
        }
        if (element === 'alignment' && parent === 'xf' && parents.at(-2) === 'cellXfs') {
          const style = this.#styles.at(-1);
          const horizontal = attribute(attributes, 'horizontal') ?? 'general';
          if (style) style.wrapped = isTrue(attribute(attributes, 'wrapText'));
          if (style)
            style.displaced ||=
              Number(attribute(attributes, 'textRotation') ?? 0) !== 0 ||
              Number(attribute(attributes, 'indent') ?? 0) !== 0 ||
              isTrue(attribute(attributes, 'shrinkToFit')) ||
              !['general', 'left', 'right', 'center'].includes(horizontal);
        }
      },
    });
  }

  /** Reads the definition of a table. */
  table(part: string): TableFacts {
    const facts: TableFacts = { area: '', columns: [], plain: true };
    this.#visit(part, {
      open: (element, attributes, parents) => {
        if (parents.length === 0) {
          facts.area = attribute(attributes, 'ref') ?? '';
          if (Number(attribute(attributes, 'headerRowCount') ?? 1) !== 1) facts.plain = false;
          if (Number(attribute(attributes, 'totalsRowCount') ?? 0) !== 0) facts.plain = false;
        }
        if (element === 'tableColumn') facts.columns.push(unescaped(attribute(attributes, 'name') ?? ''));
        if (element === 'calculatedColumnFormula' || element === 'totalsRowFormula') facts.plain = false;
        if (element === 'tableStyleInfo') {
          const style = attribute(attributes, 'name');
          if (style !== undefined) facts.style = style;
        }
      },
    });
    return facts;
  }

  /** Reads one sheet. @param onCell is told each cell with a value, a formula or a style, in their order */
  read(sheet: SheetEntry, onCell: (cell: SheetCell) => void): SheetFacts {
    const facts: SheetFacts = {
      elements: new Set(),
      columns: [],
      hiddenRows: [],
      heights: new Map(),
      disordered: false,
      hyperlinks: [],
      paints: [],
      validations: [],
      printed: new Map(),
      tables: [],
      view: new Map(),
      format: new Map(),
    };
    let row = 0;
    let column = 0;
    let cells = 0;
    let cell:
      | { type: string; style: number; value: string; formula: boolean; rich: boolean; texts: number }
      | undefined;
    let area = '';
    this.#visit(sheet.part, {
      open: (element, attributes, parents) => {
        if (parents.length === 1) {
          if (facts.elements.has(element) && element !== 'conditionalFormatting') facts.disordered = true;
          facts.elements.add(element);
        }
        switch (element) {
          case 'row': {
            const stated = attribute(attributes, 'r');
            const next = stated === undefined ? row + 1 : Number(stated);
            if (!(next > row) || parents.at(-1) !== 'sheetData') facts.disordered = true;
            row = next;
            column = 0;
            const height = attribute(attributes, 'ht');
            if (height !== undefined) facts.heights.set(row, Number(height));
            if (isTrue(attribute(attributes, 'hidden'))) facts.hiddenRows.push(row);
            return;
          }
          case 'c': {
            const stated = attribute(attributes, 'r');
            const place = stated === undefined ? { row, column: column + 1 } : placeOf(stated);
            if (!place || place.row !== row || place.column <= column || parents.at(-1) !== 'row')
              facts.disordered = true;
            column = place?.column ?? column + 1;
            if (++cells > MOST_CELLS)
              throw new ProbityError('SIGNATURE_UNSUPPORTED', `a sheet has more than ${MOST_CELLS} cells`, {
                where: sheet.part,
              });
            cell = {
              type: attribute(attributes, 't') ?? 'n',
              style: Number(attribute(attributes, 's') ?? 0),
              value: '',
              formula: false,
              rich: false,
              texts: 0,
            };
            return;
          }
          case 'f':
            if (cell) cell.formula = true;
            return;
          case 'v':
          case 't':
            // A value that is said in two ways is read in two ways.
            if (cell && ++cell.texts > 1) cell.rich = true;
            return;
          case 'r':
          case 'rPh':
            if (cell) cell.rich = true;
            return;
          case 'col':
            facts.columns.push({
              min: Number(attribute(attributes, 'min')),
              max: Number(attribute(attributes, 'max')),
              width: attribute(attributes, 'width') === undefined ? undefined : Number(attribute(attributes, 'width')),
              hidden: isTrue(attribute(attributes, 'hidden')),
            });
            return;
          case 'hyperlink':
            facts.hyperlinks.push({
              ref: attribute(attributes, 'ref') ?? '',
              location: attribute(attributes, 'location'),
              id: Object.values(attributes).find(({ local, uri }) => local === 'id' && OFFICE.includes(uri))?.value,
            });
            return;
          case 'conditionalFormatting':
            area = attribute(attributes, 'sqref') ?? '';
            return;
          case 'cfRule': {
            const dxf = attribute(attributes, 'dxfId');
            facts.paints.push({
              area,
              type: attribute(attributes, 'type') ?? '',
              formulas: [],
              dxf: dxf === undefined ? undefined : Number(dxf),
            });
            return;
          }
          case 'dataValidation':
            facts.validations.push({ area: attribute(attributes, 'sqref') ?? '' });
            return;
          case 'tablePart':
            facts.tables.push(
              Object.values(attributes).find(({ local, uri }) => local === 'id' && OFFICE.includes(uri))?.value ?? '',
            );
            return;
          case 'sheetView':
          case 'sheetFormatPr':
            for (const { local, value } of Object.values(attributes))
              (element === 'sheetView' ? facts.view : facts.format).set(local, value);
            return;
          default:
            if (parents.at(-1) === 'headerFooter') facts.printed.set(element, '');
            if (parents.at(-1) === 'cfRule' && element === 'formula') facts.paints.at(-1)?.formulas.push('');
        }
      },
      text: (text, parents) => {
        const parent = parents.at(-1) ?? '';
        if (cell && (parent === 'v' || (parent === 't' && !parents.includes('rPh')))) cell.value += text;
        else if (parents.at(-2) === 'headerFooter') facts.printed.set(parent, (facts.printed.get(parent) ?? '') + text);
        else if (parent === 'formula' && parents.at(-2) === 'cfRule') {
          const formulas = facts.paints.at(-1)?.formulas;
          if (formulas) formulas[formulas.length - 1] = `${formulas.at(-1) ?? ''}${text}`;
        }
      },
      close: (element) => {
        if (element !== 'c' || !cell) return;
        const { type, style, value, formula, rich } = cell;
        cell = undefined;
        const shared = type === 's' ? this.#strings[Number(value)] : undefined;
        onCell({
          row,
          column,
          value: type === 's' ? (shared?.text ?? '') : valueFrom(type, value),
          error: type === 'e',
          isoDate: type === 'd',
          formula,
          rich: rich || shared?.rich === true,
          style,
        });
      },
    });
    return facts;
  }
}

function valueFrom(type: string, text: string): string | number | boolean | undefined {
  switch (type) {
    case 'n':
      return text.trim() === '' ? undefined : Number(text);
    case 'b':
      return isTrue(text.trim());
    case 'inlineStr':
    case 'str':
    case 'd':
      return unescaped(text);
    default:
      return text;
  }
}

function isOffice(type: string, name: string): boolean {
  return OFFICE.some((base) => type === `${base}/${name}`);
}

/** Where the relationships of a part stand. */
function relationshipsOf(part: string): string {
  const at = part.lastIndexOf('/') + 1;
  return `${part.slice(0, at)}_rels/${part.slice(at)}.rels`;
}

/** What a target means from a part: absolute names of parts are as good as relative ones. */
function resolved(from: string, target: string): string {
  const way = target.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const step of target.split('/').filter(Boolean))
    if (step === '..') way.pop();
    else if (step !== '.') way.push(step);
  return way.join('/');
}

/** The day of a serial number of Excel's, as YYYY-MM-DD. @param from1904 whether days are counted from 1904 */
export function dayOfSerial(serial: number, from1904: boolean): string | undefined {
  const days = Math.floor(serial) + (from1904 ? 1462 : 0);
  // From 2000 to 2099: whatever lies outside of it is a number that somebody took for a date.
  if (!(days >= 36_526 && days < 73_051)) return undefined;
  return new Date((days - 25_569) * 86_400_000).toISOString().slice(0, 10);
}
