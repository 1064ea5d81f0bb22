/**
 * NumPy's .npy format: a magic string, a version, the header's length, the header (the literal of a Python dict), the
 * elements. Source: NumPy Enhancement Proposal 1 and `numpy.lib.format`.
 */

import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { DataError, PadmmError } from '../errors.ts';
import { unreadable } from './files.ts';
import { type NpyHeader, parseNpyHeader } from './npyHeader.ts';

/** Elements of one row-major array. */
export interface NpyArray<A> {
  readonly path: string;
  readonly shape: readonly number[];
  readonly data: A;
}

const PREFIX_BYTES = 12;
const CHUNK_BYTES = 1 << 20;
/** 0x93 and "NUMPY". */
const MAGIC = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);
/** A header is some hundred bytes long; NumPy itself refuses more than this by default. */
const MAX_HEADER_BYTES = 10_000;

type Decode = (view: DataView, at: number) => number;
interface ElementType {
  readonly sizeBytes: number;
  readonly isInteger: boolean;
  readonly decode: Decode;
}

const integer = (sizeBytes: number, decode: Decode): ElementType => ({ sizeBytes, isInteger: true, decode });
const real = (sizeBytes: number, decode: Decode): ElementType => ({ sizeBytes, isInteger: false, decode });
const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['|b1', integer(1, (view, at) => view.getUint8(at))],
  ['|u1', integer(1, (view, at) => view.getUint8(at))],
  ['|i1', integer(1, (view, at) => view.getInt8(at))],
  ['<u2', integer(2, (view, at) => view.getUint16(at, true))],
  ['<i2', integer(2, (view, at) => view.getInt16(at, true))],
  ['<u4', integer(4, (view, at) => view.getUint32(at, true))],
  ['<i4', integer(4, (view, at) => view.getInt32(at, true))],
  ['<u8', integer(8, (view, at) => Number(view.getBigUint64(at, true)))],
  ['<i8', integer(8, (view, at) => Number(view.getBigInt64(at, true)))],
  ['<f4', real(4, (view, at) => view.getFloat32(at, true))],
  ['<f8', real(8, (view, at) => view.getFloat64(at, true))],
]);

const refuse = (path: string, field: string, expected: string, received: string): never => {
  throw new DataError(path, { field, expected, received });
};

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function readHeader(file: FileHandle, path: string): Promise<NpyHeader & { dataAt: number }> {
  const prefix = await readExactly(file, 0, PREFIX_BYTES);
  if (prefix.length < PREFIX_BYTES || !prefix.subarray(0, MAGIC.length).equals(MAGIC)) {
    refuse(
      path,
      'magic string',
      '\\x93NUMPY',
      JSON.stringify(prefix.subarray(0, MAGIC.length).toString('latin1')),
    );
  }
  const version = prefix.readUInt8(6);
  if (version < 1 || version > 3) refuse(path, 'version', '1, 2 or 3', `${version}`);
  const lengthBytes = version === 1 ? 2 : 4;
  const length = prefix.readUIntLE(8, lengthBytes);
  if (length > MAX_HEADER_BYTES) {
    refuse(path, 'header length', `at most ${MAX_HEADER_BYTES} bytes`, `${length}`);
  }
  const headerAt = 8 + lengthBytes;
  const text = (await readExactly(file, headerAt, length)).toString('utf8');
  return { ...parseNpyHeader(text, path), dataAt: headerAt + length };
}

function elementType({ descr, fortranOrder }: NpyHeader, path: string): ElementType {
  if (fortranOrder) refuse(path, 'fortran_order', 'False (numpy.ascontiguousarray makes it so)', 'True');
  const type = ELEMENT_TYPES.get(descr);
  return type ?? refuse(path, 'descr', `one of ${[...ELEMENT_TYPES.keys()].join(', ')}`, descr);
}

type Check = (value: number, index: number) => void;

/** Reads the elements in chunks, so that only the result is whole in memory. */
async function readElements(
  file: FileHandle,
  dataAt: number,
  { sizeBytes, decode }: ElementType,
  data: Float32Array | Int32Array,
  check: Check,
): Promise<void> {
  const chunkElements = CHUNK_BYTES / sizeBytes;
  for (let from = 0; from < data.length; from += chunkElements) {
    const count = Math.min(chunkElements, data.length - from);
    const bytes = await readExactly(file, dataAt + from * sizeBytes, count * sizeBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < count; at++) {
      const value = decode(view, at * sizeBytes);
      check(value, from + at);
      data[from + at] = value;
    }
  }
}

async function readNpy<A extends Float32Array | Int32Array>(
  path: string,
  create: new (length: number) => A,
  checkType: (type: ElementType, descr: string) => void,
  check: Check,
): Promise<NpyArray<A>> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { dataAt, ...header } = await readHeader(file, path);
    const type = elementType(header, path);
    checkType(type, header.descr);
    const elements = header.shape.reduce((a, b) => a * b, 1);
    const expected = dataAt + elements * type.sizeBytes;
    const { size } = await file.stat();
    if (size !== expected) refuse(path, 'length', `${expected} bytes as the header says`, `${size}`);
    const data = new create(elements);
    await readElements(file, dataAt, type, data, check);
    return { path, shape: header.shape, data };
  } catch (error) {
    throw error instanceof PadmmError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}

/**
 * Reads an array of numbers as 32-bit floats.
 *
 * @throws DataError where the file is no .npy file of numbers in C order and little-endian, is not as long as its header
 *   says, or an element is not finite as a 32-bit float.
 */
export function readNpyValues(path: string): Promise<NpyArray<Float32Array<ArrayBuffer>>> {
  const check: Check = (value, index) => {
    if (!Number.isFinite(Math.fround(value))) {
      refuse(path, `element ${index}`, 'a number that is finite as a 32-bit float', `${value}`);
    }
  };
  return readNpy<Float32Array<ArrayBuffer>>(path, Float32Array, () => undefined, check);
}

/**
 * Reads an array of class ids.
 *
 * @throws DataError as `readNpyValues`, and where elements are not integers from 0 to `limit` − 1.
 */
export function readNpyIds(path: string, limit: number): Promise<NpyArray<Int32Array<ArrayBuffer>>> {
  const check: Check = (value, index) => {
    if (value < 0 || value >= limit) refuse(path, `element ${index}`, `0 to ${limit - 1}`, `${value}`);
  };
  const checkType = ({ isInteger }: ElementType, descr: string): void => {
    if (!isInteger) refuse(path, 'descr', 'integers, for class ids', descr);
  };
  return readNpy<Int32Array<ArrayBuffer>>(path, Int32Array, checkType, check);
}
