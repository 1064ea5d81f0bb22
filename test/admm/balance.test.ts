import { describe, expect, test } from 'vitest';
import { createBalance } from '../../lib/admm/sweep.ts';

const SAMPLES = 2;
/** ‖δs‖² of a residual of the root mean square `size` a sample. */
const squaredNorm = (size: number): number => SAMPLES * size ** 2;

describe('the penalties of the steps', () => {
  /** Factors of residuals of these sizes, taken backwards in time. */
  function factors(readout: 'last' | 'every', limit: number, sizes: readonly number[]): number[] {
    const balance = createBalance(readout, limit);
    const T = sizes.length;
    return sizes.map((size, i) => balance(T - 1 - i, squaredNorm(size), SAMPLES));
  }

  test('bring residuals to the size of the last one, within the limit, where the last step is read', () => {
    const [last, small, large, tiny] = factors('last', 100, [1, 0.1, 10, 1e-6]);
    expect(last).toBeCloseTo(1, 5);
    expect(small).toBeCloseTo(10, 4);
    expect(large).toBeCloseTo(0.1, 5);
    expect(tiny).toBe(100);
  });

  test('only scale down what explodes, where every step is read', () => {
    const [last, small, large, huge] = factors('every', 100, [1, 0.1, 10, 1e6]);
    expect(last).toBeCloseTo(1, 5);
    expect(small).toBe(1);
    expect(large).toBeCloseTo(0.1, 5);
    expect(huge).toBe(1 / 100);
  });

  test('stay as they are at a limit of 0', () => {
    expect(factors('every', 0, [1, 10])).toEqual([1, 1]);
    expect(factors('last', 0, [1, 10])).toEqual([1, 1]);
  });

  describe('in later sweeps', () => {
    test('stay those of the first', () => {
      const balance = createBalance('last', 100);
      const first = [balance(1, squaredNorm(1), SAMPLES), balance(0, squaredNorm(4), SAMPLES)];
      expect([balance(1, squaredNorm(9), SAMPLES), balance(0, squaredNorm(9), SAMPLES)]).toEqual(first);
    });
  });
});
