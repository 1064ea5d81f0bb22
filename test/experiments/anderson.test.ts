import { expect, test } from 'vitest';
import { Anderson } from '../../bench/anderson/anderson.ts';

/** An affine map of three numbers with the fixed point (1, 2, 3), whose slowest direction keeps 0.99 of an error. */
const solution = [1, 2, 3];
const factors = [0.99, 0.5, -0.7];
const map = (x: Float32Array<ArrayBuffer>) =>
  x.map((value, i) => (solution[i] ?? 0) + (factors[i] ?? 0) * (value - (solution[i] ?? 0)));

const errorOf = (x: Float32Array): number =>
  Math.max(...x.map((value, i) => Math.abs(value - (solution[i] ?? 0))));

test('Anderson acceleration solves an affine fixed point once its memory spans the space', () => {
  const anderson = new Anderson(3);
  let [x, plain] = [new Float32Array(3), new Float32Array(3)];
  for (let round = 0; round < 6; round += 1) {
    x = anderson.next(x, map(x));
    plain = map(plain);
  }
  expect(errorOf(plain)).toBeGreaterThan(0.1);
  expect(errorOf(x)).toBeLessThan(1e-4);
});

test('it gives up its memory where the residual jumps, and takes the value as it is', () => {
  const anderson = new Anderson(2);
  const [zero, one] = [new Float32Array([0, 0]), new Float32Array([1, 0.5])];
  anderson.next(zero, one);
  anderson.next(one, new Float32Array([1.5, 0.8]));
  const far = new Float32Array([40, -7]);
  expect(anderson.next(one, far)).toEqual(far);
  expect(anderson.restarts).toBe(1);
});
