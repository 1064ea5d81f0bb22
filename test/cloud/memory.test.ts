import { describe, expect, test } from 'vitest';
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import { MemoryTaskQueue } from '../../lib/cloud/memoryTaskQueue.ts';
import type { ReceivedMessage } from '../../lib/cloud/queues.ts';
import { collect } from '../contract/collect.ts';

const text = (body: Uint8Array | undefined): string => new TextDecoder().decode(body);

describe('the object store in memory', () => {
  test('creates an object once, and replaces it by its current tag alone', async () => {
    const store = new MemoryObjectStore();
    expect(await store.get('a')).toBeNull();
    expect(await store.replace('a', 'none', '"1"')).toEqual({ replaced: false });
    expect(await store.create('a', 'first')).toBe('created');
    expect(await store.create('a', 'second')).toBe('exists');
    const first = await store.get('a');
    const etag = first?.etag ?? '';
    expect(text(first?.body)).toBe('first');
    expect(await store.getIfChanged('a', etag)).toBe('unchanged');
    expect(await store.replace('a', 'third', etag)).toMatchObject({ replaced: true });
    expect(await store.replace('a', 'fourth', etag)).toEqual({ replaced: false });
    const changed = await store.getIfChanged('a', etag);
    expect(changed === 'unchanged' ? changed : text(changed?.body)).toBe('third');
  });

  test('keeps its bytes to itself', async () => {
    const store = new MemoryObjectStore();
    const body = Uint8Array.of(1, 2);
    await store.create('a', body);
    body[0] = 9;
    const got = await store.get('a');
    expect(got?.body[0]).toBe(1);
    got?.body.fill(7);
    expect((await store.get('a'))?.body[0]).toBe(1);
  });

  test('lists keys and first segments in order, and deletes', async () => {
    const store = new MemoryObjectStore();
    for (const key of ['r/b/2', 'r/a/1', 'r/a/0', 's/c']) await store.create(key, key);
    const keys = async () => (await collect(store.list('r/'))).map(({ key, sizeBytes }) => [key, sizeBytes]);
    expect(await keys()).toEqual([
      ['r/a/0', 5],
      ['r/a/1', 5],
      ['r/b/2', 5],
    ]);
    expect(await collect(store.listPrefixes('r/'))).toEqual(['r/a/', 'r/b/']);
    await store.delete(['r/a/0', 'absent']);
    expect((await keys()).map(([key]) => key)).toEqual(['r/a/1', 'r/b/2']);
  });
});

describe('the task queue in memory', () => {
  test('delivers in order, once, and again what is handed back', async () => {
    const queue = new MemoryTaskQueue();
    expect(await queue.receive()).toBeNull();
    await queue.send(['a', 'b', 'c']);
    const first = (await queue.receive()) as ReceivedMessage;
    const second = (await queue.receive()) as ReceivedMessage;
    expect([first.body, second.body]).toEqual(['a', 'b']);
    await queue.setVisibility(second, 30);
    await queue.acknowledge(first);
    await queue.setVisibility(first, 0);
    await queue.setVisibility(second, 0);
    expect((await queue.receive())?.body).toBe('b');
    const last = (await queue.receive()) as ReceivedMessage;
    expect(last.body).toBe('c');
    expect(await queue.receive()).toBeNull();
    expect(await queue.isEmpty()).toBe(false);
    for (const message of [second, last, { ...last, receiptHandle: '3' }]) await queue.acknowledge(message);
    expect(await queue.isEmpty()).toBe(true);
  });
});
