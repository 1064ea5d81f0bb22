import * as tf from '@tensorflow/tfjs-core';
import { Matrix } from 'ml-matrix';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect, test } from 'vitest';
import { NumericalError } from '../../lib/tensors/numericalError.ts';
import { choleskySolve } from '../../lib/tensors/solve.ts';
import { describeOnBackends } from '../support/backends.ts';

const SIZE = 40;

function drawSystem(): { G: Matrix; X: Matrix; B: Matrix } {
  const generator = xoroshiro128plus(1);
  const draw = (rows: number, columns: number) =>
    Matrix.zeros(rows, columns).apply(function set(i, j) {
      this.set(i, j, uniformFloat64(generator) - 0.5);
    });
  const A = draw(SIZE, SIZE);
  const G = A.mmul(A.transpose()).add(Matrix.eye(SIZE));
  const X = draw(SIZE, 3);
  return { G, X, B: G.mmul(X) };
}

const upload = (matrix: Matrix): tf.Tensor2D => tf.tensor2d(matrix.to2DArray());
const solve = (G: Matrix, B: Matrix): Float32Array =>
  tf.tidy(() => choleskySolve(upload(G), upload(B)).dataSync<'float32'>());

describeOnBackends('a positive definite system', () => {
  test('is solved', () => {
    const { G, X, B } = drawSystem();
    const solved = solve(G, B);
    X.to1DArray().forEach((x, i) => {
      expect(solved[i]).toBeCloseTo(x, 5);
    });
  });

  test('leaves no tensors behind, solved or refused', () => {
    const before = tf.memory().numTensors;
    const { G, B } = drawSystem();
    solve(G, B);
    expect(() => solve(Matrix.mul(G, -1), B)).toThrow(NumericalError);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('is solved from the lower triangle', () => {
    const { G, X, B } = drawSystem();
    const solved = solve(G.set(0, SIZE - 1, 1e3), B);
    expect(solved[0]).toBeCloseTo(X.get(0, 0), 5);
  });

  const spoil = (value: number): Matrix => {
    const { G } = drawSystem();
    return G.set(SIZE - 1, SIZE - 1, value);
  };
  const refused: [string, Matrix][] = [
    ['indefinite', spoil(-1)],
    ['singular', Matrix.zeros(SIZE, SIZE)],
    ['not a number', spoil(Number.NaN)],
    ['infinite', spoil(Number.POSITIVE_INFINITY)],
  ];
  for (const [title, G] of refused) {
    test(`is refused where the matrix is ${title}`, () => {
      expect(() => solve(G, drawSystem().B)).toThrow(NumericalError);
      expect(() => solve(G, drawSystem().B)).toThrow(/of 40 unknowns/);
    });
  }

  test('is refused where the right side is not finite', () => {
    const { G, B } = drawSystem();
    expect(() => solve(G, B.set(0, 0, Number.NaN))).toThrow(NumericalError);
  });
});
