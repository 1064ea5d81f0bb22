/**
 * Listings as S3 gives them: keys in the order of their UTF-8 bytes, every key once however many pages there are. The
 * store of fauxqs sorts by locale and continues by bytes, which loses keys where the two orders differ.
 *
 * Source: Amazon S3 API Reference, ListObjectsV2.
 */
import { fauxqsClasses, type S3Store } from './fauxqs.ts';

type Listing = ReturnType<S3Store['listObjects']>;
type ListOptions = NonNullable<Parameters<S3Store['listObjects']>[1]>;

/** The common prefix that a key is rolled up into, or the key itself. */
function entryOf(key: string, prefix: string, delimiter: string | undefined): string {
  const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return end === -1 || delimiter === undefined ? key : key.slice(0, end + delimiter.length);
}

class MendedS3Store extends fauxqsClasses.S3Store {
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

export const createBucketStore = (): S3Store => new MendedS3Store();
