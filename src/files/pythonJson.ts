/**
 * The text that Python's `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` gives for a JSON
 * document: tools that hash their own reports hash this. Numbers keep Python's spelling (`1e-05`, `1.0`), which parsing
 * them here would lose; the last of two equal keys counts, in both languages.
 * @param text one JSON document, already known to be valid and bounded
 * @param without a key of the outermost object that is left out
 */
export function pythonJson(text: string, without?: string): string {
  const kept: unknown = JSON.parse(text, keepNumbers);
  if (without !== undefined && typeof kept === 'object' && kept !== null) Reflect.deleteProperty(kept, without);
  return written(kept);
}

/** A number as Python writes it. */
class Spelled {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function keepNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new Spelled(pythonNumber(context?.source ?? String(value))) : value;
}

function written(value: unknown): string {
  if (value instanceof Spelled) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => byCodePoint(a, b));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${written(inner)}`).join(',')}}`;
}

/** Python orders text by code point, JavaScript by UTF-16 unit: they differ beyond the basic plane. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/** An integer as it stands, and any other number as Python's `repr` of a float: 17 digits at most, exponents from 16 on. */
export function pythonNumber(source: string): string {
  if (/^-?\d+$/.test(source)) return source === '-0' ? '0' : source;
  const value = Number(source);
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const [mantissa = '0', power = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(power);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
