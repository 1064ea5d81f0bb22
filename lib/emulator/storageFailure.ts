/** A disk that is full or fails while the embedded S3 writes: told as what it is, where fauxqs would answer with JSON. */
import { EnvironmentError } from '../errors.ts';
import type { FauxqsApp } from './fauxqs.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html) that speak of the disk. */
const DISK_CODES: ReadonlyMap<number, string> = new Map([
  [8, 'it cannot be written'],
  [10, 'reading or writing failed'],
  [13, 'the disk is full'],
  [14, 'a file cannot be opened'],
]);
/** Extended codes carry the primary one in their lowest byte. */
const PRIMARY = 0xff;
/** RFC 4918, 507 Insufficient Storage: not among those that the SDK tries again. */
const INSUFFICIENT_STORAGE = 507;

function diskTrouble(error: unknown): string | undefined {
  const isSqlite = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
  return isSqlite ? DISK_CODES.get((error.errcode as number) & PRIMARY) : undefined;
}

/**
 * Answers requests that the disk defeats as S3 answers errors, in XML.
 *
 * @param directory of the objects, for the message.
 * @returns resolves with the first such failure: what is not stored is lost, so nobody can go on; pending otherwise.
 */
export function watchStorage(app: FauxqsApp, directory: string): Promise<EnvironmentError> {
  const { promise, resolve } = Promise.withResolvers<EnvironmentError>();
  app.setErrorHandler((error, _request, reply) => {
    const trouble = diskTrouble(error);
    if (trouble === undefined) throw error;
    const message = `${directory}: expected a disk that takes what is stored, but ${trouble}`;
    resolve(new EnvironmentError(message, { cause: error }));
    reply
      .code(INSUFFICIENT_STORAGE)
      .header('content-type', 'application/xml')
      .send(
        `<?xml version="1.0" encoding="UTF-8"?><Error><Code>InsufficientStorage</Code><Message>${trouble}</Message></Error>`,
      );
  });
  return promise;
}
