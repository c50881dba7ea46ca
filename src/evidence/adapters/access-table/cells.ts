import { ProbityError } from '../../../errors.ts';
import { isoDate } from '../../../schema.ts';
import { table } from '../../../table.ts';
import type { AccessField, AccessMap } from '../../accessMap.ts';

/** Words by which tables say that there is nothing to say; they are as good as an empty cell. */
const EMPTY =
  /^(?:|-+|–|—|n\/?a|null|nil|undefined|unknown|\(null\)|\(blank\)|no[_ -]information|not[_ -](?:supported|available|applicable|set)|#n\/a)$/i;
/** Of these, words for what somebody does not know, which is not the same as none. */
const UNKNOWN = /^(?:undefined|unknown|no[_ -]information|not[_ -](?:supported|available))$/i;
/** Words by which tables say that there is none. */
const NONE = /^(?:none|no|never|nothing|keine?|aucune?|ninguno)$/i;
const ENDLESS = /^(?:never|none|no(?:ne)? ?expir(?:y|ation)|does not expire|unlimited|permanent)$/i;
const EVERYTHING =
  /^(?:\*|all|any|everything|all (?:actions|resources|privileges|rights|permissions)|full(?: ?(?:control|access))?)$/i;

const TRUE = /^(?:true|t|yes|y|1|on|enabled|active|x|✓|✔|ja|wahr|oui|vrai|s[ií]|verdadero)$/i;
const FALSE = /^(?:false|f|no|n|0|off|disabled|inactive|✗|✘|nein|falsch|non|faux|falso)$/i;

const TYPES = table<'human' | 'machine'>({
  human: 'human',
  person: 'human',
  machine: 'machine',
  service: 'machine',
  'service account': 'machine',
  workload: 'machine',
  'service principal': 'machine',
  'managed identity': 'machine',
  application: 'machine',
  bot: 'machine',
});

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The longest texts of an identity. */
const LONGEST_ID = 300;
const LONGEST_TEXT = 200;
const MOST_PARTS = 1000;

/** A cell with its place; what stands in it is read by what it is for. */
export interface Cell {
  field: AccessField;
  /** As the file has it. */
  text: string;
  /** Where one value of JSON is a list. */
  parts?: string[];
  column: string;
  /** The place of its row, in the words of an error: `:12` or `#/3`. */
  place: string;
}

/** Reads cells of a table of identities as the workspace says that they are meant. */
export class AccessCells {
  readonly #path: string;
  readonly #map: AccessMap;
  /** By field, what words of the file mean, in lower case. */
  readonly #values: Map<AccessField, Map<string, string | boolean>>;

  constructor(path: string, map: AccessMap) {
    this.#path = path;
    this.#map = map;
    this.#values = new Map(
      Object.entries(map.values ?? {}).map(([field, words]) => [
        field as AccessField,
        new Map(Object.entries(words ?? {}).map(([word, meaning]) => [word.trim().toLowerCase(), meaning])),
      ]),
    );
  }

  /** @throws ProbityError EVIDENCE_MALFORMED with line and column */
  fail({ column, text, place }: Pick<Cell, 'column' | 'text' | 'place'>, what: string, remedy: string): never {
    throw new ProbityError('EVIDENCE_MALFORMED', `column "${column.slice(0, 80)}" is "${text.slice(0, 60)}", ${what}`, {
      where: `${this.#path}${place}`,
      remedy,
    });
  }

  #meaning(cell: Cell, text: string): string | boolean | undefined {
    return this.#values.get(cell.field)?.get(text.toLowerCase());
  }

  /** What stands in a cell, or what its word means; undefined where it says nothing. */
  text(cell: Cell | undefined, most = LONGEST_TEXT): string | undefined {
    if (cell === undefined) return undefined;
    const text = cell.text.trim();
    const meaning = this.#meaning(cell, text);
    if (meaning === undefined && EMPTY.test(text)) return undefined;
    const said = meaning === undefined ? text : String(meaning);
    if (said.length > most)
      this.fail(cell, `longer than ${most} characters`, 'Name the column that holds it by itself');
    return said;
  }

  /** The identifier of a row. */
  id(cell: Cell | undefined, place: string): string {
    const id = this.text(cell, LONGEST_ID);
    if (id === undefined)
      this.fail(
        { text: cell?.text ?? '', column: cell?.column ?? this.#map.columns.id ?? 'id', place: cell?.place ?? place },
        'and every row needs an identity',
        'Take out rows that are no identities (headings, totals), or name another column as id',
      );
    return id;
  }

  /** Whether a cell says that there is none of what it is for. */
  isNone(cell: Cell | undefined): boolean {
    const text = this.text(cell);
    return text !== undefined && NONE.test(text);
  }

  /** Whether a cell says that what it is for is not known. */
  isUnknown(cell: Cell | undefined): boolean {
    const text = cell?.text.trim() ?? '';
    return cell !== undefined && this.#meaning(cell, text) === undefined && UNKNOWN.test(text);
  }

  boolean(cell: Cell | undefined): boolean | undefined {
    const text = this.text(cell);
    if (cell === undefined || text === undefined) return undefined;
    if (TRUE.test(text)) return true;
    if (FALSE.test(text)) return false;
    return this.fail(
      cell,
      'neither true nor false',
      `Say what it means: values: {${cell.field}: {${quotedKey(text)}: true}} in its entry under sources`,
    );
  }

  type(cell: Cell | undefined): 'human' | 'machine' | undefined {
    const text = this.text(cell);
    if (cell === undefined || text === undefined) return undefined;
    return (
      TYPES[text.toLowerCase().replaceAll(/[_-]/g, ' ')] ??
      this.fail(
        cell,
        'neither human nor machine',
        `Say what it means: values: {type: {${quotedKey(text)}: machine}} in its entry under sources`,
      )
    );
  }

  /** One of a list of words. */
  word<T extends string>(cell: Cell | undefined, words: readonly T[]): T | undefined {
    const text = this.text(cell);
    return cell === undefined || text === undefined ? undefined : this.#known(cell, text, words);
  }

  /** Several of a list of words. */
  words<T extends string>(cell: Cell | undefined, words: readonly T[]): T[] | undefined {
    return cell === undefined ? undefined : this.list(cell)?.map((text) => this.#known(cell, text, words));
  }

  #known<T extends string>(cell: Cell, text: string, words: readonly T[]): T {
    const same = text.toLowerCase().replaceAll(/[\s_]+/g, '-');
    return (
      words.find((word) => word === same) ??
      this.fail(
        { ...cell, text },
        `which is none of ${words.join(', ')}`,
        `Say what it means: values: {${cell.field}: {${quotedKey(text)}: ${words[0]}}} in its entry under sources`,
      )
    );
  }

  /** The values of a cell that may hold several; undefined where it says nothing, empty where it says that there are none. */
  list(cell: Cell | undefined, most = LONGEST_ID): string[] | undefined {
    if (cell === undefined) return undefined;
    const whole = cell.text.trim();
    if (this.#meaning(cell, whole) !== undefined) return [String(this.#meaning(cell, whole))];
    if (EMPTY.test(whole) && !cell.parts) return undefined;
    if (NONE.test(whole)) return [];
    const parts = cell.parts ?? (this.#map.separator ? whole.split(this.#map.separator) : whole.split(/[,;|\n]/));
    const found = parts
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => {
        const meaning = this.#meaning(cell, part);
        return meaning === undefined ? part : String(meaning);
      });
    if (found.length > MOST_PARTS) this.fail(cell, `more than ${MOST_PARTS} values`, 'Write a row for each');
    const long = found.find((part) => part.length > most);
    if (long !== undefined)
      this.fail({ ...cell, text: long }, `longer than ${most} characters`, 'Name the column that holds it by itself');
    return [...new Set(found)];
  }

  /** As {@link list}, with words for everything as `*`. */
  wide(cell: Cell | undefined): string[] | undefined {
    return this.list(cell)?.map((part) => (EVERYTHING.test(part) ? '*' : part));
  }

  /** A day or a moment; `never` where it says so and that can be, undefined where it says nothing. */
  date(cell: Cell | undefined): string | undefined {
    const text = this.text(cell);
    if (cell === undefined || text === undefined || ENDLESS.test(text)) return undefined;
    return this.#day(cell, text);
  }

  expiry(cell: Cell | undefined): string | undefined {
    const text = this.text(cell);
    if (cell === undefined || text === undefined) return undefined;
    return ENDLESS.test(text) ? 'never' : this.#day(cell, text);
  }

  #day(cell: Cell, text: string): string {
    const refuse = (what: string): never =>
      this.fail(cell, what, 'Write dates like 2026-09-30, or name a column that holds some');
    const iso = isoOf(text);
    if (iso !== undefined) return isoDate.safeParse(iso).success ? iso : refuse('and there is no such day');
    const named = namedMonth(text);
    if (named !== undefined) return isoDate.safeParse(named).success ? named : refuse('and there is no such day');
    const numbers = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ ,T].{0,30})?$/.exec(text);
    if (!numbers) return refuse('which is no date');
    const [first, second, year] = [Number(numbers[1]), Number(numbers[2]), numbers[3] as string];
    const order =
      this.#map.dates ?? (first > 12 ? 'day-first' : second > 12 || first === second ? 'month-first' : undefined);
    if (order === undefined)
      return this.fail(
        cell,
        'which is one day in some countries and another in others',
        'Say how dates are meant: dates: day-first (or month-first) beside columns, in its entry under sources',
      );
    const [day, month] = order === 'day-first' ? [first, second] : [second, first];
    const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    return isoDate.safeParse(date).success ? date : refuse(`which is no day with ${order.replace('-', ' ')}`);
  }
}

