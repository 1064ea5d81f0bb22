/**
 * The IDX format of the MNIST files: two zero bytes, the element type, the number of dimensions, each dimension as a
 * big-endian 32-bit integer, the elements in row-major order.
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
 */
import { DataError } from '../errors.ts';
import { readMaybeGzipped } from './files.ts';

/** An array of unsigned bytes as an IDX file holds it. */
export interface IdxArray {
  readonly path: string;
  readonly dimensions: readonly number[];
  /** Row-major; as many elements as the product of `dimensions`. */
  readonly data: Uint8Array<ArrayBuffer>;
}

const UNSIGNED_BYTE = 0x08;
const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  [UNSIGNED_BYTE]: 'unsigned bytes',
  9: 'signed bytes',
  11: '16-bit integers',
  12: '32-bit integers',
  13: '32-bit floats',
  14: '64-bit floats',
};
const MAGIC_BYTES = 4;
const DIMENSION_BYTES = 4;

function describeMagic(magic: number): string {
  const hex = `0x${magic.toString(16).padStart(8, '0')}`;
  const elements = ELEMENT_TYPES[(magic >> 8) & 0xff];
  if (magic >>> 16 !== 0 || elements === undefined) return `${hex} (not an IDX file)`;
  return `${hex} (${elements}, ${magic & 0xff} dimensions)`;
}

function checkLength(path: string, length: number, expected: number): void {
  if (length === expected) return;
  const fault =
    length < expected ? `truncated by ${expected - length}` : `${length - expected} too many at the end`;
  const received = `${length} bytes: ${fault}`;
  throw new DataError(path, { field: 'length', expected: `${expected} bytes as the header says`, received });
}

/**
 * Decodes an IDX file of unsigned bytes.
 *
 * @param holds what the file should hold, for the message of an error: `images`.
 * @returns a view of `bytes`.
 * @throws DataError where the magic number tells another type or number of dimensions, a dimension is zero, or the file
 *   is not exactly as long as its header says.
 */
export function decodeIdx(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  holds: string,
  dimensionCount: number,
): IdxArray {
  const headerBytes = MAGIC_BYTES + dimensionCount * DIMENSION_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expectedMagic = (UNSIGNED_BYTE << 8) | dimensionCount;
  const magic = bytes.length < MAGIC_BYTES ? undefined : view.getUint32(0);
  if (magic !== expectedMagic) {
    const expected = `${describeMagic(expectedMagic)} for ${holds}`;
    const received = magic === undefined ? `a file of ${bytes.length} bytes` : describeMagic(magic);
    throw new DataError(path, { field: 'magic number', expected, received });
  }
  if (bytes.length < headerBytes) checkLength(path, bytes.length, headerBytes);
  const dimensions = Array.from({ length: dimensionCount }, (_, at) =>
    view.getUint32(MAGIC_BYTES + at * DIMENSION_BYTES),
  );
  if (dimensions.includes(0)) {
    throw new DataError(path, {
      field: 'dimensions',
      expected: 'none of them 0',
      received: `[${dimensions}]`,
    });
  }
  checkLength(path, bytes.length, headerBytes + dimensions.reduce((a, b) => a * b, 1));
  return { path, dimensions, data: bytes.subarray(headerBytes) };
}

/** Reads an IDX file, plain or gzipped. @throws DataError as `decodeIdx`, or where the file cannot be read. */
export async function readIdx(path: string, holds: string, dimensionCount: number): Promise<IdxArray> {
  return decodeIdx(await readMaybeGzipped(path), path, holds, dimensionCount);
}
