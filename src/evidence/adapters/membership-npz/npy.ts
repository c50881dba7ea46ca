import { ProbityError } from '../../../errors.ts';
import { table } from '../../../table.ts';

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);

/** A NumPy array as numbers in storage order; order does not matter for one-dimensional data. */
export interface NpyArray {
  shape: number[];
  values: Float64Array;
}

/** Every number takes eight bytes here, even where the file gives it one. */
const MOST_VALUES = 10_000_000;

/**
 * Reads one `.npy` of numbers or booleans. Object arrays, which would need unpickling, are refused.
 * @throws ProbityError EVIDENCE_MALFORMED
 */
export function parseNpy(bytes: Uint8Array, where: string): NpyArray {
  const fail = (message: string): never => {
    throw new ProbityError('EVIDENCE_MALFORMED', message, { where });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || !MAGIC.equals(bytes.subarray(0, 6))) fail('not a NumPy array');
  const long = (bytes[6] ?? 0) >= 2;
  const start = long ? 12 : 10;
  const headerLength = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = Buffer.from(bytes.subarray(start, start + headerLength)).toString('latin1');
  const descr = /'descr'\s*:\s*'([^']+)'/.exec(header)?.[1] ?? fail('a NumPy array of a type that is not supported');
  const shapeText = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1] ?? fail('a NumPy array without a shape');
  const shape = shapeText
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const body = start + headerLength;
  const kind = descr.slice(1);
  const little = descr[0] !== '>';
  const read = READERS[kind] ?? fail(`a NumPy array of type ${descr.slice(0, 20)} is not supported`);
  if (!Number.isSafeInteger(count) || bytes.length - body !== count * read.size)
    fail(`a NumPy array of ${bytes.length - body} bytes where ${count * read.size} were announced`);
  if (count > MOST_VALUES)
    throw new ProbityError('EVIDENCE_TOO_LARGE', `a NumPy array of ${count} values; ${MOST_VALUES} are accepted`, {
      where,
      remedy: 'Write the scores as CSV or JSON Lines, which are read without holding them whole',
    });
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read.get(view, body + i * read.size, little);
  return { shape, values };
}

interface Reader {
  size: number;
  get(view: DataView, at: number, little: boolean): number;
}

const READERS = table<Reader>({
  f2: { size: 2, get: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  f4: { size: 4, get: (view, at, little) => view.getFloat32(at, little) },
  f8: { size: 8, get: (view, at, little) => view.getFloat64(at, little) },
  b1: { size: 1, get: (view, at) => view.getUint8(at) },
  u1: { size: 1, get: (view, at) => view.getUint8(at) },
  i1: { size: 1, get: (view, at) => view.getInt8(at) },
  i2: { size: 2, get: (view, at, little) => view.getInt16(at, little) },
  u2: { size: 2, get: (view, at, little) => view.getUint16(at, little) },
  i4: { size: 4, get: (view, at, little) => view.getInt32(at, little) },
  u4: { size: 4, get: (view, at, little) => view.getUint32(at, little) },
  i8: { size: 8, get: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u8: { size: 8, get: (view, at, little) => Number(view.getBigUint64(at, little)) },
});

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
