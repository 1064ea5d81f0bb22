/** An object and the entity tag that names this very content for a conditional write. */
export interface StoredObject {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** An object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
}

/** What a conditional write came to: done, or refused because the condition did not hold. */
export type ReplaceOutcome =
  | { readonly replaced: true; readonly etag: string }
  | { readonly replaced: false };

/**
 * The part of S3 this project uses: immutable objects written once, and one pointer per run replaced by
 * compare-and-swap. Keys come from `lib/protocol/keys.ts`.
 *
 * Reads are strongly consistent (AWS: "Amazon S3 data consistency model"). Every method rejects with the SDK's error
 * after its retries are used up.
 */
export interface ObjectStore {
  /** The object, or null where there is none. Its body is the caller's alone, who may change or free it. */
  get(key: string): Promise<StoredObject | null>;
  /** The same, or 'unchanged' where `etag` is still current: a poll that costs no body (If-None-Match). */
  getIfChanged(key: string, etag: string): Promise<StoredObject | 'unchanged' | null>;
  /** Writes an immutable object; 'exists' where the key is taken already, which is no error (If-None-Match: *). */
  create(key: string, body: Uint8Array | string): Promise<'created' | 'exists'>;
  /** Replaces the object whose tag is still `etag` (If-Match). A lost race or a conflicting write is an outcome. */
  replace(key: string, body: Uint8Array | string, etag: string): Promise<ReplaceOutcome>;
  /** Keys under a prefix in lexical order, a page at a time. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** First path segments under a prefix, in lexical order: `runs/` gives `runs/a/`, `runs/b/`. */
  listPrefixes(prefix: string): AsyncIterable<string>;
  /** Deletes any number of keys, in batches; a key that is not there is no error. */
  delete(keys: readonly string[]): Promise<void>;
}
