/**
 * JSON objects in the store, checked against their schema whenever they are read. Long ones are compressed: the state and
 * the rounds of many shards repeat the same names, and are written at every turn of the coordinator.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { z } from 'zod';
import { IntegrityError } from '../errors.ts';
import { parseStored } from '../protocol/validate.ts';
import type { ObjectStore, StoredObject } from './objectStore.ts';

/** A parsed object and the entity tag to replace it by. */
export interface StoredJson<T> {
  readonly value: T;
  readonly etag: string;
}

/** Longer objects are compressed; shorter ones stay as they are, for people to read. */
const PLAIN_CHARACTERS = 32 * 1024;
/** The fastest level: it is spent at every commit, and higher ones gain little on figures and digests. */
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** How a zstd frame begins (RFC 8878, section 3.1.1); no JSON does. */
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** No object of this project is as long: what claims to be is damaged. */
const MAX_PLAIN_BYTES = 2 ** 30;

/** A value as the body of an object that {@link getJson} reads. */
export function encodeJson(value: unknown): string | Uint8Array {
  const text = JSON.stringify(value);
  return text.length > PLAIN_CHARACTERS ? zstdCompressSync(text, COMPRESSION) : text;
}

function plainBytes(body: Uint8Array): Uint8Array {
  const isCompressed = ZSTD_MAGIC.equals(body.subarray(0, ZSTD_MAGIC.length));
  return isCompressed ? zstdDecompressSync(body, { maxOutputLength: MAX_PLAIN_BYTES }) : body;
}

function parseJson(body: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plainBytes(body)));
  } catch (error) {
    const expected = 'JSON in UTF-8, compressed by zstd or not';
    const mismatch = { field: '(whole object)', expected, received: String(error) };
    throw new IntegrityError(key, mismatch, { cause: error });
  }
}

/** Parses a JSON object that was read already. @throws IntegrityError naming the key and the field. */
export function parseObject<S extends z.ZodType>(
  object: StoredObject,
  key: string,
  schema: S,
): StoredJson<z.output<S>> {
  return { value: parseStored(schema, parseJson(object.body, key), key), etag: object.etag };
}

/**
 * Reads a JSON object; null where there is none.
 *
 * @throws IntegrityError naming the key and the field that its schema refuses.
 */
export async function getJson<S extends z.ZodType>(
  store: ObjectStore,
  key: string,
  schema: S,
): Promise<StoredJson<z.output<S>> | null> {
  const object = await store.get(key);
  return object === null ? null : parseObject(object, key, schema);
}

/** Writes an immutable JSON object, as `ObjectStore.create` does. */
export function createJson(store: ObjectStore, key: string, value: unknown): Promise<'created' | 'exists'> {
  return store.create(key, encodeJson(value));
}
