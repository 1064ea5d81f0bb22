/**
 * The header of a safetensors file: 8 bytes of little-endian length, and JSON that says of each tensor its type, its shape and where its
 * bytes are.
 */
import { IntegrityError } from '../errors.ts';
import { takeMemory } from './freeMemory.ts';
import type { HalfDtype } from './halfPrecision.ts';

export type TensorDtype = 'F32' | 'F64' | 'I32' | 'U8' | HalfDtype;

export const BYTES_PER_ELEMENT: Record<TensorDtype, number> = {
  F32: 4,
  F64: 8,
  I32: 4,
  U8: 1,
  BF16: 2,
  F16: 2,
};
const HEADER_LENGTH_BYTES = 8;
/** The one key of the header that names no tensor. */
export const METADATA = '__metadata__';
/** As in the reference implementation: a longer header is refused. */
const MAX_HEADER_BYTES = 100_000_000;

/** A tensor in a file; offsets count from the end of the header. */
export interface HeaderEntry {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Elements of a tensor. */
export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A tensor as it is to lie in a file. */
export interface TensorPlace {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

/** A file as far as its data, which are still to be written: tensors in the order given, one after the other. */
export function startFile(
  tensors: readonly TensorPlace[],
  metadata: Readonly<Record<string, string>> = {},
): { readonly file: Uint8Array<ArrayBuffer>; readonly dataAt: number } {
  // Without a prototype, so that any name is a plain key, "__proto__" too.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header[METADATA] = metadata;
  let dataBytes = 0;
  for (const { name, dtype, shape } of tensors) {
    const end = dataBytes + product(shape) * BYTES_PER_ELEMENT[dtype];
    header[name] = { dtype, shape, data_offsets: [dataBytes, end] } satisfies HeaderEntry;
    dataBytes = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const dataAt = HEADER_LENGTH_BYTES + headerBytes;
  // Every byte is written: zeros first would be another pass.
  const file = new Uint8Array(takeMemory(dataAt + dataBytes).buffer);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, HEADER_LENGTH_BYTES, dataAt).set(json, HEADER_LENGTH_BYTES);
  return { file, dataAt };
}

/** Tensors of float32 that follow each other in a file whose numbers are still to be written: what they are is not said. */
export function blankSafetensors(tensors: readonly Pick<TensorPlace, 'name' | 'shape'>[]): {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
} {
  const { file, dataAt } = startFile(tensors.map(({ name, shape }) => ({ name, dtype: 'F32', shape })));
  return { file, values: new Float32Array(file.buffer, dataAt) };
}

/** @throws IntegrityError, always. */
export function refuse(subject: string, field: string, expected: string, received: string): never {
  throw new IntegrityError(subject, { field, expected, received });
}

/** The header of a file, and where its data begin. @throws IntegrityError where it is malformed. */
export function parseHeader(
  subject: string,
  bytes: Uint8Array,
): { header: Record<string, unknown>; dataAt: number } {
  if (bytes.length < HEADER_LENGTH_BYTES) {
    refuse(subject, 'length', `at least ${HEADER_LENGTH_BYTES} bytes`, `${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const limit = Math.min(MAX_HEADER_BYTES, bytes.length - HEADER_LENGTH_BYTES);
  if (headerBytes > limit) refuse(subject, 'header length', `at most ${limit} bytes`, `${headerBytes}`);
  const dataAt = HEADER_LENGTH_BYTES + headerBytes;
  try {
    const json: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataAt)),
    );
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('not an object');
    return { header: json as Record<string, unknown>, dataAt };
  } catch (error) {
    return refuse(subject, 'header', 'a JSON object in UTF-8', String(error));
  }
}

/** What the header says of one tensor, whose data begin at byte `at` of all data. @throws IntegrityError where it is malformed. */
export function checkEntry(subject: string, name: string, value: unknown, at: number): HeaderEntry {
  const entry = value as Partial<HeaderEntry> | null;
  const bytesPerElement = BYTES_PER_ELEMENT[entry?.dtype as TensorDtype];
  if (bytesPerElement === undefined) {
    refuse(subject, `${name}.dtype`, Object.keys(BYTES_PER_ELEMENT).join(', '), JSON.stringify(entry?.dtype));
  }
  const isSize = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(entry?.shape) || !entry.shape.every(isSize)) {
    refuse(subject, `${name}.shape`, 'a list of sizes', JSON.stringify(entry?.shape));
  }
  const end = at + product(entry.shape) * bytesPerElement;
  const offsets = entry.data_offsets;
  if (offsets?.[0] !== at || offsets[1] !== end) {
    refuse(subject, `${name}.data_offsets`, `[${at}, ${end}]`, JSON.stringify(offsets));
  }
  return entry as HeaderEntry;
}
