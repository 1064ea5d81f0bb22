/** Where the files of a dataset come from: a directory of this machine, or a folder of S3 that is copied first. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientOptions } from '../cloud/clients.ts';
import { currentRegion } from '../cloud/region.ts';
import { copyS3Folder } from '../cloud/s3Folder.ts';
import { looksLikeS3Uri, parseS3Uri, S3_URI_FORM } from '../cloud/s3Uri.ts';
import type { DataProgress } from '../data/samples.ts';
import { DataError, UsageError } from '../errors.ts';

export interface DataSource {
  /** A directory, or `s3://BUCKET/PREFIX`; undefined for data that need no files. */
  readonly data: string | undefined;
  /** How S3 is reached; as environment and profile say without. */
  readonly cloud?: ClientOptions | undefined;
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
}

async function ownOptions(): Promise<ClientOptions> {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  return { region: await currentRegion(), ...(endpoint ? { endpoint } : {}) };
}

async function copy(uri: string, directory: string, { cloud, onProgress }: DataSource): Promise<void> {
  const folder = parseS3Uri(uri);
  if (folder === null) {
    throw new UsageError(`--data: expected a directory or ${S3_URI_FORM}, received ${JSON.stringify(uri)}`);
  }
  const options = cloud ?? (await ownOptions());
  try {
    await copyS3Folder(folder, directory, options, (done, total) =>
      onProgress?.({ activity: `fetching ${uri}`, done, total }),
    );
  } catch (error) {
    const received = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const mismatch = { field: 'objects', expected: 'objects that can be listed and read', received };
    throw new DataError(uri, mismatch, { cause: error });
  }
}

/**
 * Does `work` with the directory that holds the data. A folder of S3 is copied into one that is gone afterwards.
 *
 * @throws UsageError where a URI is wrong, DataError where its objects cannot be had; and as `work`.
 */
export async function withDataDirectory<T>(
  source: DataSource,
  work: (directory: string | undefined) => Promise<T>,
): Promise<T> {
  const { data } = source;
  if (data === undefined || !looksLikeS3Uri(data)) return work(data);
  const directory = await mkdtemp(join(tmpdir(), 'padmm-data-'));
  try {
    await copy(data, directory, source);
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
