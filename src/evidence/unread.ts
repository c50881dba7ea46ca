import type { SourceDeclaration } from './declaration.ts';
import type { Head } from './file.ts';

/* What a file that was not read may hold. Where its absence would help a verdict, it is unknown and not absent. */

export const WITHHOLDABLE = ['changes', 'plans'] as const;
export type Withholdable = (typeof WITHHOLDABLE)[number];

/** A file of the evidence that was not read, or is not there although the workspace says what it holds. */
export interface Unread {
  path: string;
  mayHold: readonly Withholdable[];
}

/** By kind of Probity's own, what of it is withheld by not being read. */
const KINDS: readonly (readonly [RegExp, Withholdable])[] = [
  [/\bkind["']?[ \t]*:[ \t]*["']?change[-_ ]?log/i, 'changes'],
  [/\bkind["']?[ \t]*:[ \t]*["']?test[-_ ]?plan/i, 'plans'],
];
const ANY_KIND = /\bkind["']?[ \t]*:[ \t]*["']?([A-Za-z]+)/g;

/** Kinds of files of Probity's own that are no evidence, and hold none when they lie among it. */
export const OTHER_KINDS: ReadonlySet<string> = new Set([
  'System',
  'GatePolicy',
  'Responses',
  'Fleet',
  'Control',
  'Profile',
  'Framework',
  'ProbeMap',
  'Overlay',
  'Actions',
  'Techniques',
  'ThreatTerms',
  'ChangeEffects',
  'Sensitivity',
]);

/** How lists of changes begin that are in no format that is read. */
const CHANGES: readonly RegExp[] = [
  /^[ \t]{0,8}["']?changes["']?[ \t]*:/m,
  /^\{\s*"changes"\s*:/,
  /^commit [0-9a-f]{7,64}\b/m,
  /^[0-9a-f]{7,64}[ \t]+\(?\d{4}-\d{2}-\d{2}/m,
  /^#{1,2} {1,4}change ?log\b/im,
  /^(?=[^\n]{0,2000}\b(?:changes?|commit|changed)\b)(?=[^\n]{0,2000}\b(?:date|when|day|deployed|released)\b)[^\n]{0,2000}[,;\t]/i,
];

/**
 * What a file may hold that was refused. What could not be opened at all may hold anything; what was read and refused is
 * judged by how it looks, never by its name.
 * @param head undefined when not even its beginning could be read
 * @param format what it was taken for; undefined when it was taken for nothing
 * @param kinds the kinds of evidence that there are
 */
export function mayHold(
  head: Head | undefined,
  format: string | undefined,
  { change }: Partial<SourceDeclaration>,
  kinds: ReadonlySet<string>,
): Withholdable[] {
  if (head === undefined || head.text === '') return [...WITHHOLDABLE];
  const found = new Set<Withholdable>(change || format === 'git-log' ? ['changes'] : []);
  for (const [kind, holds] of KINDS) if (kind.test(head.text)) found.add(holds);
  // Of Probity's own, a file whose kind cannot be seen is of any.
  const named = [...head.text.matchAll(ANY_KIND)].some(([, one = '']) => kinds.has(one) || OTHER_KINDS.has(one));
  if (format === 'probity' && !named) for (const one of WITHHOLDABLE) found.add(one);
  if (format === undefined && CHANGES.some((shape) => shape.test(head.text))) found.add('changes');
  return [...found];
}
