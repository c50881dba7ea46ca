import { createHash } from 'node:crypto';
import { visibleLines } from '../visible.ts';

/** The longest text carried out of evidence, in UTF-16 units. */
const TEXT_LIMIT = 2000;

/**
 * Makes text from evidence safe to carry: characters that could not be seen, or that reorder what stands beside them, are
 * shown by their code point, and the length is bounded. Escaping for a particular output (HTML, a spreadsheet) is still
 * that output's work.
 */
export function tameText(text: string): string {
  return visibleLines(
    text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)} [cut, ${text.length} characters]` : text,
  );
}

interface Mask {
  /** What the mask says was there. */
  label: string;
  pattern: RegExp;
  keep?: (match: string) => string | undefined;
}

// Order matters: the specific before the general.
const MASKS: readonly Mask[] = [
  {
    label: 'private key',
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  },
  { label: 'JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g },
  { label: 'AWS access key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { label: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})\b/g },
  { label: 'API key', pattern: /\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])*[A-Za-z0-9_-]{16,}/g },
  { label: 'Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/g },
  { label: 'Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}\b/g },
  {
    label: 'password',
    pattern: /\b(?:password|passwd|pwd|secret|token|api[_-]?key)\b["']?\s*[:=]\s*["']?[^\s"',;<]{6,}/gi,
    keep: keepFieldName,
  },
  { label: 'credentials in an address', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/gi },
  { label: 'e-mail address', pattern: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g, keep: keepDomain },
  {
    label: 'bank account',
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b/g,
    keep: keepUnlessIban,
  },
  { label: 'card number', pattern: /\b\d(?:[ -]?\d){12,18}\b/g, keep: keepUnlessCard },
  { label: 'social security number', pattern: /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g },
];

function keepFieldName(match: string): string {
  const name = /^[^:=]*[:=]/.exec(match)?.[0] ?? '';
  return `${name}[password removed]`;
}

/** Two people of one domain stay two people: four hex digits of a digest tell them apart without naming them. */
function keepDomain(match: string): string {
  const at = match.lastIndexOf('@');
  const tag = createHash('sha256').update(match.toLowerCase()).digest('hex').slice(0, 4);
  return `${match[0]}***(${tag})${match.slice(at)}`;
}

function keepUnlessIban(match: string): string | undefined {
  const compact = match.replaceAll(' ', '');
  const moved = compact.slice(4) + compact.slice(0, 4);
  let remainder = 0;
  for (const character of moved)
    for (const digit of String(Number.parseInt(character, 36))) remainder = (remainder * 10 + Number(digit)) % 97;
  return remainder === 1 ? undefined : match;
}

function keepUnlessCard(match: string): string | undefined {
  const digits = match.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0 && /^[2-6]/.test(digits) ? undefined : match;
}

/** Replaces secrets and personal data by what they were. Recognition is by shape: it cannot know every secret. */
export function redactText(text: string): string {
  if (!mayHold(text)) return text;
  let result = text;
  for (const mask of MASKS)
    result = result.replace(mask.pattern, (match) =>
      mask.keep ? (mask.keep(match) ?? `[${mask.label} removed]`) : `[${mask.label} removed]`,
    );
  return result;
}

/** What every mask needs at least one of, besides digits; most texts hold none of it. */
const TELLTALE = /[@:=]|-----BEGIN|eyJ|A(?:KIA|SIA)|gh[pousr]_|github_pat_|[spr]k[-_]|xox[abprs]-|AIza/i;
/** The fewest digits of a number that is masked (a social security number; an account of any bank has more letters and digits). */
const FEWEST_DIGITS = 9;
/** The shortest account number is 14 characters, and two letters and two digits begin it. */
const ACCOUNT = /\b[A-Z]{2}\d{2}[ A-Z0-9]{10}/;

/** Whether any mask could match: a cheap question that settles most texts. */
function mayHold(text: string): boolean {
  if (TELLTALE.test(text) || ACCOUNT.test(text)) return true;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57 && ++digits >= FEWEST_DIGITS) return true;
  }
  return false;
}

/** Applies a text transformation to every string in a plain value; typed arrays pass untouched. */
export function mapText<T>(value: T, transform: (text: string) => string): T {
  if (typeof value === 'string') return transform(value) as T;
  if (Array.isArray(value)) return value.map((inner) => mapText(inner, transform)) as T;
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    const mapped: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) mapped[key] = mapText(inner, transform);
    return mapped as T;
  }
  return value;
}
