import { copyFile, cp, mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { connect as connectTo } from 'node:net';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Connection, connect, type Deployment } from '../../lib/cloud/deployment.ts';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { EnvironmentError } from '../../lib/errors.ts';
import { collect } from '../contract/collect.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { killHard, startFixture } from './processes.ts';

interface Opened extends Connection {
  readonly aws: EmbeddedAws;
}

async function open(directory: string): Promise<Opened> {
  const aws = await startEmbeddedAws({ directory });
  const connection = connect(aws.deployment);
  onTestFinished(async () => {
    connection.close();
    await aws.close();
  });
  return { ...connection, aws };
}

/** A body that says its own digest, so that a torn one shows; the larger ones become files. */
function selfChecking(index: number, stepBytes = 60_000): Buffer {
  const filling = Buffer.alloc(40_000 + (index % 7) * stepBytes, `${index};`);
  return Buffer.concat([Buffer.from(sha256Hex(filling)), filling]);
}

const isWhole = (body: Uint8Array): boolean =>
  Buffer.from(body.subarray(0, 64)).toString() === sha256Hex(body.subarray(64));

/** Writes until the store goes away; gives the keys that were acknowledged, and the last acknowledged state. */
async function writeUntilKilled(store: ObjectStore, kill: (written: number) => void) {
  const acknowledged: string[] = [];
  let state = -1;
  await store.create('state', selfChecking(0));
  let etag = (await store.get('state'))?.etag ?? '';
  try {
    for (let i = 0; ; i++) {
      await store.create(`objects/${i}`, selfChecking(i));
      acknowledged.push(`objects/${i}`);
      const outcome = await store.replace('state', selfChecking(i), etag);
      if (!outcome.replaced) throw new Error('nobody else replaces the state');
      ({ etag } = outcome);
      state = i;
      kill(acknowledged.length);
    }
  } catch (error) {
    expect(String(error)).toMatch(/ECONNREFUSED|ECONNRESET|socket hang up|EPIPE/);
    return { acknowledged, state };
  }
}

describe('objects outlive the process', () => {
  test('after it was closed', async () => {
    const directory = await temporaryDirectory();
    const aws = await startEmbeddedAws({ directory });
    const first = connect(aws.deployment);
    await first.store.create('runs/a/state.json', '{}');
    const { etag } = (await first.store.get('runs/a/state.json')) ?? { etag: '' };
    await first.tasks.send(['not kept']);
    first.close();
    await aws.close();

    const again = await open(directory);
    expect(await again.store.get('runs/a/state.json')).toEqual({ body: Uint8Array.of(0x7b, 0x7d), etag });
    expect(await again.store.create('runs/a/state.json', '[]')).toBe('exists');
    expect(await again.store.replace('runs/a/state.json', '[]', etag)).toMatchObject({ replaced: true });
    // The state of a run tells which tasks are outstanding; messages themselves are not kept.
    expect(await again.tasks.receive(0)).toBeNull();
  });

  test.each([3, 11, 26])('killed after %i writes: each is there, and whole', async (killAfter) => {
    const directory = await temporaryDirectory();
    const { child, said } = await startFixture('aws', directory);
    const victim = connect(said as Deployment);
    const { acknowledged, state } = await writeUntilKilled(victim.store, (written) => {
      // The write after this one is on its way when the process dies.
      if (written === killAfter) setImmediate(() => child.kill('SIGKILL'));
    });
    victim.close();

    const { store } = await open(directory);
    expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
    const present = (await collect(store.list('objects/'))).map(({ key }) => key);
    expect(present).toEqual(expect.arrayContaining(acknowledged));
    expect(present.length).toBeLessThanOrEqual(acknowledged.length + 1);
    for (const key of present) expect(isWhole((await store.get(key))?.body ?? Buffer.of()), key).toBe(true);
    const stateBody = Buffer.from((await store.get('state'))?.body ?? '');
    expect([selfChecking(state), selfChecking(state + 1)].some((body) => body.equals(stateBody))).toBe(true);
  });

  test('a write torn anywhere leaves the writes before it', async () => {
    const directory = await temporaryDirectory();
    const { child, said } = await startFixture('aws', directory);
    const victim = connect(said as Deployment);
    // All of them in the database, whose journal is torn.
    for (let i = 0; i < 6; i++) await victim.store.create(`objects/${i}`, selfChecking(i, 30_000));
    await killHard(child);
    victim.close();

    const journal = 'fauxqs.db-wal';
    const { size } = await stat(join(directory, 'objects', journal));
    const counts: number[] = [];
    for (const share of [0.999, 0.8, 0.55, 0.3]) {
      const copy = await temporaryDirectory();
      await cp(join(directory, 'objects'), join(copy, 'objects'), { recursive: true });
      await truncate(join(copy, 'objects', journal), Math.floor(size * share));
      const { store } = await open(copy);
      const keys = (await collect(store.list('objects/'))).map(({ key }) => key);
      expect(keys).toEqual(Array.from({ length: keys.length }, (_, i) => `objects/${i}`));
      for (const key of keys) expect(isWhole((await store.get(key))?.body ?? Buffer.of()), key).toBe(true);
      counts.push(keys.length);
    }
    expect(counts[0]).toBe(5);
    expect(counts.at(-1)).toBeLessThan(3);
  });
});

