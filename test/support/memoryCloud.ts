/**
 * Object store and task queue in memory, with the semantics of the ports: what protocol tests run on where thousands of
 * runs or forced faults are wanted. The store passes the contract suite of `test/contract`.
 */
import { createHash } from 'node:crypto';
import type { ListedObject, ObjectStore, ReplaceOutcome, StoredObject } from '../../lib/cloud/objectStore.ts';
import type { ReceivedMessage, TaskQueue } from '../../lib/cloud/queues.ts';

const toBytes = (body: Uint8Array | string): Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? Uint8Array.from(Buffer.from(body)) : Uint8Array.from(body);

export class MemoryObjectStore implements ObjectStore {
  readonly objects = new Map<string, StoredObject>();

  #write(key: string, body: Uint8Array | string): StoredObject {
    const bytes = toBytes(body);
    const object = { body: bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"` };
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

/** A task queue that only keeps what was sent. */
export class MemoryTaskQueue implements TaskQueue {
  readonly sent: string[] = [];

  async send(bodies: readonly string[]): Promise<void> {
    this.sent.push(...bodies);
  }

  async receive(): Promise<ReceivedMessage | null> {
    const body = this.sent.shift();
    return body === undefined ? null : { body, receiptHandle: '', messageId: '', receiveCount: 1 };
  }

  async acknowledge(): Promise<void> {}

  async setVisibility(): Promise<void> {}
}
