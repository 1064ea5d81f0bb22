import type { IncomingMessage } from 'node:http';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import pRetry from 'p-retry';
import { CloudError } from './cloudError.ts';
import { collectResponse } from './collectBytes.ts';
import type { ListedObject, ObjectStore, ReplaceOutcome, StoredObject } from './objectStore.ts';
import {
  isMissingKey,
  isNoSuchKey,
  isNotModified,
  isPreconditionFailed,
  isWriteConflict,
} from './s3Errors.ts';

/** DeleteObjects takes at most 1,000 keys a request (Amazon S3 API Reference). */
const DELETE_BATCH_KEYS = 1_000;

/** AWS: "On a 409 failure, retry the upload." The other write ends soon, with this key taken or free. */
const CONFLICT_RETRIES = { retries: 6, minTimeout: 50, factor: 2, randomize: true };

async function readObject({ Body, ContentLength, ETag }: GetObjectCommandOutput): Promise<StoredObject> {
  // What the SDK collects is copied together at the end, and it does not know how much will come.
  const { buffer } = await collectResponse(Body as IncomingMessage, ContentLength);
  return { body: new Uint8Array(buffer), etag: ETag ?? '' };
}

/**
 * The object store in an S3 bucket.
 *
 * A PUT whose answer was lost is sent again by the SDK. So `create` may say 'exists' of an object that this very call
 * wrote, and `replace` may say that it lost against itself: the caller knows its own content by a digest or commit id.
 */
export class S3ObjectStore implements ObjectStore {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  async get(key: string): Promise<StoredObject | null> {
    try {
      return await readObject(await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key })));
    } catch (error) {
      if (isMissingKey(error)) return null;
      throw error;
    }
  }

  async getIfChanged(key: string, etag: string): Promise<StoredObject | 'unchanged' | null> {
    const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key, IfNoneMatch: etag });
    try {
      return await readObject(await this.#s3.send(command));
    } catch (error) {
      if (isNotModified(error)) return 'unchanged';
      if (isMissingKey(error)) return null;
      throw error;
    }
  }

  async create(key: string, body: Uint8Array | string): Promise<'created' | 'exists'> {
    const put = () =>
      this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, IfNoneMatch: '*' }));
    try {
      await pRetry(put, { ...CONFLICT_RETRIES, shouldRetry: ({ error }) => isWriteConflict(error) });
      return 'created';
    } catch (error) {
      if (isPreconditionFailed(error)) return 'exists';
      throw error;
    }
  }

  async replace(key: string, body: Uint8Array | string, etag: string): Promise<ReplaceOutcome> {
    const command = new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, IfMatch: etag });
    try {
      return { replaced: true, etag: (await this.#s3.send(command)).ETag ?? '' };
    } catch (error) {
      // AWS: after a 409 fetch the entity tag anew; a key deleted meanwhile is NoSuchKey. Either way the race is lost.
      if (isPreconditionFailed(error) || isWriteConflict(error) || isNoSuchKey(error))
        return { replaced: false };
      throw error;
    }
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    for await (const page of paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.#bucket, Prefix: prefix },
    )) {
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key !== undefined)
          yield { key: Key, sizeBytes: Size ?? 0, lastModifiedMs: LastModified?.getTime() ?? 0 };
      }
    }
  }

  async *listPrefixes(prefix: string): AsyncIterable<string> {
    for await (const page of paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.#bucket, Prefix: prefix, Delimiter: '/' },
    )) {
      for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix !== undefined) yield Prefix;
    }
  }

  /** @throws CloudError naming the first key that could not be deleted; the others of its batch are gone. */
  async delete(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += DELETE_BATCH_KEYS) {
      const Objects = keys.slice(start, start + DELETE_BATCH_KEYS).map((Key) => ({ Key }));
      const { Errors } = await this.#s3.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors ?? [];
      if (first !== undefined) {
        throw new CloudError(
          `bucket ${this.#bucket}: ${Errors?.length} of ${Objects.length} keys not deleted, first ${first.Key}: ` +
            `${first.Code} ${first.Message}`,
        );
      }
    }
  }
}
