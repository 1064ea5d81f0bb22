import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { S3ObjectStore } from '../../lib/cloud/s3ObjectStore.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { freeMemory } from '../../lib/codec/freeMemory.ts';
import { type Backend, newBucket, type OpenBackend } from './backend.ts';
import { collect } from './collect.ts';

const WRITERS = 50;
const LARGE_TIMEOUT_MS = 300_000;
const text = (body: Uint8Array | undefined): string => new TextDecoder().decode(body);

const inParallel = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** What every object store of this project must do. */
export function describeObjectStore(name: string, open: OpenBackend): void {
  describe(`object store: ${name}`, () => {
    let backend: Backend;
    let store: ObjectStore;

    beforeAll(async () => {
      backend = await open();
      store = new S3ObjectStore(backend.clients.s3, await newBucket(backend.clients));
    });
    afterAll(() => backend.close());

    test('a key that is not there is null', async () => {
      expect(await store.get('absent/object')).toBeNull();
      expect(await store.getIfChanged('absent/object', '"any"')).toBeNull();
    });

    test.each([0, 1, 4_093, 86_056, 12_000_000])('%i bytes come back as they were', async (sizeBytes) => {
      const body = randomBytes(sizeBytes);
      expect(await store.create(`bytes/${sizeBytes}`, body)).toBe('created');
      const stored = await store.get(`bytes/${sizeBytes}`);
      expect(stored?.body.byteLength).toBe(sizeBytes);
      expect(sha256Hex(stored?.body ?? '')).toBe(sha256Hex(body));
    });

    test.each([10, 1_000_000])('a body of %i bytes is that of its reader alone', async (sizeBytes) => {
      const key = `freed/${sizeBytes}`;
      const body = new Uint8Array(randomBytes(sizeBytes));
      await store.create(key, body);
      const [first, second] = await inParallel(2, () => store.get(key));
      freeMemory(first?.body ?? body);
      expect(first?.body.byteLength).toBe(0);
      expect(sha256Hex(second?.body ?? '')).toBe(sha256Hex(body));
      expect(sha256Hex((await store.get(key))?.body ?? '')).toBe(sha256Hex(body));
    });

    test('a string is stored in UTF-8', async () => {
      await store.create('text', 'θ_i − z̃ & <ρ>');
      expect(text((await store.get('text'))?.body)).toBe('θ_i − z̃ & <ρ>');
    });

    test('an object is created once', async () => {
      expect(await store.create('once', 'first')).toBe('created');
      expect(await store.create('once', 'second')).toBe('exists');
      expect(text((await store.get('once'))?.body)).toBe('first');
    });

    test('of 50 concurrent creators one wins, and its bytes stay', async () => {
      const outcomes = await inParallel(WRITERS, (writer) => store.create('contested', `writer ${writer}`));
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect(text((await store.get('contested'))?.body)).toBe(`writer ${outcomes.indexOf('created')}`);
    });

    test('a replacement wants the current tag', async () => {
      await store.create('state', 'one');
      const first = (await store.get('state'))?.etag ?? '';
      const replaced = await store.replace('state', 'two', first);
      expect(replaced).toEqual({ replaced: true, etag: (await store.get('state'))?.etag });
      expect(await store.replace('state', 'three', first)).toEqual({ replaced: false });
      expect(text((await store.get('state'))?.body)).toBe('two');
    });

    test('an object that is not there is not replaced, and not made', async () => {
      expect(await store.replace('nothing', 'body', '"0123456789abcdef0123456789abcdef"')).toEqual({
        replaced: false,
      });
      expect(await store.get('nothing')).toBeNull();
    });

    test('of 50 concurrent replacements one wins, generation after generation', async () => {
      await store.create('counter', '0');
      for (const generation of [1, 2, 3]) {
        const etag = (await store.get('counter'))?.etag ?? '';
        const outcomes = await inParallel(WRITERS, (writer) =>
          store.replace('counter', `${generation} by ${writer}`, etag),
        );
        const winner = outcomes.findIndex(({ replaced }) => replaced);
        expect(outcomes.filter(({ replaced }) => replaced)).toHaveLength(1);
        expect(text((await store.get('counter'))?.body)).toBe(`${generation} by ${winner}`);
      }
    });

    test('increments by compare-and-swap are never lost', async () => {
      await store.create('sum', '0');
      const increment = async (): Promise<void> => {
        for (;;) {
          const current = await store.get('sum');
          const next = String(Number(text(current?.body)) + 1);
          if ((await store.replace('sum', next, current?.etag ?? '')).replaced) return;
        }
      };
      await inParallel(8, async () => {
        for (let i = 0; i < 3; i++) await increment();
      });
      expect(text((await store.get('sum'))?.body)).toBe('24');
    });

    test('an unchanged object costs no body', async () => {
      await store.create('polled', 'v1');
      const { etag } = (await store.get('polled')) ?? { etag: '' };
      expect(await store.getIfChanged('polled', etag)).toBe('unchanged');
      await store.replace('polled', 'v2', etag);
      const changed = await store.getIfChanged('polled', etag);
      expect(changed).not.toBe('unchanged');
      expect(text((changed as { body: Uint8Array }).body)).toBe('v2');
    });

    test('more than 1,000 keys are listed once each, in byte order, and deleted', async () => {
      // Upper and lower case, digits and punctuation: byte order and a locale's order differ.
      const keys = Array.from(
        { length: 1_050 },
        (_, i) => `many/${'aZ-0_b'[i % 6]}${'Bx.9'[i % 4]}${i}/state`,
      );
      keys.push('many/aside', 'many/Zero', 'many/~');
      const limit = pLimit(32);
      await Promise.all(keys.map((key) => limit(() => store.create(key, key))));

      const listed = await collect(store.list('many/'));
      expect(listed.map(({ key }) => key)).toEqual([...keys].sort());
      expect(listed.every(({ key, sizeBytes }) => sizeBytes === key.length)).toBe(true);
      expect(listed.every(({ lastModifiedMs }) => lastModifiedMs > 0)).toBe(true);

      const prefixes = keys
        .filter((key) => key.endsWith('/state'))
        .map((key) => key.slice(0, -'state'.length));
      expect(await collect(store.listPrefixes('many/'))).toEqual(prefixes.sort());

      await store.delete([...keys, 'many/absent']);
      expect(await collect(store.list('many/'))).toEqual([]);
    });

    test('a listing stops at its prefix', async () => {
      await Promise.all(['runs/a/1', 'runs/a/2', 'runs/ab/1', 'rund/x'].map((key) => store.create(key, key)));
      expect((await collect(store.list('runs/a/'))).map(({ key }) => key)).toEqual(['runs/a/1', 'runs/a/2']);
      expect(await collect(store.listPrefixes('runs/'))).toEqual(['runs/a/', 'runs/ab/']);
    });
  });
}

/** The same for objects as large as the parameters of a large network. */
export function describeLargeObjects(name: string, open: OpenBackend): void {
  test(
    `object store: ${name}: 100 MB come back as they were`,
    async () => {
      const backend = await open();
      try {
        const store = new S3ObjectStore(backend.clients.s3, await newBucket(backend.clients));
        const body = randomBytes(100_000_000);
        expect(await store.create('large', body)).toBe('created');
        expect(await store.create('large', body)).toBe('exists');
        const stored = await store.get('large');
        expect(sha256Hex(stored?.body ?? '')).toBe(sha256Hex(body));
        const smaller = body.subarray(1);
        expect(await store.replace('large', smaller, stored?.etag ?? '')).toMatchObject({ replaced: true });
        expect(sha256Hex((await store.get('large'))?.body ?? '')).toBe(sha256Hex(smaller));
      } finally {
        await backend.close();
      }
    },
    LARGE_TIMEOUT_MS,
  );
}
