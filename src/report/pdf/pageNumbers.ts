/*
 * Chromium cannot write on which page something stands. Printed twice the page numbers would be known at the second time;
 * printed once, signs of the width of a digit hold their place, and the digits are written over them afterwards.
 */

/** Signs of the font that are as wide as its digits and that no report sets three of in a row. */
const SIGNS = ['±', '¬', '×', '÷'] as const;
const DIGITS = 3;
/** The width of a digit, in thousandths of the size. */
const DIGIT_WIDTH = 600;

/** What stands in the print where the page of an anchor belongs. @param index from 0 to 63 */
export function pagePlaceholder(index: number): string {
  return [16, 4, 1].map((power) => SIGNS[Math.floor(index / power) % 4]).join('');
}

/** The glyphs of a font by the character they show, from its ToUnicode map (ISO 32000-1, 9.10.3). */
export function glyphsOf(toUnicode: string): Map<string, string> {
  const glyphs = new Map<string, string>();
  const put = (glyph: number, character: number): void => {
    const text = String.fromCodePoint(character);
    if (!glyphs.has(text)) glyphs.set(text, glyph.toString(16).padStart(4, '0').toUpperCase());
  };
  for (const [, body = ''] of toUnicode.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const [, glyph = '', character = ''] of body.matchAll(/<([\dA-Fa-f]{4})>\s*<([\dA-Fa-f]{4})>/g))
      put(Number.parseInt(glyph, 16), Number.parseInt(character, 16));
  for (const [, body = ''] of toUnicode.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
    for (const [, low = '', high = '', first = ''] of body.matchAll(
      /<([\dA-Fa-f]{4})>\s*<([\dA-Fa-f]{4})>\s*<([\dA-Fa-f]{4})>/g,
    ))
      for (let glyph = Number.parseInt(low, 16); glyph <= Number.parseInt(high, 16); glyph++)
        put(glyph, Number.parseInt(first, 16) + glyph - Number.parseInt(low, 16));
  return glyphs;
}

const TEXT = /(BT\s+\/(\w+) [\d.]+ Tf\s+[^\n]* Tm\s+)((?:(?:[-\d.]+ [-\d.]+ Td )?<[\dA-Fa-f]+> Tj\s+)+)ET/g;

/**
 * Writes page numbers over their placeholders, each set to the right of its place.
 * @param content a page's content stream, as Latin-1
 * @param glyphs of each font of the page, by its name
 * @param pages by placeholder; one that is missing leaves its place empty
 */
export function fillPageNumbers(
  content: string,
  glyphs: ReadonlyMap<string, ReadonlyMap<string, string>>,
  pages: ReadonlyMap<string, number | undefined>,
): string {
  const shown = new Map(
    [...glyphs].map(([font, of]): [string, Map<string, number | undefined>] => [
      font,
      new Map([...pages].map(([text, page]) => [[...text].map((sign) => of.get(sign) ?? '').join(''), page])),
    ]),
  );
  return content.replace(TEXT, (whole, head: string, font: string, body: string) => {
    const written = [...body.matchAll(/<([\dA-Fa-f]+)>/g)].map(([, hex = '']) => hex.toUpperCase()).join('');
    if (written.length !== DIGITS * 4 || !shown.get(font)?.has(written)) return whole;
    const number = String(shown.get(font)?.get(written) ?? '');
    const digits = [...number].map((digit) => glyphs.get(font)?.get(digit) ?? '').join('');
    return `${head}[${-DIGIT_WIDTH * Math.max(0, DIGITS - number.length)} <${digits}>] TJ\nET`;
  });
}
