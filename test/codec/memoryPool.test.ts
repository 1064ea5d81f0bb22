import { expect, test } from 'vitest';
import { freeMemory, takeMemory } from '../../lib/codec/freeMemory.ts';
import { MemoryPool } from '../../lib/codec/memoryPool.ts';

/** An array whose bytes say which it is. */
const filled = (sizeBytes: number, value: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer).fill(value);

test('what was given is taken by who needs that length, the newest first, and by one alone', () => {
  const pool = new MemoryPool(1000);
  for (const [i, sizeBytes] of [10, 11, 10].entries()) pool.give(filled(sizeBytes, i));
  expect([...pool.take(11)]).toEqual(Array(11).fill(1));
  const [first, second] = [pool.take(10), pool.take(10)];
  expect([first[0], second[0]]).toEqual([2, 0]);
  first.fill(7);
  expect(second[0]).toBe(0);
  expect(pool.take(10).buffer.byteLength).toBe(10);
});

test('whoever had it finds it empty, and no change of it reaches who has it now', () => {
  const pool = new MemoryPool(1000);
  const given = filled(10, 1);
  const view = new Float32Array(given.buffer, 4, 1);
  pool.give(given);
  expect([given.length, view.length]).toEqual([0, 0]);
  const taken = pool.take(10);
  given[0] = 9;
  expect(taken[0]).toBe(1);
});

test('what is too much goes, oldest first', () => {
  const pool = new MemoryPool(25_000_000);
  const before = process.memoryUsage().arrayBuffers;
  for (const value of [1, 2, 3, 4]) pool.give(filled(10_000_000, value));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(25_000_000);
  expect([pool.take(10_000_000)[0], pool.take(10_000_000)[0]]).toEqual([4, 3]);
});

test.each([10, 1_000_000])('%i bytes that are freed are empty, and may be taken again', (sizeBytes) => {
  const freed = filled(sizeBytes, 5);
  freeMemory(freed);
  expect(freed.length).toBe(0);
  expect(takeMemory(sizeBytes).length).toBe(sizeBytes);
});
