/** Objects of a store, checked by what they are known by: a digest, a checksum, or both. */
import { IntegrityError } from '../errors.ts';
import { CHECKSUM_DIGITS, checksumHex } from './checksum.ts';
import { sha256Hex } from './digest.ts';

/** What reading needs of an object store. */
export interface ObjectReader<Bytes extends Uint8Array = Uint8Array> {
  /** The object, or null where there is none. Its body is the caller's alone. */
  get(key: string): Promise<{ readonly body: Bytes } | null>;
}

/** Whether an object is known by its checksum alone, as a contribution is that is one object. */
const isChecksum = (digest: string): boolean => digest.length === CHECKSUM_DIGITS;

/** Of `bytes` what `digest` is of others: their checksum or their SHA-256. */
export const digestLike = (digest: string, bytes: Uint8Array): string =>
  isChecksum(digest) ? checksumHex(bytes) : sha256Hex(bytes);

/** An object that something refers to by its digest is not there, or is another. */
export class DamagedObjectError extends IntegrityError {
  readonly key: string;
  readonly digest: string;

  constructor(key: string, digest: string, received: string) {
    super(key, { field: isChecksum(digest) ? 'checksum' : 'SHA-256', expected: digest, received });
    this.key = key;
    this.digest = digest;
  }
}

/**
 * The bytes of an object.
 *
 * @param digest SHA-256 of the bytes, or their checksum.
 * @param checksum of the same bytes, where it is known: it spares the digest, which only decides where it is another.
 * @throws DamagedObjectError where it is missing, or its digest is another.
 */
export async function readVerified<Bytes extends Uint8Array>(
  reader: ObjectReader<Bytes>,
  key: string,
  digest: string,
  checksum?: string,
): Promise<Bytes> {
  const object = await reader.get(key);
  if (object !== null && checksum !== undefined && checksumHex(object.body) === checksum) return object.body;
  const received = object === null ? 'no object' : digestLike(digest, object.body);
  if (object === null || received !== digest) throw new DamagedObjectError(key, digest, received);
  return object.body;
}
