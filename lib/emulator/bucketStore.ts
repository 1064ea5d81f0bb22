/**
 * A bucket of fauxqs, mended and made faster:
 * - listings are as S3 gives them: keys in the order of their UTF-8 bytes, every key once however many pages there are.
 *   fauxqs sorts by locale and continues by bytes, which loses keys where the two orders differ;
 * - entity tags are drawn, as S3 says that they may be anything (they are no digest where objects are encrypted by KMS): the
 *   MD5 of each body took more time than storing it;
 * - large bodies that come in are files (./bodyFiles.ts), which the database knows by their entity tags; what is put together here
 *   (parts, copies) lies in the database;
 * - what was written or read lately is answered from memory, which then serves other bodies (./bodyMemory.ts).
 *
 * Source: Amazon S3 API Reference, ListObjectsV2 and Object ("ETag").
 */
import { randomUUID } from 'node:crypto';
import type { BodyFiles } from './bodyFiles.ts';
import type { BodyMemory } from './bodyMemory.ts';
import { currentObject, fauxqsClasses, type S3Store, type StoredObject } from './fauxqs.ts';
import { RecentBodies } from './recentBodies.ts';

type Listing = ReturnType<S3Store['listObjects']>;
type ListOptions = NonNullable<Parameters<S3Store['listObjects']>[1]>;

/** A round's contributions and versions at some megabytes of parameters; more of them come from the database. */
const RECENT_BYTES = 256 * 2 ** 20;
/** From here on a body that comes in is a file of its own; below, opening one costs more than it spares. */
export const FILE_BYTES = 256 * 1024;
const isLarge = ({ contentLength }: StoredObject): boolean => contentLength >= FILE_BYTES;
const NO_BODY = Buffer.alloc(0);
const idOf = (bucket: string, key: string): string => `${bucket}/${key}`;

/** The common prefix that a key is rolled up into, or the key itself. */
function entryOf(key: string, prefix: string, delimiter: string | undefined): string {
  const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return end === -1 || delimiter === undefined ? key : key.slice(0, end + delimiter.length);
}

class MendedS3Store extends fauxqsClasses.S3Store {
  readonly #recent: RecentBodies;
  readonly #files: BodyFiles;
  readonly #memory: BodyMemory;

  constructor(files: BodyFiles, memory: BodyMemory) {
    super();
    this.#files = files;
    this.#memory = memory;
    this.#recent = new RecentBodies(RECENT_BYTES, memory);
  }

  /** Removes the file of an object that is no more, if it had one. */
  #removeFile(gone: StoredObject | null): void {
    if (gone !== null && isLarge(gone)) this.#files.remove(gone.etag, gone.contentLength);
  }

  override putObject(...[bucket, key, body, ...about]: Parameters<S3Store['putObject']>): StoredObject {
    const { persistence } = this;
    if (persistence === undefined || !this.hasBucket(bucket))
      return super.putObject(bucket, key, body, ...about);
    const [contentType = 'application/octet-stream', metadata = {}, system = {}, checksum] = about;
    const claimed = this.#files.claim(body);
    const object: StoredObject = {
      ...{ key, body, contentType, metadata, ...system, contentLength: body.length },
      ...{ etag: claimed ?? `"${randomUUID()}"`, lastModified: new Date() },
      ...(checksum && { checksumAlgorithm: checksum.algorithm, checksumValue: checksum.value }),
      ...(checksum && { checksumType: checksum.type }),
    };
    const described = { ...object, body: NO_BODY };
    const replaced = currentObject(this, bucket, key);
    persistence.upsertObject(bucket, claimed === null ? object : described);
    this.restoreObject(bucket, described);
    this.#recent.set(idOf(bucket, key), object);
    this.#removeFile(replaced);
    return object;
  }

  override getObject(bucket: string, key: string): StoredObject {
    const about = this.headObject(bucket, key);
    const id = idOf(bucket, key);
    const recent = this.#recent.get(id, about.etag);
    if (recent !== undefined) return { ...about, body: recent };
    const stored = super.getObject(bucket, key);
    const isFile = stored.body.length < about.contentLength;
    const object = isFile ? { ...about, body: this.#files.read(about.etag) } : stored;
    this.#recent.set(id, object);
    return object;
  }

  override uploadPart(...[upload, part, body, checksum]: Parameters<S3Store['uploadPart']>) {
    // It may be an object's, and is kept until the upload ends.
    this.#memory.hold(body);
    return super.uploadPart(upload, part, body, checksum);
  }

  override deleteObject(bucket: string, key: string): void {
    const deleted = currentObject(this, bucket, key);
    super.deleteObject(bucket, key);
    this.#recent.delete(idOf(bucket, key));
    this.#removeFile(deleted);
  }

  override listObjects(bucket: string, options: ListOptions = {}): Listing {
    const { prefix = '', delimiter, maxKeys = 1000, startAfter, marker } = options;
    const after = startAfter ?? marker ?? '';
    const all = super.listObjects(bucket, { prefix, maxKeys: Number.POSITIVE_INFINITY }).objects;
    all.sort((a, b) => (a.key < b.key ? -1 : 1));
    const objects: Listing['objects'] = [];
    const prefixes = new Set<string>();
    for (const object of all) {
      const entry = entryOf(object.key, prefix, delimiter);
      if (entry <= after || prefixes.has(entry)) continue;
      if (objects.length + prefixes.size >= maxKeys) return cutPage(objects, [...prefixes]);
      if (entry === object.key) objects.push(object);
      else prefixes.add(entry);
    }
    return { objects, commonPrefixes: [...prefixes], isTruncated: false };
  }
}

/** The next page starts after the last object, if this one has any: prefixes beyond it are left for that page. */
function cutPage(objects: Listing['objects'], prefixes: string[]): Listing {
  const last = objects.at(-1)?.key;
  const commonPrefixes = last === undefined ? prefixes : prefixes.filter((prefix) => prefix < last);
  return { objects, commonPrefixes, isTruncated: true };
}

/**
 * @param files where its large bodies lie.
 * @param memory is told which bodies are kept for answers.
 */
export const createBucketStore = (files: BodyFiles, memory: BodyMemory): S3Store =>
  new MendedS3Store(files, memory);
