import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createJson, encodeJson, getJson } from '../../lib/cloud/json.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { S3ObjectStore } from '../../lib/cloud/s3ObjectStore.ts';
import { IntegrityError } from '../../lib/errors.ts';
import { type Backend, newBucket } from '../contract/backend.ts';
import { collect } from '../contract/collect.ts';
import { openEmbedded } from '../contract/embeddedBackend.ts';

const schema = z.strictObject({ rounds: z.int().min(1) });

let backend: Backend;
let store: ObjectStore;
beforeAll(async () => {
  backend = await openEmbedded();
  store = new S3ObjectStore(backend.clients.s3, await newBucket(backend.clients));
});
afterAll(() => backend.close());

describe('JSON objects', () => {
  test('come back parsed, with the tag to replace them by', async () => {
    expect(await createJson(store, 'good.json', { rounds: 3 })).toBe('created');
    expect(await createJson(store, 'good.json', { rounds: 4 })).toBe('exists');
    const stored = await getJson(store, 'good.json', schema);
    expect(stored?.value).toEqual({ rounds: 3 });
    expect(await store.replace('good.json', '{"rounds":5}', stored?.etag ?? '')).toMatchObject({
      replaced: true,
    });
    expect(await getJson(store, 'absent.json', schema)).toBeNull();
  });

  test('that are long are stored compressed, and come back the same', async () => {
    const long = { names: Array.from({ length: 5000 }, (_, i) => `shard ${i}`) };
    await createJson(store, 'long.json', long);
    const size = (await store.get('long.json'))?.body.length ?? 0;
    expect(size).toBeLessThan(JSON.stringify(long).length / 3);
    const longSchema = z.strictObject({ names: z.array(z.string()) });
    expect((await getJson(store, 'long.json', longSchema))?.value).toEqual(long);
    const torn = encodeJson(long).slice(0, 100);
    await store.create('torn.json', torn);
    await expect(getJson(store, 'torn.json', longSchema)).rejects.toThrow(
      'torn.json: (whole object): expected JSON in UTF-8, compressed by zstd or not',
    );
  });

  test.each([
    ['truncated.json', '{"rounds": 3', 'expected JSON in UTF-8'],
    ['latin.json', Uint8Array.of(0x22, 0xe9, 0x22), 'expected JSON in UTF-8'],
    ['field.json', '{"rounds": 0}', 'rounds: expected'],
    ['extra.json', '{"rounds": 1, "round": 2}', 'round: expected no field named "round"'],
  ])('%s is refused by key and field', async (key, body, message) => {
    await store.create(key, body);
    const reading = getJson(store, key, schema);
    await expect(reading).rejects.toThrow(IntegrityError);
    await expect(reading).rejects.toThrow(key);
    await expect(reading).rejects.toThrow(message);
  });
});

describe('a metered store', () => {
  test('counts the bytes of bodies, and passes everything on', async () => {
    const metered = new MeteredObjectStore(store);
    expect(await metered.create('metered/a', 'θ=1')).toBe('created');
    expect(await metered.create('metered/a', new Uint8Array(10))).toBe('exists');
    expect(metered.writtenBytes).toBe(14);

    const object = await metered.get('metered/a');
    expect(await metered.get('metered/absent')).toBeNull();
    expect(await metered.getIfChanged('metered/a', object?.etag ?? '')).toBe('unchanged');
    expect(metered.readBytes).toBe(4);

    expect(await metered.replace('metered/a', '12', object?.etag ?? '')).toMatchObject({ replaced: true });
    expect(await metered.getIfChanged('metered/a', object?.etag ?? '')).toMatchObject({
      body: Uint8Array.of(0x31, 0x32),
    });
    expect(metered).toMatchObject({ readBytes: 6, writtenBytes: 16 });

    expect((await collect(metered.list('metered/'))).map(({ key }) => key)).toEqual(['metered/a']);
    expect(await collect(metered.listPrefixes('meter'))).toEqual(['metered/']);
    await metered.delete(['metered/a']);
    expect(await store.get('metered/a')).toBeNull();
  });
});
