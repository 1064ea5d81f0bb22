import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { mapParameters, type ParameterSet } from '../../lib/tensors/parameters.ts';
import { SetCache } from '../../lib/worker/setCache.ts';
import { testConfig } from '../support/runs.ts';

const { tf } = await loadBackend({ threads: 1, prefer: 'cpu' });
const makeSet = (): ParameterSet => mapParameters(() => tf.zeros([1]));
const isGone = (set: ParameterSet): boolean => set.W.isDisposed;
const SIZE = 10;

/** A cache and how to put sets into it whose role is all that matters. */
function open(config: object = {}, capacityBytes = 1000) {
  const cache = new SetCache(capacityBytes);
  const whole = testConfig(config);
  const keep = (run: string, shard: number | null, version: number): ParameterSet => {
    const key = `${run}/${shard}/${version}`;
    return cache.set(key, makeSet(), SIZE, { run, shard, version }, whole);
  };
  return { cache, keep };
}

describe('what is superseded goes at the next trim', () => {
  test('of each shard all but the newest contribution', () => {
    const { cache, keep } = open({ shards: 4 });
    const [first, other, second] = [keep('a', 0, 1), keep('a', 1, 1), keep('a', 0, 2)];
    expect(isGone(first)).toBe(false);
    cache.trim();
    expect([first, other, second].map(isGone)).toEqual([true, false, false]);
    expect(cache.get('a/0/1')).toBeUndefined();
    expect(cache.get('a/0/2')).toBe(second);
  });

  test('an old version that comes late goes, and the newest stays', () => {
    const { cache, keep } = open({ shards: 4 });
    const [newest, late] = [keep('a', 0, 5), keep('a', 0, 3)];
    cache.trim();
    expect([newest, late].map(isGone)).toEqual([false, true]);
  });

  test.each([
    ['two versions of a synchronous run', { shards: 16 }, 2],
    ['a round of answers and the newest', { shards: 16, consensus: { mode: 'async', arrivals: 4 } }, 5],
  ])('of versions all but %s, z and z̃', (_, config, kept) => {
    const { cache, keep } = open(config);
    const sets = Array.from({ length: 8 }, (_, version) => keep('a', null, version));
    const broadcast = cache.set('z̃', makeSet(), SIZE, { run: 'a', shard: null, version: 0 }, testConfig());
    cache.trim();
    expect(sets.map(isGone)).toEqual(sets.map((_, version) => version < 8 - kept));
    expect(isGone(broadcast)).toBe(true);
  });

  test('nothing of another run', () => {
    const { cache, keep } = open();
    const [ours] = [keep('a', 0, 1), keep('b', 0, 9), keep('b', null, 9)];
    cache.trim();
    expect(isGone(ours as ParameterSet)).toBe(false);
  });
});

test('beyond the bound what was used longest ago goes, superseded or not', () => {
  const { cache, keep } = open({}, 2.5 * SIZE);
  const [oldest, used, newest] = [keep('a', 0, 1), keep('a', 1, 1), keep('a', 2, 1)];
  cache.get('a/1/1');
  cache.trim();
  expect([oldest, used, newest].map(isGone)).toEqual([true, false, false]);
  cache.clear();
  expect([used, newest].map(isGone)).toEqual([true, true]);
});
