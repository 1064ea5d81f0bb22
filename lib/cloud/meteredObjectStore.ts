import type { ListedObject, ObjectStore, ReplaceOutcome, StoredObject } from './objectStore.ts';

const sizeBytes = (body: Uint8Array | string): number =>
  typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;

/**
 * Counts the payload bytes that go through a store: bodies of GET and PUT, without headers and listings. A PUT that S3
 * refuses has travelled all the same, and counts.
 */
export class MeteredObjectStore implements ObjectStore {
  readonly #store: ObjectStore;
  #readBytes = 0;
  #writtenBytes = 0;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Payload bytes read since construction. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Payload bytes written since construction. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  async get(key: string): Promise<StoredObject | null> {
    const object = await this.#store.get(key);
    this.#readBytes += object?.body.byteLength ?? 0;
    return object;
  }

  async getIfChanged(key: string, etag: string): Promise<StoredObject | 'unchanged' | null> {
    const object = await this.#store.getIfChanged(key, etag);
    if (object !== 'unchanged') this.#readBytes += object?.body.byteLength ?? 0;
    return object;
  }

  async create(key: string, body: Uint8Array | string): Promise<'created' | 'exists'> {
    const outcome = await this.#store.create(key, body);
    this.#writtenBytes += sizeBytes(body);
    return outcome;
  }

  async replace(key: string, body: Uint8Array | string, etag: string): Promise<ReplaceOutcome> {
    const outcome = await this.#store.replace(key, body, etag);
    this.#writtenBytes += sizeBytes(body);
    return outcome;
  }

  list(prefix: string): AsyncIterable<ListedObject> {
    return this.#store.list(prefix);
  }

  listPrefixes(prefix: string): AsyncIterable<string> {
    return this.#store.listPrefixes(prefix);
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#store.delete(keys);
  }
}
