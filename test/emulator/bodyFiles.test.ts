import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { type Connection, connect } from '../../lib/cloud/deployment.ts';
import { BodyFiles } from '../../lib/emulator/bodyFiles.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const MIB = 2 ** 20;
const [LARGE, OTHER, SMALL] = [Buffer.alloc(MIB, 'large'), Buffer.alloc(MIB, 'other'), Buffer.from('small')];

/** Opens a directory's objects, and closes them when they have been used. */
async function withStore<T>(
  directory: string,
  use: (connection: Connection, bucket: string, aws: EmbeddedAws) => Promise<T>,
): Promise<T> {
  const aws = await startEmbeddedAws({ directory });
  const connection = connect(aws.deployment);
  try {
    return await use(connection, aws.deployment.bucket, aws);
  } finally {
    connection.close();
    await aws.close();
  }
}

const bodiesOf = (directory: string): string => join(directory, 'objects', 'bodies');
const sparesOf = (directory: string): string => join(bodiesOf(directory), 'spare');
/** Files of bodies that objects have. */
const filesOf = async (directory: string): Promise<string[]> =>
  (await readdir(bodiesOf(directory), { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('large bodies', () => {
  test('are files, small ones are not, and both are there again when the store is opened again', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, async ({ store }) => {
      await store.create('large', LARGE);
      await store.create('small', SMALL);
    });
    const files = await filesOf(directory);
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
      expect(await filesOf(directory)).toHaveLength(1);
      expect(OTHER.equals((await store.get('changing'))?.body ?? SMALL)).toBe(true);
    });
    await withStore(directory, async ({ store }) => {
      expect(OTHER.equals((await store.get('changing'))?.body ?? SMALL)).toBe(true);
      expect(await store.get('going')).toBeNull();
    });
  });

  test('take the files of those that went, whatever was in them, and nothing is left for it when the store closes', async () => {
    const directory = await temporaryDirectory();
    const shorter = OTHER.subarray(0, MIB / 2);
    await withStore(directory, async ({ store }) => {
      await store.create('going', LARGE);
      await store.delete(['going']);
      expect(await readdir(sparesOf(directory))).toHaveLength(1);
      await store.create('coming', shorter);
      expect(await readdir(sparesOf(directory))).toEqual([]);
      // Refused, so that its body, which was on the disk already, is nobody's.
      expect(await store.create('coming', LARGE)).toBe('exists');
      await expect.poll(() => readdir(sparesOf(directory))).toHaveLength(1);
    });
    expect(await readdir(sparesOf(directory))).toEqual([]);
    expect(await filesOf(directory)).toHaveLength(1);
    await withStore(directory, async ({ store }) => {
      expect(shorter.equals((await store.get('coming'))?.body ?? SMALL)).toBe(true);
    });
  });

  test('go from the disk where there are spares enough', async () => {
    const directory = await temporaryDirectory();
    const large = Buffer.alloc(100 * MIB, 'x');
    await withStore(directory, async ({ store }) => {
      for (const key of ['a', 'b', 'c']) await store.create(key, large);
      await store.delete(['a', 'b', 'c']);
      expect(await readdir(sparesOf(directory))).toHaveLength(2);
      expect(await filesOf(directory)).toEqual([]);
    });
  });

  test('that no object has are cleared away when the store is opened, and nothing else is', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, ({ store }) => store.create('large', LARGE));
    const kept = await filesOf(directory);
    const left = randomUUID();
    for (const name of [left, 'notes.txt']) await writeFile(join(bodiesOf(directory), name), OTHER);
    await writeFile(join(sparesOf(directory), randomUUID()), OTHER);
    await withStore(directory, async ({ store }) => {
      expect((await filesOf(directory)).sort()).toEqual([...kept, 'notes.txt'].sort());
      expect(await readdir(sparesOf(directory))).toEqual([]);
      expect(LARGE.equals((await store.get('large'))?.body ?? SMALL)).toBe(true);
    });
  });

  test('may lie in the database, where an earlier version of the program put them', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, ({ store }) => store.create('large', LARGE));
    const [file = ''] = await filesOf(directory);
    await rm(join(bodiesOf(directory), file));
    const database = new DatabaseSync(join(directory, 'objects', 'fauxqs.db'));
    database.prepare('UPDATE s3_objects SET body = ?').run(LARGE);
    database.close();
    await withStore(directory, async ({ store }) => {
      expect(LARGE.equals((await store.get('large'))?.body ?? SMALL)).toBe(true);
    });
  });

  test('that are gone are told as what they are', async () => {
    const directory = await temporaryDirectory();
    await withStore(directory, ({ store }) => store.create('large', LARGE));
    const [file = ''] = await filesOf(directory);
    await rm(join(bodiesOf(directory), file));
    await withStore(directory, async ({ store }, _, aws) => {
      await expect(store.get('large')).rejects.toThrow('a file cannot be opened');
      expect(String(await aws.failure)).toContain(`${directory}: expected a disk that takes and keeps`);
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
    expect(await filesOf(directory)).toEqual([]);
    await withStore(directory, async ({ store }) => {
      expect(LARGE.equals((await store.get('parts'))?.body ?? SMALL)).toBe(true);
    });
  });
});

test('an entity tag that was not drawn here names no file', async () => {
  const files = new BodyFiles(await temporaryDirectory());
  for (const etag of ['"../../outside"', '"d41d8cd98f00b204e9800998ecf8427e"', randomUUID()]) {
    expect(() => files.read(etag)).toThrow(`expected a quoted UUID, received ${etag}`);
    files.remove(etag, SMALL.length);
  }
});
