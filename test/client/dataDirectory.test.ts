/** Data from a folder of S3, in the embedded emulator. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { withDataDirectory } from '../../lib/client/dataDirectory.ts';
import { prepareRun } from '../../lib/client/submit.ts';
import { type Connection, connect } from '../../lib/cloud/deployment.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { DataError, UsageError } from '../../lib/errors.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const TABLE = ['text,label', ...Array.from({ length: 40 }, (_, i) => `good ${i} film,${i % 2}`)].join('\n');
const config = runConfigSchema.parse({
  name: 'reviews',
  dataset: { kind: 'text', file: 'tables/reviews.csv', timeSteps: 4, vocabularySize: 10 },
  model: { hiddenUnits: 4 },
  shards: 2,
});

let directory: string;
let aws: EmbeddedAws;
let connection: Connection;
/** Where copies are made. */
let temporary: string;

const put = (Key: string, Body: string) =>
  connection.clients.s3.send(
    new PutObjectCommand({ Bucket: aws.deployment.bucket, Key, Body: Buffer.from(Body) }),
  );
const uri = (prefix: string): string => `s3://${aws.deployment.bucket}/${prefix}`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'padmm-data-test-'));
  aws = await startEmbeddedAws({ directory });
  connection = connect(aws.deployment);
  await put('source/reviews/tables/reviews.csv', TABLE);
  await put('source/reviews/', '');
  await put('source/reviews-of-others/secret.csv', 'not asked for');
});
afterAll(async () => {
  connection?.close();
  await aws?.close();
  await rm(directory, { recursive: true });
});

beforeEach(async () => {
  temporary = await temporaryDirectory();
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => vi.unstubAllEnvs());

test('is copied by its paths, what lies beside it is not, and the copy goes away', async () => {
  const progress: number[] = [];
  const source = {
    data: uri('source/reviews'),
    cloud: aws.deployment,
    onProgress: ({ done, total }: { done: number; total: number }) => progress.push(done / total),
  };
  const found = await withDataDirectory(source, async (copy = '') => ({
    names: await readdir(copy, { recursive: true }),
    table: await readFile(join(copy, 'tables', 'reviews.csv'), 'utf8'),
  }));
  expect(found).toEqual({ names: ['tables', join('tables', 'reviews.csv')], table: TABLE });
  expect(progress).toEqual([1]);
  expect(await readdir(temporary)).toEqual([]);
});

test('gives the very dataset that the same files in a directory give', async () => {
  const local = await temporaryDirectory();
  await mkdir(join(local, 'tables'));
  await writeFile(join(local, 'tables', 'reviews.csv'), TABLE);
  const expected = await prepareRun({ config, dataDirectory: local });
  const prepared = await prepareRun({
    config,
    dataDirectory: uri('source/reviews/'),
    cloud: aws.deployment,
  });
  expect(prepared.manifest).toEqual(expected.manifest);
  expect([...prepared.parts]).toEqual([...expected.parts]);
});

test('is asked for as environment says where nothing else is said', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
  vi.stubEnv('AWS_REGION', aws.deployment.region);
  const names = await withDataDirectory({ data: uri('source/reviews') }, async (copy = '') => readdir(copy));
  expect(names).toEqual(['tables']);
});

test('that is not there, or leads out of the copy, is refused, and nothing stays', async () => {
  const read = (data: string) =>
    withDataDirectory({ data, cloud: aws.deployment }, () => expect.unreachable('no data were there'));
  await expect(read(uri('source/nothing'))).rejects.toThrow(DataError);
  await expect(read(uri('source/nothing'))).rejects.toThrow(
    /source\/nothing.*expected objects, received none/,
  );
  await expect(read('s3://no-such-bucket/data')).rejects.toThrow(/s3:\/\/no-such-bucket\/data.*NoSuchBucket/);
  await put('escape/a/../../../outside', 'x');
  await expect(read(uri('escape'))).rejects.toThrow(/expected a key that is a path below escape\//);
  expect(await readdir(temporary)).toEqual([]);
});

test('under a name of another form is refused before anything is asked for', async () => {
  const read = withDataDirectory({ data: 's3://bucket' }, () => expect.unreachable('a bucket is no folder'));
  await expect(read).rejects.toThrow(UsageError);
  await expect(read).rejects.toThrow(
    '--data: expected a directory or s3://BUCKET/PREFIX, received "s3://bucket"',
  );
});
