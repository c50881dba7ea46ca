import type { Technique } from '../../catalog/schemas.ts';
import { ACCESS_FIELDS, type AccessField, CREDENTIAL_FIELDS, RIGHTS_FIELDS } from '../../evidence/accessMap.ts';
import { AccessCells } from '../../evidence/adapters/access-table/cells.ts';
import type { ColumnProfile, TableProfile } from '../../evidence/records.ts';
import { redactText } from '../../evidence/secrets.ts';
import { tameText } from '../../evidence/text.ts';
import { ATTACK_CLASSES, SURFACES } from '../../terms.ts';
import { visibleJson } from '../../visible.ts';
import { grouped } from '../../wording.ts';
import { accessGuesses, type DraftKind, type Guess, resultGuesses, scoreGuesses, valuesOf } from './guesses.ts';

/* Drafts for files that nobody knows: YAML in which a person fills in what the file cannot say. Until then it is refused. */

export interface DraftInput {
  /** The file as `sources` names it. */
  name: string;
  sha256: string;
  table: TableProfile;
  techniques: readonly Technique[];
}

export interface Draft {
  kind: DraftKind;
  guesses: Guess[];
  text: string;
}

/** How often each verdict was given, by probe, detector and target. */
export type VerdictCounts = readonly {
  probe: string | undefined;
  detector: string | undefined;
  target: string | undefined;
  verdicts: ReadonlyMap<string, number>;
}[];

const replace = (what: string): string => visibleJson(`<replace: ${what.replaceAll(/[<>]/g, '')}>`);
const quoted = (text: string): string => visibleJson(text);

