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
