import type { AccessField } from '../../evidence/accessMap.ts';
import type { ColumnProfile, TableProfile } from '../../evidence/records.ts';
import { visibleJson } from '../../visible.ts';

/* Which column of a table that nobody knows is what: by its name and by what it holds. A guess is a proposal to a person. */

export const DRAFT_KINDS = ['scores', 'access', 'results'] as const;
/** Scores of membership inference, a listing of identities, or attempts of an attack with their verdicts. */
export type DraftKind = (typeof DRAFT_KINDS)[number];

export type ScoreField = 'score' | 'isMember' | 'baselineScore' | 'recordId' | 'split' | 'group' | 'cluster';
export type ResultField = 'probe' | 'verdict' | 'detector' | 'target';

/** A column taken for something, and why. */
export interface Guess<Field extends string = string> {
  field: Field;
  column: string;
  why: string;
}

interface Rule<Field extends string> {
  field: Field;
  name: RegExp;
  /** What it has to hold, in words, and whether it does. */
  holds?: readonly [string, (column: ColumnProfile, table: TableProfile) => boolean];
}

const numbers = ['holds numbers', (column: ColumnProfile) => column.numeric && column.filled > 0] as const;
const few = (most: number) =>
  [
    `has at most ${most} different values`,
    ({ values }: ColumnProfile) => values !== undefined && values.size <= most,
  ] as const;

const SCORES: readonly Rule<ScoreField>[] = [
  { field: 'baselineScore', name: /\b(baseline|blind|reference|ref)\b/, holds: numbers },
  {
    field: 'isMember',
    name: /\b(is member|ismember|member|membership|in train(ing)?|in training set|train(ed)?|seen|label|target)\b/,
    holds: few(2),
  },
  {
    field: 'score',
    name: /\b(scores?|loss|nll|log ?it|logits?|confidence|perplexity|ppl|log ?prob|likelihood|signal|prob(ability)?|entropy|min k)\b/,
    holds: numbers,
  },
  { field: 'cluster', name: /\b(cluster|person|patient|customer|subject|author|model)( id)?\b/ },
  { field: 'split', name: /\b(split|fold|calibration)\b/, holds: few(2) },
  { field: 'group', name: /\b(group|class|region|site|clinic|slice)\b/, holds: few(50) },
  { field: 'recordId', name: /\b(record|sample|example|row|item|doc(ument)?)?( ?(id|idx|index|uuid))$|^record$/ },
];

const ACCESS: readonly Rule<AccessField>[] = [
  {
    field: 'credentialCreated',
    name: /\b(key|secret|credential|password|token|certificate)\b.*\b(created|made|issued|set|rotated|changed|start|age)\b/,
  },
  {
    field: 'credentialExpires',
    name: /\b(key|secret|credential|password|token|certificate)\b.*\b(expir\w*|ends?|valid (un)?til)\b|^(expir\w*|valid (un)?til)( (date|on|at))?$/,
  },
  { field: 'credentialLastUsed', name: /\b(key|secret|credential|token)\b.*\blast (used|use)\b/ },
  { field: 'credentialType', name: /\b(key|secret|credential|token)\b.*\b(type|kind)\b/ },
  { field: 'credentialActive', name: /\b(key|secret|credential|token)\b.*\b(active|enabled|status)\b/ },
  { field: 'credentialId', name: /^((access |api )?key|credential|token|secret)( ?id)?$/ },
  { field: 'lastUsed', name: /\b(last ?(used|use|seen|active|activity|login|logon|sign ?in|authenticated))\b/ },
  { field: 'resourceType', name: /\b(resource|store|asset) (type|kind)\b/ },
  { field: 'sensitivity', name: /\b(sensitivity|classification)\b/ },
  { field: 'mfa', name: /\b(mfa|2fa|two factor|second factor|multi ?factor)\b/ },
  { field: 'ownerStatus', name: /\bowner (status|employed|active)\b/ },
  { field: 'owner', name: /\b(owner|responsible|manager|steward|custodian|contact)\b/ },
  { field: 'reviewed', name: /\b(reviewed|last review|recertified|attested)\b/ },
  { field: 'vendor', name: /\b(vendor|supplier|publisher|third party)\b/ },
  { field: 'scopes', name: /\bscopes?\b/ },
  { field: 'admin', name: /\b(admin(istrator)?|is admin|privileged|superuser)\b/ },
  { field: 'actions', name: /\b(actions?|permissions?|privileges?|rights?|access level|may)\b/ },
  { field: 'roles', name: /\b(roles?|groups?|memberships?|policy|policies)\b/ },
  { field: 'resources', name: /\b(resources?|stores?|assets?|objects?|database|bucket|scope|on)\b/ },
  { field: 'environments', name: /\b(environment|env|stage)\b/ },
  { field: 'workloads', name: /\b(workload|pipeline|service name|used by)\b/ },
  { field: 'tenants', name: /\btenants?\b/ },
  { field: 'active', name: /\b(active|enabled|disabled|status|state)\b/, holds: few(10) },
  { field: 'created', name: /\b(created|creation|since)\b/ },
  { field: 'type', name: /\b(type|kind|category)\b/, holds: few(20) },
  { field: 'name', name: /\b(display name|full name)\b/ },
  {
    field: 'id',
    name: /\b(account|user( ?name)?|identity|principal|login|upn|e ?mail|arn|client ?id|app ?id|member|subject|id)\b/,
  },
  { field: 'name', name: /\bname\b/ },
];

