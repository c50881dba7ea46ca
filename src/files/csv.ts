/** Text that a spreadsheet would run: it begins with a sign of a formula, in its full-width form too, or with a line end. */
const FORMULA = /^(?:[ \u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;

/**
 * Rows as RFC 4180 CSV: lines end in CR LF, what needs quotes has them, and a text that a spreadsheet would run as a formula
 * is led by an apostrophe.
 */
export function csvOf(rows: readonly (readonly string[])[]): string {
  const quote = (text: string): string => {
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => `${row.map(quote).join(',')}\r\n`).join('');
}
