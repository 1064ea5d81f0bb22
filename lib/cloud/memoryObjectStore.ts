import type { ListedObject, ObjectStore, ReplaceOutcome, StoredObject } from './objectStore.ts';

const toBytes = (body: Uint8Array | string): Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? Uint8Array.from(Buffer.from(body)) : Uint8Array.from(body);

/**
 * An object store in the memory of this process, with the semantics of the port: for many short runs in one process, and
 * for tests of the protocol. Entity tags are counted, so equal bodies written twice have different ones.
 */
export class MemoryObjectStore implements ObjectStore {
  /** The objects by key. */
  readonly objects = new Map<string, StoredObject>();
  #writes = 0;

  #write(key: string, body: Uint8Array | string): StoredObject {
    this.#writes += 1;
    const object = { body: toBytes(body), etag: `"${this.#writes}"` };
    this.objects.set(key, object);
    return object;
  }

  async get(key: string): Promise<StoredObject | null> {
    const object = this.objects.get(key);
    return object ? { ...object, body: object.body.slice() } : null;
  }

  async getIfChanged(key: string, etag: string): Promise<StoredObject | 'unchanged' | null> {
    return this.objects.get(key)?.etag === etag ? 'unchanged' : this.get(key);
  }

  async create(key: string, body: Uint8Array | string): Promise<'created' | 'exists'> {
    if (this.objects.has(key)) return 'exists';
    this.#write(key, body);
    return 'created';
  }

  async replace(key: string, body: Uint8Array | string, etag: string): Promise<ReplaceOutcome> {
    if (this.objects.get(key)?.etag !== etag) return { replaced: false };
    return { replaced: true, etag: this.#write(key, body).etag };
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    for (const key of [...this.objects.keys()].filter((k) => k.startsWith(prefix)).sort()) {
      yield { key, sizeBytes: this.objects.get(key)?.body.length ?? 0, lastModifiedMs: 0 };
    }
  }

  async *listPrefixes(prefix: string): AsyncIterable<string> {
    const keys = [...this.objects.keys()].filter((k) => k.startsWith(prefix));
    const cut = keys.flatMap((k) => {
      const slash = k.indexOf('/', prefix.length);
      return slash < 0 ? [] : [k.slice(0, slash + 1)];
    });
    yield* [...new Set(cut)].sort();
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.objects.delete(key);
  }
}
