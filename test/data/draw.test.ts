import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawBatchIndices } from '../../lib/data/draw.ts';

const draw = { seed: 7, shard: 2, version: 0, batchSize: 4, samples: 10 };
const sorted = (indices: Iterable<number>) => [...indices].sort((a, b) => a - b);

describe('drawBatchIndices', () => {
  it('takes every sample once an epoch, whatever the batch size', () => {
    const sizes = fc.record({
      samples: fc.integer({ min: 1, max: 40 }),
      batchSize: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(sizes, fc.nat(1000), fc.nat(50), ({ samples, batchSize }, seed, shard) => {
        const versions = Array.from({ length: samples }, (_, version) => version);
        const row = versions.flatMap((version) => [
          ...drawBatchIndices({ seed, shard, version, batchSize, samples }),
        ]);
        for (let epoch = 0; epoch < batchSize; epoch++) {
          const taken = row.slice(epoch * samples, (epoch + 1) * samples);
          expect(sorted(taken)).toEqual(Array.from({ length: samples }, (_, index) => index));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is a function of its arguments alone, not of what was drawn before', () => {
    const first = drawBatchIndices({ ...draw, version: 1234 });
    for (let version = 0; version < 50; version++) drawBatchIndices({ ...draw, version, shard: version });
    expect(drawBatchIndices({ ...draw, version: 1234 })).toEqual(first);
    expect([...drawBatchIndices(draw)]).toMatchInlineSnapshot(`
      [
        9,
        6,
        2,
        0,
      ]
    `);
  });

  it('gives a batch that the caller may change', () => {
    const batch = drawBatchIndices(draw);
    const copy = batch.slice();
    batch.fill(-1);
    expect(drawBatchIndices(draw)).toEqual(copy);
  });

  it.each([{ seed: 8 }, { shard: 3 }, { version: 25 }])('differs for another %o', (change) => {
    const large = { ...draw, batchSize: 100, samples: 100 };
    expect(drawBatchIndices({ ...large, ...change })).not.toEqual(drawBatchIndices(large));
  });
});
