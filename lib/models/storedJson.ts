import type { z } from 'zod';
import type { ObjectReader } from '../codec/verified.ts';
import { IntegrityError } from '../errors.ts';
import { parseStored } from '../protocol/validate.ts';

/** The bytes of an object that something refers to. @throws IntegrityError where there is none. */
export async function readObject(store: ObjectReader, key: string, holds: string): Promise<Uint8Array> {
  const object = await store.get(key);
  if (object !== null) return object.body;
  throw new IntegrityError(key, { field: 'object', expected: holds, received: 'nothing' });
}

/** Parses JSON that the system itself wrote. @throws IntegrityError naming the subject and the field that is wrong. */
export function parseStoredJson<S extends z.ZodType>(schema: S, text: string, subject: string): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const mismatch = { field: '(top level)', expected: 'JSON', received: String(error) };
    throw new IntegrityError(subject, mismatch, { cause: error });
  }
  return parseStored(schema, json, subject);
}
