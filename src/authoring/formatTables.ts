import type { Adapter, FormatFacts } from '../evidence/adapter.ts';

type Described = Pick<Adapter, 'format' | 'about'>;

/** A column of a table: its heading, and what stands in it. */
type Column = [heading: string, of: (about: FormatFacts) => string | undefined];

const FORMATS: Column[] = [
  ['format', (about) => about.files],
  ['recognised by', (about) => about.recognisedBy],
  ['gives', (about) => about.gives],
  ['what it is not, and what is not counted', (about) => about.limits],
];
const RECORDS: Column[] = [
  ['tool', (about) => about.files],
  ['model', (about) => about.records?.target ?? 'no'],
  ['day', (about) => about.records?.day ?? 'no'],
  ['draw of members', (about) => about.records?.draw],
  ['control', (about) => about.records?.control],
  ['left to declare', (about) => about.records?.declare],
];

function table(rows: readonly FormatFacts[], columns: Column[]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([heading]) => heading)),
    line(columns.map(() => '---')),
    ...rows.map((about) => line(columns.map(([, of]) => of(about) ?? ''))),
  ].join('\n');
}

/** The formats of one group by the names of their files, or those that say what a tool records. */
function rowsOf(adapters: readonly Described[], name: string): FormatFacts[] {
  const rows = adapters
    .map(({ about }) => about)
    .filter((about) => (name === 'records' ? about.records !== undefined : about.group === name));
  return rows.sort((a, b) => (a.files.toLowerCase() < b.files.toLowerCase() ? -1 : 1));
}

const TABLE = /(<!-- formats: ([^>]+?) -->\n)[\s\S]*?(<!-- end -->)/g;

/**
 * The text of a page with its tables of formats made anew, each between `<!-- formats: GROUP -->` (or `records`) and
 * `<!-- end -->`.
 * @throws Error for a table that no format is in, and for a format that no table shows
 */
export function withFormatTables(page: string, adapters: readonly Described[]): string {
  const shown = new Set<FormatFacts>();
  const text = page.replace(TABLE, (_whole, begin: string, name: string, end: string) => {
    const rows = rowsOf(adapters, name);
    if (rows.length === 0) throw new Error(`no format is in a group "${name}"`);
    if (name !== 'records') for (const row of rows) shown.add(row);
    return `${begin}${table(rows, name === 'records' ? RECORDS : FORMATS)}\n${end}`;
  });
  const left = adapters.filter(({ about }) => !shown.has(about)).map(({ format }) => format);
  if (left.length > 0) throw new Error(`no table shows ${left.join(', ')}`);
  return text;
}
