/** A disk that is full or fails while the embedded S3 writes: told as what it is, where fauxqs would answer with JSON. */
import { EnvironmentError } from '../errors.ts';
import type { FauxqsApp } from './fauxqs.ts';

const [NOT_WRITABLE, DEFECTIVE, FULL, NOT_OPENED] = [
  'it cannot be written',
  'reading or writing failed',
  'the disk is full',
  'a file cannot be opened',
];
/** Primary result codes of SQLite (sqlite.org/rescode.html), and codes of errors of files, that speak of the disk. */
const DISK_CODES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...[8, 'EROFS', 'EACCES', 'EPERM'].map((code) => [code, NOT_WRITABLE] as const),
  ...[10, 'EIO'].map((code) => [code, DEFECTIVE] as const),
  ...[13, 'ENOSPC', 'EDQUOT'].map((code) => [code, FULL] as const),
  ...[14, 'ENOENT', 'EMFILE', 'ENFILE'].map((code) => [code, NOT_OPENED] as const),
]);
/** Extended codes carry the primary one in their lowest byte. */
const PRIMARY = 0xff;
/** RFC 4918, 507 Insufficient Storage: not among those that the SDK tries again. */
const INSUFFICIENT_STORAGE = 507;

function diskTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode, code, syscall } = error as NodeJS.ErrnoException & { readonly errcode?: unknown };
  if (typeof errcode === 'number') return DISK_CODES.get(errcode & PRIMARY);
  return syscall === undefined ? undefined : DISK_CODES.get(code);
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
    const message = `${directory}: expected a disk that takes and keeps what is stored, but ${trouble}`;
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
