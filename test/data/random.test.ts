import { describe, expect, it } from 'vitest';
import { permutation, randomStream } from '../../lib/data/random.ts';

describe('randomStream', () => {
  it('gives unrelated streams for each purpose and each integer', () => {
    const streams = [
      randomStream('a', 1, 23),
      randomStream('a', 12, 3),
      randomStream('b', 1, 23),
      randomStream('a', 1),
    ];
    expect(new Set(streams.map((stream) => stream.next())).size).toBe(streams.length);
    expect(randomStream('a', 1).next()).toBe(randomStream('a', 1).next());
  });
});

describe('permutation', () => {
  it('gives every order of three about equally often', () => {
    const counts = new Map<string, number>();
    const stream = randomStream('test');
    for (let trial = 0; trial < 6000; trial++) {
      const order = permutation(3, stream).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });
});
