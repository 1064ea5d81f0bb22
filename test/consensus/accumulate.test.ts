import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accumulate, divideAll } from '../../lib/consensus/accumulate.ts';

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

describe('a sum of vectors', () => {
  test('has the bits of one after the other, however many are added in a pass', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 11 }), (terms) => {
        const sum = new Float64Array(LENGTH);
        accumulate(sum, terms);
        expect([...sum]).toEqual(plainly(terms));
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
          const sum = new Float64Array(LENGTH);
          accumulate(
            sum,
            vectors.map((values) => ({ values, weight: 60_000 })),
          );
          expect(divideAll(sum, 7)).toBe(value === null);
        },
      ),
    );
  });

  test('of infinities that would cancel each other is not finite', () => {
    const sum = new Float64Array(1);
    const infinite = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => Float32Array.of(x));
    accumulate(
      sum,
      infinite.map((values) => ({ values, weight: 1 })),
    );
    expect(divideAll(sum, 7)).toBe(false);
  });

  test('is left alone where one of the vectors has another length', () => {
    const sum = new Float64Array(2);
    const terms = [2, 3].map((length) => ({ values: new Float32Array(length).fill(1), weight: 1 }));
    expect(() => accumulate(sum, terms)).toThrow('expected 2 values, received 3');
    expect([...sum]).toEqual([0, 0]);
  });
});
