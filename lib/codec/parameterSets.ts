/**
 * Parameter sets as objects of a store: one safetensors file, or blocks of float32 beside a manifest that names them.
 * The manifest's digest is the set's, so that one digest holds the whole set, and each block can be checked by itself.
 */
import { IntegrityError } from '../errors.ts';
import {
  type BlockCount,
  type BlockManifest,
  blockManifestSchema,
  blockRanges,
  type Range,
  type TensorForm,
} from '../protocol/blocks.ts';
import { blockKeys } from '../protocol/keys.ts';
import { parseStored } from '../protocol/validate.ts';
import { checksumHex } from './checksum.ts';
import { sha256Hex } from './digest.ts';
import { decodeSafetensors, encodeSafetensors, type FloatDtype, type NamedArrays } from './safetensors.ts';
import { product } from './safetensorsHeader.ts';
import { type ObjectReader, readVerified } from './verified.ts';

/** What storing a set needs of an object store. */
export interface ObjectWriter {
  create(key: string, body: Uint8Array | string): Promise<unknown>;
}

/** A set that lies in a store. */
export interface StoredSet {
  /** Where it lies as one object; where it lies in blocks follows from it. */
  readonly key: string;
  readonly digest: string;
  /** Of the same bytes, where it is known and the set is one object. */
  readonly checksum?: string | undefined;
  readonly blocks: BlockCount;
}

const sizeOf = ({ shape }: TensorForm): number => product(shape);

/** Elements of all tensors together. */
export const lengthOf = (tensors: readonly TensorForm[]): number =>
  tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0);

function parseJson(bytes: Uint8Array, subject: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const mismatch = { field: '(whole object)', expected: 'JSON in UTF-8', received: String(error) };
    throw new IntegrityError(subject, mismatch, { cause: error });
  }
}

/** What a set in blocks is made of. @throws as {@link readBlock}. */
export async function readManifest(
  reader: ObjectReader,
  { key, digest, blocks }: StoredSet,
): Promise<BlockManifest> {
  const at = blockKeys(key).manifest(digest);
  const bytes = await readVerified(reader, at, digest);
  const manifest = parseStored(blockManifestSchema, parseJson(bytes, at), at);
  if (manifest.blocks.length === blocks) return manifest;
  const received = `${manifest.blocks.length}`;
  throw new IntegrityError(at, { field: 'blocks', expected: `${blocks} digests`, received });
}

async function readBlockOf(
  reader: ObjectReader,
  { key, blocks }: StoredSet,
  manifest: BlockManifest,
  index: number,
): Promise<Float32Array<ArrayBuffer>> {
  const digest = manifest.blocks[index] as string;
  const at = blockKeys(key).block(index, digest);
  const bytes = await readVerified(reader, at, digest);
  const { start, end } = blockRanges(lengthOf(manifest.tensors), blocks)[index] as Range;
  const expectedBytes = (end - start) * Float32Array.BYTES_PER_ELEMENT;
  if (bytes.length !== expectedBytes) {
    const mismatch = { field: 'length', expected: `${expectedBytes} bytes`, received: `${bytes.length}` };
    throw new IntegrityError(at, mismatch);
  }
  const isAligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? bytes : bytes.slice();
  return new Float32Array(buffer as ArrayBuffer, byteOffset, end - start);
}

/** One block of a set, and the tensors of the whole set. */
export interface Block {
  readonly tensors: readonly TensorForm[];
  readonly values: Float32Array<ArrayBuffer>;
}

/**
 * Reads one block of a set that lies in blocks.
 *
 * @throws DamagedObjectError where manifest or block are missing or damaged; IntegrityError where they are malformed.
 */
export async function readBlock(reader: ObjectReader, set: StoredSet, index: number): Promise<Block> {
  const manifest = await readManifest(reader, set);
  return { tensors: manifest.tensors, values: await readBlockOf(reader, set, manifest, index) };
}

