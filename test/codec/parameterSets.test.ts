import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeParameterSet,
  readBlock,
  readParameterSet,
  storeParameterSet,
} from '../../lib/codec/parameterSets.ts';
import { encodeSafetensors, type NamedArrays } from '../../lib/codec/safetensors.ts';
import { DamagedObjectError } from '../../lib/codec/verified.ts';
import { IntegrityError } from '../../lib/errors.ts';
import {
  BLOCK_COUNTS,
  type BlockCount,
  blockRanges,
  STRIPES,
  stripeRanges,
} from '../../lib/protocol/blocks.ts';
import { blockKeys } from '../../lib/protocol/keys.ts';
import { MemoryObjectStore } from '../support/memoryCloud.ts';

const KEY = 'runs/r/consensus/00000001/c.safetensors';
const blockCount = fc.constantFrom(...BLOCK_COUNTS);

const filled = (length: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 43.7);

function setOf(rows: number, columns: number): NamedArrays {
  return new Map([
    ['W', { shape: [rows, columns], data: filled(rows * columns) }],
    ['b', { shape: [columns], data: filled(columns) }],
  ]);
}

async function stored(tensors: NamedArrays, blocks: BlockCount) {
  const store = new MemoryObjectStore();
  const encoded = encodeParameterSet(tensors, blocks);
  await storeParameterSet(store, KEY, encoded);
  return { store, encoded, set: { key: KEY, digest: encoded.digest(), blocks } };
}

describe('blocks and stripes', () => {
  test('lie side by side, cover the vector, and the blocks’ stripes are those of the whole', () => {
    fc.assert(
      fc.property(fc.nat(5000), blockCount, (length, count) => {
        const blocks = blockRanges(length, count);
        const whole = stripeRanges(length, 1);
        expect(whole).toHaveLength(STRIPES);
        expect(whole.at(-1)?.end).toBe(length);
        const stripes = blocks.flatMap(({ start, end }) =>
          stripeRanges(end - start, count).map((s) => ({ start: start + s.start, end: start + s.end })),
        );
        expect(stripes).toEqual(whole);
      }),
    );
  });

  test('are as long as each other, but for one element', () => {
    const lengths = blockRanges(25_000_001, 8).map(({ start, end }) => end - start);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
  });
});

describe('a parameter set in a store', () => {
  test('is read as it was written, whole and block by block, however small it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.nat(20), blockCount, async (rows, columns, k) => {
        const tensors = setOf(rows, columns);
        const { store, set } = await stored(tensors, k);
        expect(store.objects.size).toBe(k === 1 ? 1 : k + 1);
        const read = await readParameterSet(store, set);
        expect(encodeSafetensors(read)).toEqual(encodeSafetensors(tensors));
        if (k === 1) return;
        const flat = [...tensors.values()].flatMap(({ data }) => [...data]);
        for (const [index, { start, end }] of blockRanges(flat.length, k).entries()) {
          const block = await readBlock(store, set, index);
          expect([...block.values]).toEqual(flat.slice(start, end));
          expect(block.tensors).toEqual([...tensors].map(([name, { shape }]) => ({ name, shape })));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('that lacks an object, or has another in its place, is refused with the name of that object', async () => {
    const tensors = setOf(8, 8);
    const keys = (await stored(tensors, 4)).store.objects.keys();
    for (const key of keys) {
      for (const damage of ['missing', 'other bytes'] as const) {
        const { store, set } = await stored(tensors, 4);
        const object = store.objects.get(key);
        await store.delete([key]);
        if (damage === 'other bytes')
          await store.create(
            key,
            (object?.body ?? new Uint8Array()).map((x) => x ^ 1),
          );
        const error = await readParameterSet(store, set).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(DamagedObjectError);
        expect(error).toMatchObject({ key, message: expect.stringContaining(`${key}: SHA-256: expected`) });
      }
    }
  });

  test('that is one object may be known by its checksum, and is refused where that is another', async () => {
    const tensors = setOf(8, 8);
    const { store, set, encoded } = await stored(tensors, 1);
    const known = { ...set, digest: encoded.whole?.checksum ?? '' };
    expect(encodeSafetensors(await readParameterSet(store, known))).toEqual(encodeSafetensors(tensors));
    const digest = '0'.repeat(32);
    const refused = readParameterSet(store, { ...set, digest });
    await expect(refused).rejects.toThrow(`${KEY}: checksum: expected ${digest}, received ${known.digest}`);
    await store.delete([KEY]);
    await expect(readParameterSet(store, known)).rejects.toThrow(
      `expected ${known.digest}, received no object`,
    );
  });

  test('of another number of blocks is refused', async () => {
    const { store, set } = await stored(setOf(8, 8), 4);
    await expect(readBlock(store, { ...set, blocks: 2 }, 0)).rejects.toThrow(
      'blocks: expected 2 digests, received 4',
    );
  });

  test('whose manifest is no manifest is refused, although its digest is right', async () => {
    const { store, set } = await stored(setOf(2, 2), 2);
    const encoded = encodeParameterSet(new Map([['b', { shape: [1], data: filled(1) }]]), 1);
    const [bytes] = encoded.objectsAt(KEY).map(([, body]) => body);
    await store.create(blockKeys(KEY).manifest(encoded.digest()), bytes as Uint8Array);
    await expect(readBlock(store, { ...set, digest: encoded.digest() }, 0)).rejects.toThrow(IntegrityError);
  });

  test('of anything but float32 is not cut', () => {
    const tensors: NamedArrays = new Map([['W', { shape: [1], data: new Float64Array(1) }]]);
    expect(() => encodeParameterSet(tensors, 2)).toThrow('W: expected float32, received Float64Array');
  });
});