describe('where it cannot start', () => {
  test('a port in use is named', async () => {
    const { aws } = await open(await temporaryDirectory());
    const port = Number(new URL(aws.endpoint).port);
    const starting = startEmbeddedAws({ directory: await temporaryDirectory(), port });
    await expect(starting).rejects.toThrow(EnvironmentError);
    await expect(starting).rejects.toThrow(
      `port ${port}: expected a free port on 127.0.0.1, but it is in use`,
    );
  });

  test('a directory that is none is named', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await expect(startEmbeddedAws({ directory: file })).rejects.toThrow(EnvironmentError);
    await expect(startEmbeddedAws({ directory: file })).rejects.toThrow(file);
  });

  test('a directory with something else in it is named, and left as it is', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'objects'));
    const database = join(directory, 'objects', 'fauxqs.db');
    await writeFile(database, 'the user’s own file, of another kind');
    await copyFile(database, join(directory, 'before'));
    await expect(startEmbeddedAws({ directory })).rejects.toThrow(EnvironmentError);
    await expect(startEmbeddedAws({ directory })).rejects.toThrow(join(directory, 'objects'));
    expect((await stat(database)).size).toBe((await stat(join(directory, 'before'))).size);
  });
});

describe('what it offers', () => {
  test('listens on 127.0.0.1 alone', async () => {
    const { aws } = await open(await temporaryDirectory());
    const { hostname, port } = new URL(aws.endpoint);
    expect(hostname).toBe('127.0.0.1');
    const elsewhere = connectTo({ host: '127.0.0.2', port: Number(port) });
    const refused = await new Promise((resolve) => {
      elsewhere.once('error', resolve);
      elsewhere.once('connect', () => resolve('connected'));
    });
    elsewhere.destroy();
    expect(refused).toMatchObject({ syscall: 'connect' });
  });

  test('queues that give up on a message only after many receives', async () => {
    const { aws, clients } = await open(await temporaryDirectory());
    const { tasksQueueUrl, resultsQueueUrl } = aws.deployment;
    const attributesOf = async (QueueUrl: string) =>
      (await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })))
        .Attributes;
    const tasks = await attributesOf(tasksQueueUrl);
    const results = await attributesOf(resultsQueueUrl);
    expect(tasks).toMatchObject({ VisibilityTimeout: '15' });
    expect(tasks).not.toHaveProperty('FifoQueue');
    expect(results).toMatchObject({
      VisibilityTimeout: '10',
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
    });
    for (const [attributes, dead] of [
      [tasks, 'padmm-tasks-dead'],
      [results, 'padmm-results-dead.fifo'],
    ] as const) {
      const { maxReceiveCount, deadLetterTargetArn } = JSON.parse(attributes?.RedrivePolicy ?? '');
      expect(maxReceiveCount).toBe(10);
      const QueueUrl = `${aws.endpoint}/000000000000/${dead}`;
      expect((await attributesOf(QueueUrl))?.QueueArn).toBe(deadLetterTargetArn);
    }
  });

  test('conditions on multipart uploads, too', async () => {
    const { aws, clients, store } = await open(await temporaryDirectory());
    const object = { Bucket: aws.deployment.bucket, Key: 'in parts' };
    const upload = async (condition: { IfNoneMatch?: string; IfMatch?: string }) => {
      const { UploadId } = await clients.s3.send(new CreateMultipartUploadCommand(object));
      const part = { ...object, UploadId, PartNumber: 1 };
      const { ETag } = await clients.s3.send(new UploadPartCommand({ ...part, Body: `part of ${UploadId}` }));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      return clients.s3.send(
        new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload, ...condition }),
      );
    };
    const { ETag } = await upload({ IfNoneMatch: '*' });
    await expect(upload({ IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(upload({ IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect((await store.get('in parts'))?.etag).toBe(ETag);
    expect((await upload({ IfMatch: ETag ?? '' })).ETag).not.toBe(ETag);
  });

  test('no condition that S3 does not have', async () => {
    const { aws, clients } = await open(await temporaryDirectory());
    const put = new PutObjectCommand({
      Bucket: aws.deployment.bucket,
      Key: 'key',
      Body: 'body',
      IfNoneMatch: '"tag"',
    });
    await expect(clients.s3.send(put)).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});
