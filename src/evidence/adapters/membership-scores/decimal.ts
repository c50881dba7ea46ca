const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * Reads a decimal number out of ASCII bytes. Up to 15 significant digits and a scale of at most 22 places come out of one
 * exact division or multiplication, which is correctly rounded (Clinger 1990); anything else is left to the caller.
 * @returns NaN when the bytes are not such a number, which says nothing about whether they are a number at all
 */
export function quickDecimal(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  const negative = bytes[i] === 45;
  if (negative || bytes[i] === 43) i++;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  let seen = false;
  let point = false;
  for (; i < to; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      seen = true;
      if (mantissa !== 0 || digit !== 0) digits++;
      mantissa = mantissa * 10 + digit;
      if (point) scale--;
    } else if (digit === -2 && !point) point = true;
    else break;
  }
  if (!seen || digits > 15) return Number.NaN;
  if (i < to) {
    if (((bytes[i] as number) | 32) !== 101) return Number.NaN;
    i++;
    const down = bytes[i] === 45;
    if (down || bytes[i] === 43) i++;
    if (i === to || to - i > 3) return Number.NaN;
    let exponent = 0;
    for (; i < to; i++) {
      const digit = (bytes[i] as number) - 48;
      if (digit < 0 || digit > 9) return Number.NaN;
      exponent = exponent * 10 + digit;
    }
    scale += down ? -exponent : exponent;
  }
  if (scale < -22 || scale > 22) return Number.NaN;
  const value: number = scale < 0 ? mantissa / (POWERS[-scale] as number) : mantissa * (POWERS[scale] as number);
  return negative ? -value : value;
}
