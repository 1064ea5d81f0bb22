import { expect, test } from 'vitest';
import { BodyMemory } from '../../lib/emulator/bodyMemory.ts';
import { RecentBodies } from '../../lib/emulator/recentBodies.ts';

/** None of these bodies is. */
const LARGE_BYTES = 1000;

const of = (etag: string, sizeBytes = 10) => ({ etag, body: Buffer.alloc(sizeBytes, etag) });

test('a body is kept for its entity tag alone', () => {
  const recent = new RecentBodies(100, new BodyMemory(LARGE_BYTES));
  recent.set('a', of('1'));
  expect(recent.get('a', '1')).toEqual(of('1').body);
  expect(recent.get('a', '2')).toBeUndefined();
  recent.set('a', of('2'));
  expect(recent.get('a', '1')).toBeUndefined();
  recent.delete('a');
  expect(recent.get('a', '2')).toBeUndefined();
});

test('what was used longest ago goes first, and what is too large is not kept', () => {
  const recent = new RecentBodies(25, new BodyMemory(LARGE_BYTES));
  recent.set('a', of('1'));
  recent.set('b', of('2'));
  recent.get('a', '1');
  recent.set('c', of('3'));
  expect(['1', '2', '3'].map((etag, i) => recent.get('abc'[i] as string, etag) !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  recent.set('d', of('4', 26));
  expect(recent.get('d', '4')).toBeUndefined();
});
