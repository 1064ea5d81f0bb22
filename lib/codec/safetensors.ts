/**
 * The safetensors format: an 8-byte little-endian header length, a JSON header, the tensors' bytes.
 * Source: https://github.com/huggingface/safetensors#format
 *
 * Numbers of two bytes live in the file alone: float32 arrays are rounded to them, and come back as float32.
 *
 * The encoding is canonical, so that equal tensors give equal bytes and a digest means something: names are
 * written in the order given, the header has no optional white space, and it is padded with spaces until
 * the data starts at a multiple of 8 bytes.
 */
import { IntegrityError } from '../errors.ts';
import { fromHalf, type HalfDtype, toHalf } from './halfPrecision.ts';
import {
  BYTES_PER_ELEMENT,
  checkEntry,
  type HeaderEntry,
  METADATA,
  parseHeader,
  product,
  refuse,
  startFile,
  type TensorDtype,
  type TensorPlace,
} from './safetensorsHeader.ts';

/** Arrays that a tensor's elements can live in; the class fixes the dtype in the file. */
export type TensorArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A tensor by value: `data.length` is the product of `shape`. */
export interface ArrayTensor<A extends TensorArray = TensorArray> {
  readonly shape: readonly number[];
  readonly data: A;
}

/** Named tensors, in the order in which they are stored. */
export type NamedArrays<A extends TensorArray = TensorArray> = ReadonlyMap<string, ArrayTensor<A>>;

/** A decoded file; the arrays are views of the bytes wherever alignment allows. */
export interface DecodedTensors {
  readonly tensors: NamedArrays;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How float32 arrays lie in a file. */
export type FloatDtype = 'F32' | HalfDtype;

/** The array as it lies in the file, and what that is called. */
function storedAs(array: TensorArray, floats: FloatDtype): [TensorDtype, TensorArray | Uint16Array] {
  if (array instanceof Float32Array) return [floats, floats === 'F32' ? array : toHalf(array, floats)];
  if (array instanceof Float64Array) return ['F64', array];
  if (array instanceof Int32Array) return ['I32', array];
  return ['U8', array];
}

/**
 * Encodes tensors as one safetensors file.
 *
 * @param floats what float32 arrays are rounded to.
 * @throws IntegrityError where a shape and its number of elements disagree, or a tensor is named `__metadata__`.
 */
export function encodeSafetensors(
  tensors: NamedArrays,
  metadata: Readonly<Record<string, string>> = {},
  floats: FloatDtype = 'F32',
): Uint8Array<ArrayBuffer> {
  const places: TensorPlace[] = [];
  const arrays: (TensorArray | Uint16Array)[] = [];
  for (const [name, { shape, data }] of tensors) {
    if (name === METADATA) refuse('safetensors', name, "a tensor's name", 'the name of the metadata');
    if (product(shape) !== data.length) {
      const expected = `${product(shape)} elements for shape [${shape}]`;
      throw new IntegrityError('safetensors', { field: name, expected, received: `${data.length}` });
    }
    const [dtype, array] = storedAs(data, floats);
    places.push({ name, dtype, shape });
    arrays.push(array);
  }
  const { file, dataAt } = startFile(places, metadata);
  let at = dataAt;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

function viewOf(dtype: TensorDtype, bytes: Uint8Array, start: number, end: number): TensorArray {
  const absolute = bytes.byteOffset + start;
  const aligned = absolute % BYTES_PER_ELEMENT[dtype] === 0;
  const buffer = (aligned ? bytes.buffer : bytes.slice(start, end).buffer) as ArrayBuffer;
  const from = aligned ? absolute : 0;
  const length = (end - start) / BYTES_PER_ELEMENT[dtype];
  if (dtype === 'F32') return new Float32Array(buffer, from, length);
  if (dtype === 'F64') return new Float64Array(buffer, from, length);
  if (dtype === 'I32') return new Int32Array(buffer, from, length);
  if (dtype === 'BF16' || dtype === 'F16') return fromHalf(new Uint16Array(buffer, from, length), dtype);
  return new Uint8Array(buffer, from, length);
}

function checkMetadata(subject: string, value: unknown): Record<string, string> {
  const isText = (v: unknown): boolean => typeof v === 'string';
  if (typeof value !== 'object' || value === null || !Object.values(value).every(isText)) {
    refuse(subject, METADATA, 'an object of strings', JSON.stringify(value));
  }
  return value as Record<string, string>;
}

/** Entries in the order of their data; an empty tensor begins where the one after it begins. */
function sortByOffsets(entries: Record<string, unknown>): [string, unknown][] {
  const offset = (entry: unknown, i: 0 | 1): number => (entry as HeaderEntry | null)?.data_offsets?.[i] ?? 0;
  return Object.entries(entries).sort(
    ([, a], [, b]) => offset(a, 0) - offset(b, 0) || offset(a, 1) - offset(b, 1),
  );
}

/**
 * Decodes a safetensors file.
 *
 * @param subject what the bytes are (a file's path, an object's key), for the message of an error.
 * @throws IntegrityError where the file is truncated, has trailing bytes, or its header is malformed.
 */
export function decodeSafetensors(bytes: Uint8Array, subject = 'safetensors'): DecodedTensors {
  const { header, dataAt } = parseHeader(subject, bytes);
  const { [METADATA]: metadata = {}, ...entries } = header;
  const tensors = new Map<string, ArrayTensor>();
  let at = 0;
  for (const [name, value] of sortByOffsets(entries)) {
    const { dtype, shape, data_offsets } = checkEntry(subject, name, value, at);
    at = data_offsets[1];
    if (dataAt + at > bytes.length) {
      refuse(subject, name, `data up to byte ${dataAt + at}`, `a file of ${bytes.length} bytes`);
    }
    tensors.set(name, { shape, data: viewOf(dtype, bytes, dataAt + data_offsets[0], dataAt + at) });
  }
  if (dataAt + at !== bytes.length) {
    refuse(subject, 'length', `${dataAt + at} bytes as the header says`, `${bytes.length}`);
  }
  return { tensors, metadata: checkMetadata(subject, metadata) };
}