/** The year first: with time and zone where they stand there; a time without a zone is in UTC. */
function isoOf(text: string): string | undefined {
  const match =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text,
    );
  if (!match) return undefined;
  const [, year, month = '', day = '', time, zone] = match;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (time === undefined) return date;
  const shift = zone === undefined || /^(z|utc)$/i.test(zone) ? 'Z' : zone.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2');
  const moment = `${date}T${time}${shift}`;
  return Number.isNaN(Date.parse(moment)) ? undefined : moment;
}

/** A month by its English name: `12 Nov 2026`, `Nov 12, 2026`, `12-Nov-2026`, with anything of time after it. */
function namedMonth(text: string): string | undefined {
  const match =
    /^(?:[a-z]{3,9},? )?(?:(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d{4})|([a-z]{3,9})\.? (\d{1,2}),? (\d{4}))(?:[ ,T].{0,30})?$/i.exec(
      text,
    );
  if (!match) return undefined;
  const [, day1, month1, year1, month2, day2, year2] = match;
  const month = MONTHS.indexOf((month1 ?? month2 ?? '').slice(0, 3).toLowerCase()) + 1;
  if (month === 0) return undefined;
  return `${year1 ?? year2}-${String(month).padStart(2, '0')}-${(day1 ?? day2 ?? '').padStart(2, '0')}`;
}

function quotedKey(text: string): string {
  return /^[A-Za-z][\w ]*$/.test(text) ? text : JSON.stringify(text);
}
