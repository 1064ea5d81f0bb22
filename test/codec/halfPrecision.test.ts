import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHalf, type HalfDtype, toHalf } from '../../lib/codec/halfPrecision.ts';
import { decodeSafetensors, encodeSafetensors } from '../../lib/codec/safetensors.ts';

const rounded = (x: number, dtype: HalfDtype) =>
  fromHalf(toHalf(Float32Array.of(x), dtype), dtype)[0] as number;

describe.each([
  ['BF16', 8, 3e38],
  ['F16', 11, 65_504],
] as const)('%s', (dtype, bits, largest) => {
  test('is the nearest of its numbers', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-4), max: Math.fround(6e4), noNaN: true }), (x) => {
        const spacing = 2 ** (Math.floor(Math.log2(x)) - (bits - 1));
        expect(Math.abs(rounded(x, dtype) - x)).toBeLessThanOrEqual(spacing / 2);
        expect(rounded(-x, dtype)).toBe(-rounded(x, dtype));
        expect(rounded(rounded(x, dtype), dtype)).toBe(rounded(x, dtype));
      }),
    );
  });

  test('takes the even one of two that are as near, and keeps what is no number', () => {
    const last = 2 ** (1 - bits);
    expect(rounded(1 + last / 2, dtype)).toBe(1);
    expect(rounded(1 + (3 * last) / 2, dtype)).toBe(1 + 2 * last);
    expect(rounded(largest, dtype)).toBeGreaterThan(0.99 * largest);
    for (const x of [0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(rounded(x, dtype)).toBe(x);
    }
  });

  test('takes half the bytes of a file, and comes back as float32', () => {
    const data = Float32Array.of(1, -2, 0.5);
    const tensors = new Map([
      ['a', { shape: [3], data }],
      ['b', { shape: [1, 1], data: Float32Array.of(0.1) }],
    ]);
    const bytes = encodeSafetensors(tensors, {}, dtype);
    expect(Buffer.from(bytes).toString('latin1')).toContain(`"dtype":"${dtype}"`);
    const decoded = decodeSafetensors(bytes).tensors;
    expect(decoded.get('a')).toEqual({ shape: [3], data });
    expect(decoded.get('b')?.data[0]).toBe(rounded(0.1, dtype));
  });
});

test('a NaN whose upper half is that of an infinity stays a NaN in bfloat16', () => {
  const values = new Float32Array(Uint32Array.of(0x7f80_0001).buffer);
  expect(fromHalf(toHalf(values, 'BF16'), 'BF16')[0]).toBeNaN();
});