async function readInBlocks(reader: ObjectReader, set: StoredSet): Promise<NamedArrays> {
  const manifest = await readManifest(reader, set);
  const flat = new Float32Array(lengthOf(manifest.tensors));
  await Promise.all(
    blockRanges(flat.length, set.blocks).map(async ({ start }, index) =>
      flat.set(await readBlockOf(reader, set, manifest, index), start),
    ),
  );
  let start = 0;
  return new Map(
    manifest.tensors.map((tensor) => {
      const data = flat.subarray(start, start + sizeOf(tensor));
      start += data.length;
      return [tensor.name, { shape: tensor.shape, data }];
    }),
  );
}

/**
 * Reads a whole set, its blocks side by side.
 *
 * @throws as {@link readBlock}.
 */
export async function readParameterSet(reader: ObjectReader, set: StoredSet): Promise<NamedArrays> {
  if (set.blocks > 1) return readInBlocks(reader, set);
  const { key, digest, checksum } = set;
  return decodeSafetensors(await readVerified(reader, key, digest, checksum), key).tensors;
}

/** The manifest of a set, as it is stored, and its digest. */
export function encodeManifest(tensors: readonly TensorForm[], blocks: readonly string[]) {
  const body = JSON.stringify({
    schema: 1,
    tensors: [...tensors],
    blocks: [...blocks],
  } satisfies BlockManifest);
  return { body, digest: sha256Hex(body) };
}

/** A set ready to be stored. */
export interface EncodedSet {
  /** SHA-256 of the object, or of the manifest; formed when it is asked for. */
  digest(): string;
  /** Of all its objects together. */
  readonly sizeBytes: number;
  /** Of a set that is one object; null in blocks. */
  readonly whole: { readonly bytes: Uint8Array<ArrayBuffer>; readonly checksum: string } | null;
  /** Its objects where it lies at `key`; the last one names the others. */
  objectsAt(key: string): readonly (readonly [key: string, body: Uint8Array | string])[];
}

function flatten(tensors: NamedArrays): { forms: TensorForm[]; flat: Float32Array<ArrayBuffer> } {
  const forms = [...tensors].map(([name, { shape }]) => ({ name, shape: [...shape] }) as TensorForm);
  const flat = new Float32Array(lengthOf(forms));
  let start = 0;
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array)) {
      const mismatch = { field: name, expected: 'float32', received: data.constructor.name };
      throw new IntegrityError('parameters', mismatch);
    }
    flat.set(data, start);
    start += data.length;
  }
  return { forms, flat };
}

/** The bytes of float32 values, without a copy. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer, byteOffset, byteLength);

function encodeInBlocks(tensors: NamedArrays, count: BlockCount): EncodedSet {
  const { forms, flat } = flatten(tensors);
  const blocks = blockRanges(flat.length, count).map(({ start, end }) => {
    const bytes = bytesOf(flat.subarray(start, end));
    return { bytes, digest: sha256Hex(bytes) };
  });
  const manifest = encodeManifest(
    forms,
    blocks.map(({ digest }) => digest),
  );
  return {
    digest: () => manifest.digest,
    sizeBytes: flat.byteLength + manifest.body.length,
    whole: null,
    objectsAt(key) {
      const keys = blockKeys(key);
      return [
        ...blocks.map(({ bytes, digest }, index) => [keys.block(index, digest), bytes] as const),
        [keys.manifest(manifest.digest), manifest.body],
      ];
    },
  };
}

/**
 * Encodes a set of float32 tensors.
 *
 * @param floats what their numbers are rounded to, of a set that is one object.
 * @throws IntegrityError where a tensor is of another type.
 */
export function encodeParameterSet(
  tensors: NamedArrays,
  blocks: BlockCount,
  floats: FloatDtype = 'F32',
): EncodedSet {
  if (blocks > 1) return encodeInBlocks(tensors, blocks);
  const bytes = encodeSafetensors(tensors, {}, floats);
  return {
    digest: () => sha256Hex(bytes),
    sizeBytes: bytes.length,
    whole: { bytes, checksum: checksumHex(bytes) },
    objectsAt: (key) => [[key, bytes]],
  };
}

/** Stores a set: blocks side by side, and then what names them. */
export async function storeParameterSet(writer: ObjectWriter, key: string, set: EncodedSet): Promise<void> {
  const objects = set.objectsAt(key);
  const [last, ...others] = [...objects].reverse();
  await Promise.all(others.map(([at, body]) => writer.create(at, body)));
  if (last !== undefined) await writer.create(...last);
}
