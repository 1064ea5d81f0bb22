import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../lib/cloud/deployment.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { BodyMemory } from '../../lib/emulator/bodyMemory.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const bodyOf = (sizeBytes: number): Buffer => Buffer.allocUnsafeSlow(sizeBytes).fill(7);

test('memory is given back when its last holder lets go, in a later turn of the event loop', async () => {
  const memory = new BodyMemory(10, 0);
  const [held, small] = [bodyOf(10), bodyOf(9)];
  for (const body of [held, held, small]) memory.hold(body);
  memory.release(held);
  memory.release(small);
  await nextTurn();
  expect(held.length).toBe(10);
  memory.release(held);
  expect(held.length).toBe(10);
  await nextTurn();
  expect(held.length).toBe(0);
  expect(small.length).toBe(9);
});

test('who takes a hold before that turn keeps it', async () => {
  const memory = new BodyMemory(10);
  const body = bodyOf(10);
  memory.hold(body);
  memory.release(body);
  memory.hold(body);
  await nextTurn();
  expect(body.length).toBe(10);
});

test('what nobody holds serves the next body of that length', async () => {
  const memory = new BodyMemory(10);
  const body = bodyOf(10);
  memory.hold(body);
  memory.release(body);
  await nextTurn();
  expect(memory.take(10)[0]).toBe(7);
});

test('what is being sent is held until it has gone, a part of a body too, and left alone where the connection breaks', async () => {
  const memory = new BodyMemory(10, 0);
  const [sent, broken] = [bodyOf(10), bodyOf(10)];
  const [finishes, breaks] = [new EventEmitter(), new EventEmitter()];
  for (const body of [sent, broken]) memory.hold(body);
  memory.holdWhileSent(sent.subarray(2, 4), finishes as ServerResponse);
  memory.holdWhileSent(broken, breaks as ServerResponse);
  memory.holdWhileSent('{}', breaks as ServerResponse);
  for (const body of [sent, broken]) memory.release(body);
  breaks.emit('close');
  await nextTurn();
  expect([sent.length, broken.length]).toEqual([10, 10]);
  finishes.emit('finish');
  await nextTurn();
  expect([sent.length, broken.length]).toEqual([0, 10]);
});

async function open() {
  const aws = await startEmbeddedAws({ directory: await temporaryDirectory() });
  const connection = connect(aws.deployment);
  onTestFinished(async () => {
    connection.close();
    await aws.close();
  });
  return { ...connection, ...aws.deployment };
}

const LARGE_BYTES = 16 * 2 ** 20;
/** Bodies that no two have alike. */
const largeBody = (seed: number): Buffer => Buffer.alloc(LARGE_BYTES, `${seed};`);

test('objects that come have the memory of those that were deleted', async () => {
  const { store } = await open();
  const bodies = [0, 1, 2, 3].map(largeBody);
  const keysOf = (name: string) => bodies.map((_, i) => `${name}/${i}`);
  const create = async (name: string) => {
    for (const [i, key] of keysOf(name).entries()) await store.create(key, bodies[i] as Buffer);
  };
  await create('first');
  await store.delete(keysOf('first'));
  await nextTurn();
  const before = process.memoryUsage().arrayBuffers;
  await create('second');
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + LARGE_BYTES);
  for (const [i, key] of keysOf('second').entries()) {
    expect(sha256Hex((await store.get(key))?.body ?? '')).toBe(sha256Hex(bodies[i] as Buffer));
  }
});

test('a body that is on its way is whole, though its object is deleted and others come', async () => {
  const { store, endpoint, bucket } = await open();
  const body = largeBody(0);
  await store.create('sent', body);
  const [response] = (await once(get(`${endpoint}/${bucket}/sent`), 'response')) as [IncomingMessage];
  await store.delete(['sent']);
  for (let i = 1; i < 4; i += 1) await store.create(`after/${i}`, largeBody(i));
  expect(sha256Hex(await buffer(response))).toBe(sha256Hex(body));
});

test('a copy outlives what it is of', async () => {
  const { store, bucket, clients } = await open();
  await store.create('source', largeBody(0));
  const copy = { Bucket: bucket, CopySource: `${bucket}/source`, Key: 'copy' };
  await clients.s3.send(new CopyObjectCommand(copy));
  await store.delete(['source']);
  await store.create('after', largeBody(1));
  expect(sha256Hex((await store.get('copy'))?.body ?? '')).toBe(sha256Hex(largeBody(0)));
});

test('a part of an upload outlives the object that it was copied from', async () => {
  const { store, bucket, clients } = await open();
  const { s3 } = clients;
  await store.create('source', largeBody(0));
  const upload = { Bucket: bucket, Key: 'parts' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
  const part = { ...upload, UploadId, PartNumber: 1, CopySource: `${bucket}/source` };
  const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(part));
  await store.delete(['source']);
  await store.create('after', largeBody(1));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
  expect(sha256Hex((await store.get('parts'))?.body ?? '')).toBe(sha256Hex(largeBody(0)));
});
