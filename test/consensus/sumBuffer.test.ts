import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SumBuffer, TERMS_IN_ONE_PASS } from '../../lib/consensus/sumBuffer.ts';
import { compileKernels, KERNELS_MODULE } from '../../scripts/buildKernels.mjs';

/** Elements that the kernels take at once. */
const CHUNK = 4096;
const LENGTH = 5;
const vector = fc.float32Array({
  minLength: LENGTH,
  maxLength: LENGTH,
  noNaN: true,
  noDefaultInfinity: true,
});
const term = fc.record({ values: vector, weight: fc.integer({ min: -1000, max: 100_000 }) });

/** One after the other, as the definition has it. */
function plainly(terms: readonly { readonly values: Float32Array; readonly weight: number }[]): number[] {
  const sum = Array.from({ length: LENGTH }, () => 0);
  for (const { values, weight } of terms)
    for (const [i, x] of values.entries()) sum[i] = (sum[i] ?? 0) + weight * x;
  return sum;
}

test('the kernels are those of their source', async () => {
  expect(readFileSync(KERNELS_MODULE, 'utf8')).toBe(await compileKernels());
});

describe('a sum of long vectors', () => {
  test.each([1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])('of %i elements has all of them', (length) => {
    const terms = Array.from({ length: TERMS_IN_ONE_PASS + 1 }, (_, shard) => ({
      values: Float32Array.from({ length }, (_, i) => Math.sin(i + shard)),
      weight: 100 + shard,
    }));
    const sum = new SumBuffer(length);
    sum.values.set(sum.values.map((_, i) => i));
    const expected = Float64Array.from(sum.values);
    for (const { values, weight } of terms) {
      for (const [i, x] of values.entries()) expected[i] = (expected[i] as number) + weight * x;
    }
    sum.add(terms);
    expect(sum.values).toEqual(expected);
    expect(sum.divide(7)).toBe(true);
    expect(sum.values).toEqual(expected.map((x) => x / 7));
  });

  test('is finite or not by its own elements, wherever they are', () => {
    for (const at of [0, CHUNK, 2 * CHUNK + 2]) {
      const sum = new SumBuffer(2 * CHUNK + 3);
      // Its first chunk has what the last one ends before.
      const values = new Float32Array(sum.values.length);
      values[at] = Number.POSITIVE_INFINITY;
      sum.add([{ values, weight: 1 }]);
      expect(sum.divide(7)).toBe(false);
      sum.clear();
      sum.add([{ values: new Float32Array(sum.values.length), weight: 1 }]);
      expect(sum.divide(7)).toBe(true);
    }
  });

  test('has no more than its own in its last step, whatever the chunk before had', () => {
    const sum = new SumBuffer(CHUNK + 1);
    const values = new Float32Array(CHUNK + 1);
    values[5] = 2;
    sum.add([{ values, weight: 1e300 }]);
    sum.add([{ values, weight: 1e308 }]);
    sum.values[5] = 0;
    expect(sum.divide(1)).toBe(true);
  });
});

describe('a sum of vectors', () => {
  test('has the bits of one after the other, however many are added in a pass', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 11 }), (terms) => {
        const sum = new SumBuffer(LENGTH);
        sum.add(terms);
        expect([...sum.values]).toEqual(plainly(terms));
      }),
    );
  });

  test('begins from zero where it was cleared, whatever it held before', () => {
    fc.assert(
      fc.property(vector, fc.array(term, { maxLength: 9 }), (held, terms) => {
        const sum = new SumBuffer(LENGTH);
        sum.add([{ values: held.map((x) => x / 0), weight: 1 }]);
        sum.clear();
        sum.add(terms);
        expect([...sum.values]).toEqual(plainly(terms));
        sum.clear();
        expect(sum.divide(2)).toBe(true);
        expect([...sum.values]).toEqual(plainly([]));
      }),
    );
  });

  test('is finite where all float32 numbers in it are, and only there', () => {
    const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    fc.assert(
      fc.property(
        fc.array(vector, { minLength: 1, maxLength: 9 }),
        fc.nat(),
        fc.option(bad),
        (vectors, at, value) => {
          const place = at % (vectors.length * LENGTH);
          if (value !== null) (vectors[Math.floor(place / LENGTH)] as Float32Array)[place % LENGTH] = value;
          const sum = new SumBuffer(LENGTH);
          sum.add(vectors.map((values) => ({ values, weight: 60_000 })));
          expect(sum.divide(7)).toBe(value === null);
        },
      ),
    );
  });

  test('of infinities that would cancel each other is not finite', () => {
    const sum = new SumBuffer(1);
    const infinite = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => Float32Array.of(x));
    sum.add(infinite.map((values) => ({ values, weight: 1 })));
    expect(sum.divide(7)).toBe(false);
  });

  test('is left alone where one of the vectors has another length', () => {
    const sum = new SumBuffer(2);
    const terms = [2, 3].map((length) => ({ values: new Float32Array(length).fill(1), weight: 1 }));
    expect(() => sum.add(terms)).toThrow('expected 2 values, received 3');
    expect([...sum.values]).toEqual([0, 0]);
  });
});
