import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataError, UsageError } from '../errors.ts';

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

/**
 * Reads a whole file, and decompresses it where its first bytes are those of gzip, whatever its name.
 *
 * @throws DataError where the file cannot be read or its gzip stream is damaged.
 */
export async function readMaybeGzipped(path: string): Promise<Uint8Array> {
  const stored = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!isGzip(stored)) return stored;
  return gunzipBytes(stored).catch((error: unknown) => {
    const mismatch = { field: 'gzip', expected: 'a whole, undamaged gzip stream', received: reasonOf(error) };
    throw new DataError(path, mismatch, { cause: error });
  });
}

/** The directory of `--data`. @throws UsageError where it was not given, saying what is looked for in it. */
export function requireDirectory(directory: string | undefined, dataset: string, lookedFor: string): string {
  if (directory !== undefined) return directory;
  throw new UsageError(`dataset ${dataset}: expected --data DIR with ${lookedFor}, received no directory`);
}
