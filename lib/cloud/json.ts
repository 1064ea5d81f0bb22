/** JSON objects in the store, checked against their schema whenever they are read. */
import type { z } from 'zod';
import { IntegrityError } from '../errors.ts';
import { parseStored } from '../protocol/validate.ts';
import type { ObjectStore, StoredObject } from './objectStore.ts';

/** A parsed object and the entity tag to replace it by. */
export interface StoredJson<T> {
  readonly value: T;
  readonly etag: string;
}

function parseJson(body: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    const mismatch = { field: '(whole object)', expected: 'JSON in UTF-8', received: String(error) };
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
  return store.create(key, JSON.stringify(value));
}
