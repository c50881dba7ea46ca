const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Digits that a double holds exactly whatever they are, and digits in all that are read here. */
const EXACT_DIGITS = 15;
const MOST_DIGITS = 19;

/** A place in bytes that a reader moves along. */
export interface Cursor {
  at: number;
}

/**
 * Reads a decimal number out of ASCII bytes, up to the first byte that is not part of one, rounded as `Number` would:
 * - up to 15 digits and a scale of at most 22 places by one exact division or multiplication (Clinger 1990);
 * - up to 19 digits over at most 22 places in double-double arithmetic, unless the result falls so near the middle
 *   between two doubles that this cannot tell them apart.
 * Everything else is left to the caller.
 * @param cursor where to begin; left one past the last byte that was read
 * @returns NaN when this does not read it, which says nothing about whether it is a number
 */
export function readDecimal(bytes: Uint8Array, cursor: Cursor): number {
  let i = cursor.at;
  const negative = bytes[i] === 45;
  if (negative || bytes[i] === 43) i++;
  const begin = i;
  let head = 0;
  let tail = 0;
  let digits = 0;
  let scale = 0;
  let point = -1;
  for (; ; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      if (digits < EXACT_DIGITS) head = head * 10 + digit;
      else tail = tail * 10 + digit;
      // Zeros in front are no digits of the number.
      if (digits > 0 || digit > 0) digits++;
    } else if (digit === -2 && point === -1) point = i;
    else break;
  }
  cursor.at = i;
  const read = i - begin - (point === -1 ? 0 : 1);
  if (read === 0 || digits > MOST_DIGITS) return Number.NaN;
  if (point !== -1) scale = point + 1 - i;
  if (((bytes[i] as number) | 32) === 101) {
    const exponent = readExponent(bytes, cursor);
    if (Number.isNaN(exponent)) return Number.NaN;
    scale += exponent;
  }
  if (scale < -22 || scale > 22) return Number.NaN;
  let value: number;
  if (digits <= EXACT_DIGITS) value = scale < 0 ? head / (POWERS[-scale] as number) : head * (POWERS[scale] as number);
  else if (scale <= 0) value = quotient(head, POWERS[digits - EXACT_DIGITS] as number, tail, POWERS[-scale] as number);
  else return Number.NaN;
  return negative ? -value : value;
}

function readExponent(bytes: Uint8Array, cursor: Cursor): number {
  let i = cursor.at + 1;
  const down = bytes[i] === 45;
  if (down || bytes[i] === 43) i++;
  const begin = i;
  let exponent = 0;
  for (; ; i++) {
    const digit = (bytes[i] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    exponent = exponent * 10 + digit;
  }
  cursor.at = i;
  if (i === begin || i - begin > 3) return Number.NaN;
  return down ? -exponent : exponent;
}

/** Splits a double into halves whose products are exact (Veltkamp 1968). */
const SPLITTER = 2 ** 27 + 1;

/** The part of a product that rounding lost (Dekker 1971). */
function lost(a: number, b: number, product: number): number {
  const ca = SPLITTER * a;
  const ah = ca - (ca - a);
  const al = a - ah;
  const cb = SPLITTER * b;
  const bh = cb - (cb - b);
  const bl = b - bh;
  return ah * bh - product + ah * bl + al * bh + al * bl;
}

/** (head * shift + tail) / divisor, correctly rounded, or NaN when double-double arithmetic cannot tell which way. */
function quotient(head: number, shift: number, tail: number, divisor: number): number {
  const product = head * shift;
  const high = product + tail;
  const low = lost(head, shift, product) + (tail - (high - product));
  const near = high / divisor;
  const back = near * divisor;
  const rest = (high - back - lost(near, divisor, back) + low) / divisor;
  const slack = Math.abs(rest) * 2 ** -40;
  const value = near + rest;
  return near + (rest - slack) === near + (rest + slack) ? value : Number.NaN;
}
