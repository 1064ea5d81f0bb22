import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { connect } from '../../lib/cloud/deployment.ts';
import { BodyFiles } from '../../lib/emulator/bodyFiles.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const MIB = 2 ** 20;
const [LARGE, OTHER, SMALL] = [Buffer.alloc(MIB, 'large'), Buffer.alloc(MIB, 'other'), Buffer.from('small')];

/** Opens a directory's objects, and closes them when they have been used. */
async function withStore<T>(
  directory: string,
  use: (connection: ReturnType<typeof connect>, bucket: string) => Promise<T>,
): Promise<T> {
  const aws = await startEmbeddedAws({ directory });
  const connection = connect(aws.deployment);
  try {
    return await use(connection, aws.deployment.bucket);
  } finally {
    connection.close();
    await aws.close();
  }
}

const bodiesOf = (directory: string): string => join(directory, 'objects', 'bodies');

describe('large bodies', () => {
  test('are files, small ones are not, and both are there again when the store is opened again', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, async ({ store }) => {
      await store.create('large', LARGE);
      await store.create('small', SMALL);
    });
    const files = await readdir(bodiesOf(directory));
    expect(files.length).toBe(1);
    expect(LARGE.equals(await readFile(join(bodiesOf(directory), files[0] as string)))).toBe(true);
    await withStore(directory, async ({ store }) => {
      expect(LARGE.equals((await store.get('large'))?.body ?? SMALL)).toBe(true);
      expect(SMALL.equals((await store.get('small'))?.body ?? LARGE)).toBe(true);
    });
  });

  test('go with what replaces their object, and with their object', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, async ({ store }) => {
      await store.create('changing', LARGE);
      await store.create('going', LARGE);
      const { etag } = (await store.get('changing')) ?? { etag: '' };
      expect(await store.replace('changing', OTHER, etag)).toMatchObject({ replaced: true });
      await store.delete(['going']);
      expect(await readdir(bodiesOf(directory))).toHaveLength(1);
      expect(OTHER.equals((await store.get('changing'))?.body ?? SMALL)).toBe(true);
    });
    await withStore(directory, async ({ store }) => {
      expect(OTHER.equals((await store.get('changing'))?.body ?? SMALL)).toBe(true);
      expect(await store.get('going')).toBeNull();
    });
  });

  test('that no object has are cleared away when the store is opened, and nothing else is', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, ({ store }) => store.create('large', LARGE));
    const kept = await readdir(bodiesOf(directory));
    const left = randomUUID();
    for (const name of [left, 'notes.txt']) await writeFile(join(bodiesOf(directory), name), OTHER);
    await withStore(directory, async ({ store }) => {
      expect((await readdir(bodiesOf(directory))).sort()).toEqual([...kept, 'notes.txt'].sort());
      expect(LARGE.equals((await store.get('large'))?.body ?? SMALL)).toBe(true);
    });
  });

  test('may lie in the database, where they came in parts', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, async ({ clients: { s3 } }, bucket) => {
      const upload = { Bucket: bucket, Key: 'parts' };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
      const part = { ...upload, UploadId, PartNumber: 1 };
      const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: LARGE }));
      const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
    });
    expect(await readdir(bodiesOf(directory))).toEqual([]);
    await withStore(directory, async ({ store }) => {
      expect(LARGE.equals((await store.get('parts'))?.body ?? SMALL)).toBe(true);
    });
  });
});

test('an entity tag that was not drawn here names no file', async () => {
  const files = new BodyFiles(await temporaryDirectory());
  for (const etag of ['"../../outside"', '"d41d8cd98f00b204e9800998ecf8427e"', randomUUID()]) {
    expect(() => files.write(etag, SMALL)).toThrow(`expected a quoted UUID, received ${etag}`);
    expect(files.read(etag)).toBeNull();
    files.remove(etag);
  }
});
