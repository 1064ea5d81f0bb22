/** Copies a folder of S3 to this machine: data that lie in a bucket of somebody's already. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { type ClientOptions, clientConfiguration } from './clients.ts';
import { CloudError } from './cloudError.ts';
import type { S3Folder } from './s3Uri.ts';

/** Hides latency: a corpus may be of many small files. */
const FETCHES_AT_ONCE = 32;

interface Listed {
  readonly key: string;
  readonly etag: string | undefined;
  readonly sizeBytes: number;
  /** Path below the folder. */
  readonly path: string;
}

/** The path of a key below the folder. @throws CloudError where it would lead out of it. */
function pathOf(key: string, { prefix }: S3Folder): string {
  const path = key.slice(prefix.length);
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
    throw new CloudError(
      `${key}: expected a key that is a path below ${prefix}, received ${JSON.stringify(path)}`,
    );
  }
  return path;
}

async function list(s3: S3Client, folder: S3Folder): Promise<Listed[]> {
  const found: Listed[] = [];
  const request = { Bucket: folder.bucket, Prefix: folder.prefix };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, request)) {
    for (const { Key: key = '', ETag: etag, Size: sizeBytes = 0 } of Contents) {
      // An object whose key ends with a slash is how consoles show an empty folder.
      if (!key.endsWith('/')) found.push({ key, etag, sizeBytes, path: pathOf(key, folder) });
    }
  }
  return found;
}

async function fetchOne(
  s3: S3Client,
  { bucket }: S3Folder,
  listed: Listed,
  directory: string,
): Promise<void> {
  const file = join(directory, listed.path);
  await mkdir(dirname(file), { recursive: true });
  // What was listed and nothing that has taken its place since.
  const request = { Bucket: bucket, Key: listed.key, ...(listed.etag && { IfMatch: listed.etag }) };
  const { Body } = await s3.send(new GetObjectCommand(request));
  await pipeline(Body as Readable, createWriteStream(file));
}

/**
 * Copies every object of a folder into a directory, by the paths of their keys.
 *
 * @param onProgress is told of bytes.
 * @throws CloudError where there is none, or one would lead out of the directory; the SDK's errors.
 */
export async function copyS3Folder(
  folder: S3Folder,
  directory: string,
  options: ClientOptions,
  onProgress: (doneBytes: number, totalBytes: number) => void = () => {},
): Promise<void> {
  const s3 = new S3Client({
    ...clientConfiguration(options),
    forcePathStyle: options.endpoint !== undefined,
    // The data may lie in another region than the deployment.
    followRegionRedirects: true,
  });
  try {
    const listed = await list(s3, folder);
    if (listed.length === 0) {
      throw new CloudError(`s3://${folder.bucket}/${folder.prefix}: expected objects, received none`);
    }
    const totalBytes = listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let doneBytes = 0;
    await pLimit(FETCHES_AT_ONCE).map(listed, async (each) => {
      await fetchOne(s3, folder, each, directory);
      doneBytes += each.sizeBytes;
      onProgress(doneBytes, totalBytes);
    });
  } finally {
    s3.destroy();
  }
}
