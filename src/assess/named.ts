/*
 * Whether a name, an owner or a fact says something. Files are filled in from templates, and a template's own words, or a
 * word for "nothing", answer for nobody.
 */

/** First words by which a text says that there is nothing. */
const VOID: ReadonlySet<string> = new Set([
  'false',
  'fixme',
  'later',
  'missing',
  'n/a',
  'na',
  'never',
  'nil',
  'no',
  'nobody',
  'none',
  'not',
  'nothing',
  'null',
  'open',
  'pending',
  'placeholder',
  'planned',
  'tba',
  'tbc',
  'tbd',
  'todo',
  'unassigned',
  'undefined',
  'undecided',
  'unknown',
  'xxx',
]);

/** What a spreadsheet writes into a cell that it could not work out. */
const SHEET_ERROR = /^#(?:n\/a|ref!|value!|name\?|null!|num!|div\/0!|error!|spill!|calc!)$/i;

/** Texts that templates put where somebody's own belongs. */
const TEMPLATE =
  /^[<[{(].*[>\]})]$|^(your|my|the|a|some|first|last|full) (name|role|title|owner|team)s?$|^to be |^(name|role|title|owner|who|somebody|someone|example|lorem)( |$)|^(john|jane) doe$/i;

/** Whether a text says something: letters or digits, and not that there is nothing, nor a template's own words. */
export function isSomething(text: string): boolean {
  const trimmed = text.trim();
  const first = trimmed.toLowerCase().split(/[\s,;:.!?]+/)[0] ?? '';
  return /[\p{L}\p{N}]/u.test(trimmed) && !SHEET_ERROR.test(trimmed) && !VOID.has(first) && !TEMPLATE.test(trimmed);
}
