import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { promisify, TextDecoder } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataError, PadmmError, UsageError } from '../errors.ts';
import type { LoadOptions } from './samples.ts';

const gunzipBytes = promisify(gunzip);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** RFC 1952, section 2.3.1. */
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The mismatch of a file that could not be read, for whatever reason the system gives. */
export const unreadable = (path: string, error: unknown): DataError =>
  new DataError(
    path,
    { field: 'file', expected: 'a file that can be read', received: reasonOf(error) },
    { cause: error },
  );

const refuseGzip =
  (path: string) =>
  (error: unknown): never => {
    const mismatch = { field: 'gzip', expected: 'a whole, undamaged gzip stream', received: reasonOf(error) };
    throw new DataError(path, mismatch, { cause: error });
  };

/**
 * Reads a whole file, and decompresses it where its first bytes are those of gzip, whatever its name.
 *
 * @throws DataError where the file cannot be read or its gzip stream is damaged.
 */
export async function readMaybeGzipped(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const stored = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const bytes = isGzip(stored) ? await gunzipBytes(stored).catch(refuseGzip(path)) : stored;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The directory of `--data`. @throws UsageError where it was not given, saying what is looked for in it. */
export function requireDirectory(directory: string | undefined, dataset: string, lookedFor: string): string {
  if (directory !== undefined) return directory;
  throw new UsageError(`dataset ${dataset}: expected --data DIR with ${lookedFor}, received no directory`);
}

/** Path of a file that the config names. */
export const resolveDataFile = ({ directory }: LoadOptions, file: string): string =>
  resolve(directory ?? '.', file);

/** The text of bytes in UTF-8, without a byte order mark. @throws DataError naming the file where they are not. */
export function decodeText(decoder: TextDecoder, path: string, bytes?: Uint8Array): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch (error) {
    const mismatch = { field: 'encoding', expected: 'UTF-8', received: reasonOf(error) };
    throw new DataError(path, mismatch, { cause: error });
  }
}

export const newDecoder = (): TextDecoder => new TextDecoder('utf-8', { fatal: true });

/**
 * Streams the text of a file in UTF-8, and reports the bytes read.
 *
 * @throws DataError where the file cannot be read or is not UTF-8.
 */
export async function* readTextChunks(path: string, { onProgress }: LoadOptions): AsyncGenerator<string> {
  const decoder = newDecoder();
  try {
    const { size: total } = await stat(path);
    let done = 0;
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      done += chunk.length;
      onProgress?.({ activity: `reading ${basename(path)}`, done, total });
      yield decodeText(decoder, path, chunk);
    }
    yield decodeText(decoder, path);
  } catch (error) {
    throw error instanceof PadmmError ? error : unreadable(path, error);
  }
}
