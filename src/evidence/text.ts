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

/**
 * Applies a text transformation to every string in a plain value; typed arrays pass untouched. What nothing changes in is
 * handed back as it is, so that millions of ordinary texts are not held twice.
 */
export function mapText<T>(value: T, transform: (text: string) => string): T {
  if (typeof value === 'string') return transform(value) as T;
  if (Array.isArray(value)) {
    let mapped: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const inner = mapText(value[i], transform);
      if (inner !== value[i]) {
        mapped ??= value.slice();
        mapped[i] = inner;
      }
    }
    return (mapped ?? value) as T;
  }
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    let mapped: Record<string, unknown> | undefined;
    for (const [key, inner] of Object.entries(value)) {
      const changed: unknown = mapText(inner, transform);
      if (changed === inner) continue;
      const copy = mapped ?? Object.fromEntries(Object.entries(value));
      copy[key] = changed;
      mapped = copy;
    }
    return (mapped ?? value) as T;
  }
  return value;
}