function heading({ name, sha256, table }: DraftInput, then: string): string[] {
  return [
    `# A draft for ${oneLine(name)} (${grouped(table.rows)} rows, SHA-256 ${sha256}).`,
    `# ${then} It is refused until every <replace: ..> in it is replaced.`,
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').slice(0, 200);
}

function why(guess: Guess, table: TableProfile): string {
  const column = table.columns.find(({ name }) => name === guess.column);
  return `  # ${oneLine(guess.why)}${column ? `; e.g. ${oneLine(redactText(tameText(valuesOf(column))))}` : ''}`;
}

const INTO_SOURCES = 'Put the entry under `sources` in probity.yaml.';

/** A `sources` entry for a table of membership scores. */
export function scoresDraft(input: DraftInput): Draft {
  const { table, name, techniques } = input;
  const guesses = scoreGuesses(table);
  const score = guesses.find(({ field }) => field === 'score');
  const member = guesses.find(({ field }) => field === 'isMember');
  const lower = /loss|nll|perplexity|ppl|entropy/i.test(score?.column ?? '');
  const own = techniques.filter(({ attackClass }) => attackClass === 'membership-inference').map(({ id }) => id);
  const names = table.columns.map((column) => column.name).join(', ');
  const text = [
    ...heading(input, INTO_SOURCES),
    'sources:',
    `  - match: ${quoted(name)}`,
    `    technique: ${replace(`how the scores were made, one of ${own.join(', ')}`)}`,
    `    surface: ${replace(`what was attacked, one of ${SURFACES.join(', ')}`)}`,
    `    collected: ${replace('the day on which the attack was run, like 2026-09-30')}`,
    `    target: ${replace('the model that was attacked, by its id or a target in probity.yaml')}`,
    '    columns:',
    ...guesses.map((guess) => `      ${guess.field}: ${quoted(guess.column)}${why(guess, table)}`),
    ...(score ? [] : [`      score: ${replace(`the column of scores, of ${names}`)}`]),
    ...(member
      ? []
      : [`      isMember: ${replace(`the column that says whether a record was trained on, of ${names}`)}`]),
    lower
      ? '    higherMeansMember: false  # a loss is lower for what was trained on'
      : '    higherMeansMember: true   # false where a lower score means member',
    '    # What makes scores count, where it is so:',
    '    # assignment: {random: true, by: who drew the members, how: seeded shuffle before training}',
    '    # positiveControl: {file: scores of the same attack on an over-fitted copy, how: how the copy was made}',
  ].join('\n');
  return { kind: 'scores', guesses, text: `${text}\n` };
}

/** A `sources` entry for a listing of identities, with the words and dates in it that could mean two things. */
export function accessDraft(input: DraftInput): Draft {
  const { table, name } = input;
  const guesses = accessGuesses(table);
  const has = (fields: readonly AccessField[]): boolean => guesses.some(({ field }) => fields.includes(field));
  const words = doubtfulWords(guesses, table);
  const dates = doubtfulDate(guesses, table);
  const complete = [...(has(CREDENTIAL_FIELDS) ? ['credentials'] : []), ...(has(RIGHTS_FIELDS) ? ['rights'] : [])];
  const unused = table.columns
    .map((column) => column.name)
    .filter((one) => !guesses.some(({ column }) => column === one));
  const text = [
    ...heading(input, INTO_SOURCES),
    'sources:',
    `  - match: ${quoted(name)}`,
    `    collected: ${replace('the day of the listing, like 2026-09-30')}`,
    '    access:',
    '      columns:',
    ...(guesses.some(({ field }) => field === 'id')
      ? []
      : [`        id: ${replace(`the column that names the identity, of ${unused.join(', ')}`)}`]),
    ...guesses.map((guess) => `        ${guess.field}: ${quoted(guess.column)}${why(guess, table)}`),
    ...(unused.length > 0
      ? [
          `        # not used: ${oneLine(unused.join(', '))}`,
          `        # a column can be: ${ACCESS_FIELDS.filter((field) => !guesses.some((guess) => guess.field === field)).join(', ')}`,
        ]
      : []),
    ...(words.length > 0 ? ['      values:', ...words] : []),
    ...(dates === undefined
      ? []
      : [`      dates: ${replace(`day-first or month-first; ${quotedPlain(dates)} can be read both ways`)}`]),
    ...(complete.length > 0
      ? [
          '      # Without complete, what is listed can fail a control and not pass one. Take the line out where something may be missing.',
          `      complete: [${complete.map((one) => replace(`${one}, if the file lists all that its identities have`)).join(', ')}]`,
        ]
      : []),
    '      # thirdParties: none  # where no third party has an identity',
  ].join('\n');
  return { kind: 'access', guesses, text: `${text}\n` };
}

function quotedPlain(text: string): string {
  return oneLine(text).replaceAll('"', "'").slice(0, 60);
}

const TRUTHS: readonly AccessField[] = ['active', 'admin', 'root', 'mfa', 'interactive', 'credentialActive'];
const DATES: readonly AccessField[] = [
  'created',
  'lastUsed',
  'reviewed',
  'credentialCreated',
  'credentialExpires',
  'credentialLastUsed',
];

/** Whether a word can be read as what its field is. */
function isRead(field: AccessField, column: string, text: string): boolean {
  const cells = new AccessCells('', { columns: { id: column } });
  const cell = { field, column, text, place: '' };
  try {
    if (field === 'type') cells.type(cell);
    else if (TRUTHS.includes(field)) cells.boolean(cell);
    else if (DATES.includes(field)) cells.date(cell);
    return true;
  } catch {
    return false;
  }
}

function doubtfulWords(guesses: readonly Guess<AccessField>[], table: TableProfile): string[] {
  return guesses.flatMap(({ field, column }) => {
    const asks = field === 'type' ? 'human or machine' : TRUTHS.includes(field) ? 'true or false' : undefined;
    const values = [...(columnOf(table, column)?.values?.keys() ?? [])];
    const doubtful = asks === undefined ? [] : values.filter((value) => !isRead(field, column, value));
    return doubtful.length === 0
      ? []
      : [
          `        ${field}: {${doubtful
            .slice(0, 30)
            .map((value) => `${quoted(value)}: ${replace(`what ${quotedPlain(value)} means, ${asks}`)}`)
            .join(', ')}}`,
        ];
  });
}

function doubtfulDate(guesses: readonly Guess<AccessField>[], table: TableProfile): string | undefined {
  return guesses
    .filter(({ field }) => DATES.includes(field))
    .flatMap(({ field, column }) =>
      [...(columnOf(table, column)?.values?.keys() ?? columnOf(table, column)?.samples ?? [])].filter(
        (text) => /^\d{1,2}[./-]\d{1,2}[./-]\d{4}/.test(text) && !isRead(field, column, text),
      ),
    )[0];
}

function columnOf(table: TableProfile, name: string): ColumnProfile | undefined {
  return table.columns.find((column) => column.name === name);
}

const LEAK = /^(?:leak(?:ed|s)?|success(?:ful)?|succeeded|hit|vulnerable|extracted|disclosed|jailbroken|compromised)$/i;
const RESISTED = /^(?:resisted|refused|blocked|defended|not[ _-]?leaked|no[ _-]?leak|unsuccessful)$/i;
const NO_VERDICT = /^(?:|error|errored|timeout|timed out|skipped|n\/?a|null|none|undetermined|unknown)$/i;
/** Columns whose very name says what true is. */
const TRUE_LEAKS = /leak|attack[ _-]?success|succe|jailbr/i;

/** What a word of a verdict stands for; undefined where only a person can say. */
function meaningOf(word: string, column: string): 'leak' | 'resisted' | 'none' | undefined {
  if (NO_VERDICT.test(word)) return 'none';
  if (LEAK.test(word)) return 'leak';
  if (RESISTED.test(word)) return 'resisted';
  if (!TRUE_LEAKS.test(column)) return undefined;
  if (/^(?:true|yes|1|1\.0)$/i.test(word)) return 'leak';
  return /^(?:false|no|0|0\.0)$/i.test(word) ? 'resisted' : undefined;
}

/** A ProbeResult with the counts of a table of attempts; what its words mean is left to a person where they do not say it. */
export function resultsDraft(input: DraftInput, counts: VerdictCounts): Draft {
  const { table, techniques } = input;
  const guesses = resultGuesses(table);
  const verdict = guesses.find(({ field }) => field === 'verdict')?.column ?? '';
  const targets = [...new Set(counts.flatMap(({ target }) => (target ? [target] : [])))];
  const rows =
    counts.length > 0 ? counts : [{ probe: undefined, detector: undefined, target: undefined, verdicts: new Map() }];
  const result = ({ probe, detector, target, verdicts }: VerdictCounts[number]): string[] => [
    `  - attackClass: ${replace(ATTACK_CLASSES.join(' or '))}`,
    `    technique: ${replace(`one of ${techniques.map(({ id }) => id).join(', ')}`)}`,
    `    surface: ${replace(`what was attacked, one of ${SURFACES.join(', ')}`)}`,
    ...(targets.length > 1 && target ? [`    target: ${quoted(target)}`] : []),
    `    probe: ${probe ? quoted(probe.slice(0, 200)) : replace('what the attack did')}`,
    `    detector: ${detector ? quoted(detector.slice(0, 200)) : replace('how success was decided')}`,
    `    ${trialsText(verdicts, verdict)}`,
  ];
  const text = [
    ...heading(input, 'Put it into a file of its own among the evidence.'),
    ...guesses.map(
      (guess) => `# ${guess.field}: column ${oneLine(guess.column)},${why(guess, table).replace('  #', '')}`,
    ),
    'apiVersion: probity/v1',
    'kind: ProbeResult',
    `collected: ${replace('the day of the test, like 2026-09-30')}`,
    `target: ${targets.length === 1 ? quoted(targets[0] ?? '') : replace('what was tested, by a target or a model of probity.yaml')}`,
    `tool: {name: ${replace('the tool')}, version: ${replace('its version')}}`,
    'results:',
    ...rows.flatMap(result),
    '    # planted: true    # where the testers had put there what was looked for',
    '    # positiveControl: {successes: 61, n: 80, how: the same test against something that gives it away}',
  ].join('\n');
  return { kind: 'results', guesses, text: `${text}\n` };
}

function trialsText(verdicts: ReadonlyMap<string, number>, column: string): string {
  const said = [...verdicts].map(([word, count]) => ({ word, count, means: meaningOf(word, column) }));
  const sum = (means: 'leak' | 'resisted' | 'none'): number =>
    said.reduce((total, one) => total + (one.means === means ? one.count : 0), 0);
  const open = said.filter(({ means }) => means === undefined);
  const missing = sum('none');
  const rest = missing > 0 ? `, notEvaluated: ${missing}` : '';
  if (said.length > 0 && open.length === 0) {
    const [leaks, resisted] = [sum('leak'), sum('resisted')];
    if (leaks + resisted > 0) return `trials: {successes: ${leaks}, n: ${leaks + resisted}${rest}}`;
  }
  const words = said.map(({ word, count }) => `${quotedPlain(word) || '(blank)'} ${count} times`).join(', ');
  const known = said.length === 0 ? 'of attempts' : `of attempts with a verdict; the file says ${words}`;
  return `trials: {successes: ${replace(`how many are a leak, ${known}`)}, n: ${replace('how many attempts have a verdict')}${rest}}`;
}

/** An AccessInventory for what has no columns. */
export function inventoryDraft(name: string): string {
  return `# A draft for ${oneLine(name)}, whose form is not known. It is refused until every <replace: ..> in it is replaced.
apiVersion: probity/v1
kind: AccessInventory
collected: ${replace('the day of the listing, like 2026-09-30')}
identities:
  - id: ${replace('the identity, as the system names it')}
    type: ${replace('human or machine')}
    owner: ${replace('who answers for it')}
    lastUsed: ${replace('the day of its last use, or take the line out')}
    roles: [${replace('a role, or take the line out')}]
    credentials:
      - {id: ${replace('the key, never its secret')}, type: api-key, created: ${replace('the day it was made')}, expires: ${replace('a day, or never')}}
`;
}
