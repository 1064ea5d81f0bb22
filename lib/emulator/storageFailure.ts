/** A disk that is full or fails while the embedded S3 writes: told as what it is, where fauxqs would answer with JSON. */
import { EnvironmentError } from '../errors.ts';
import type { FauxqsApp } from './fauxqs.ts';

/** What is the matter, by primary result codes of SQLite (sqlite.org/rescode.html) and codes of errors of files. */
const DISK_TROUBLES: readonly (readonly [trouble: string, codes: readonly unknown[]])[] = [
  ['it cannot be written', [8, 'EROFS', 'EACCES', 'EPERM']],
  ['reading or writing failed', [10, 'EIO']],
  ['the disk is full', [13, 'ENOSPC', 'EDQUOT']],
  ['a file cannot be opened', [14, 'ENOENT', 'EMFILE', 'ENFILE']],
];
/** Extended codes carry the primary one in their lowest byte. */
const PRIMARY = 0xff;
/** RFC 4918, 507 Insufficient Storage: not among those that the SDK tries again. */
const INSUFFICIENT_STORAGE = 507;

const troubleOf = (code: unknown): string | undefined =>
  DISK_TROUBLES.find(([, codes]) => codes.includes(code))?.[0];

function diskTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode, code, syscall } = error as NodeJS.ErrnoException & { readonly errcode?: unknown };
  if (typeof errcode === 'number') return troubleOf(errcode & PRIMARY);
  return syscall === undefined ? undefined : troubleOf(code);
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