const RESULTS: readonly Rule<ResultField>[] = [
  {
    field: 'verdict',
    name: /\b(verdict|outcome|result|status|success(ful)?|succeeded|leak(ed|s)?|pass(ed)?|fail(ed)?|jailbroken|attack success|judg(e)?ment|label)\b/,
    holds: few(12),
  },
  {
    field: 'probe',
    name: /\b(probe|attack|plugin|test( ?(case|name))?|vulnerability|category|strategy|scenario|technique|objective)\b/,
    holds: few(60),
  },
  { field: 'detector', name: /\b(detector|judge|scorer|grader|evaluator)\b/, holds: few(60) },
  { field: 'target', name: /\b(target|model|endpoint|provider|system|application)\b/, holds: few(60) },
];

/** A name as words: `isMember`, `is_member` and `Is member` are the same. */
function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .toLowerCase()
    .slice(0, 200);
}

function guessed<Field extends string>(rules: readonly Rule<Field>[], table: TableProfile): Guess<Field>[] {
  const used = new Set<string>();
  return rules.flatMap(({ field, name, holds }): Guess<Field>[] => {
    if ([...used].includes(`field ${field}`)) return [];
    const column = table.columns.find(
      (one) => !used.has(one.name) && name.test(words(one.name)) && (holds === undefined || holds[1](one, table)),
    );
    if (!column) return [];
    used.add(column.name).add(`field ${field}`);
    return [{ field, column: column.name, why: `its name${holds ? `, and it ${holds[0]}` : ''}` }];
  });
}

/** Two values that a label can have. */
const LABEL =
  /^(?:[01](?:\.0)?|true|false|yes|no|t|f|(?:non[- ]?)?members?|in|out|train(?:ing|ed)?|test|held[- ]?out)$/i;

function isLabel({ values }: ColumnProfile): boolean {
  return values !== undefined && values.size === 2 && [...values.keys()].every((value) => LABEL.test(value));
}

export function scoreGuesses(table: TableProfile): Guess<ScoreField>[] {
  const found = guessed(SCORES, table);
  const label = found.find(({ field }) => field === 'isMember');
  if (label === undefined) {
    const column = table.columns.find((one) => isLabel(one) && !found.some((guess) => guess.column === one.name));
    if (column)
      found.push({ field: 'isMember', column: column.name, why: `it has the two values ${valuesOf(column)}` });
  }
  if (!found.some(({ field }) => field === 'score')) {
    const column = table.columns.find(
      (one) =>
        one.numeric &&
        one.filled === table.rows &&
        one.samples.some((sample) => !Number.isInteger(Number(sample))) &&
        !found.some((guess) => guess.column === one.name),
    );
    if (column)
      found.push({ field: 'score', column: column.name, why: 'it is a column of fractions, filled in every row' });
  }
  return found;
}

export function accessGuesses(table: TableProfile): Guess<AccessField>[] {
  return guessed(ACCESS, table);
}

export function resultGuesses(table: TableProfile): Guess<ResultField>[] {
  return guessed(RESULTS, table);
}

/** The values of a column, most frequent first. */
export function valuesOf({ values, samples }: ColumnProfile): string {
  const shown = values ? [...values].sort(([, a], [, b]) => b - a).map(([value]) => value) : samples;
  return shown
    .slice(0, 6)
    .map((value) => visibleJson(value.slice(0, 40)))
    .join(', ');
}

/** What a table most likely is; undefined where nothing speaks for any. */
export function kindOf(table: TableProfile): DraftKind | undefined {
  const scores = new Set(scoreGuesses(table).map(({ field }) => field));
  const access = new Set(accessGuesses(table).map(({ field }) => field));
  const results = new Set(resultGuesses(table).map(({ field }) => field));
  const rights = [...access].filter((field) => !['id', 'name', 'type', 'active', 'created'].includes(field)).length;
  if (access.has('id') && rights >= 2) return 'access';
  if (scores.has('score') && scores.has('isMember')) return 'scores';
  if (results.has('verdict') && (results.has('probe') || results.has('target'))) return 'results';
  if (access.has('id') && (rights >= 1 || access.size >= 3)) return 'access';
  if (results.has('verdict')) return 'results';
  return scores.has('score') ? 'scores' : undefined;
}
