import * as tf from '@tensorflow/tfjs-core';
import { Matrix, solve } from 'ml-matrix';
import { expect, test } from 'vitest';
import {
  estimateGram,
  normalEquations,
  oneHotNormalEquations,
  type RidgeStep,
  solveDiagonalRidge,
  solveRidge,
  sumById,
} from '../../lib/admm/ridge.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatter } from '../support/tasks.ts';

const [R, n, m, r] = [30, 6, 4, 3];
const OUTPUTS = 5;
const PENALTY = 0.2;

const matrix = (rows: number, columns: number, offset: number): Matrix =>
  Matrix.from1DArray(rows, columns, scatter(rows * columns, offset).map(Math.fround));
const upload = (values: Matrix): tf.Tensor2D => tf.tensor2d(values.to2DArray());

const ids = scatter(R, 3).map((x) => Math.floor((x + 0.5) * n));
const E = new Matrix(ids.map((id) => Array.from({ length: n }, (_, i) => (i === id ? 1 : 0))));
/** Its last column is one, but zero throughout in the rows that do not count. */
const A = new Matrix(
  matrix(R, m, 100)
    .to2DArray()
    .map((row, i) => (ids[i] === 0 ? row.map(() => 0) : [...row.slice(1), 1])),
);
const d = matrix(R, r, 400).mulColumnVector(A.getColumnVector(m - 1));

/** (ZᵀZ / M + σ I)⁻¹ (Zᵀd / M − σ y), in float64. */
function expectedStep(Z: Matrix, dual: Matrix): number[] {
  const G = Z.transpose().mmul(Z).div(OUTPUTS).add(Matrix.eye(Z.columns).mul(PENALTY));
  return solve(G, Z.transpose().mmul(d).div(OUTPUTS).sub(Matrix.mul(dual, PENALTY))).to1DArray();
}

/** The step, and the sum of squares that it leaves, agree with float64. */
function expectSolved({ step, residual }: RidgeStep, Z: Matrix, dual: Matrix): void {
  const expected = expectedStep(Z, dual);
  const values = step.dataSync();
  expect(values.length).toBe(expected.length);
  expected.forEach((x, i) => {
    expect(values[i]).toBeCloseTo(x, 4);
  });
  const left = Matrix.sub(d, Z.mmul(Matrix.from1DArray(Z.columns, r, expected)));
  expect(residual).toBeCloseTo(left.norm() ** 2, 3);
}

describeOnBackends('a ridge step agrees with the normal equations in float64', () => {
  test('of dense rows, with a dual and without', () => {
    tf.tidy(() => {
      const dual = matrix(m, r, 700);
      const equations = normalEquations(upload(A), upload(d), d.norm() ** 2);
      const weights = { outputs: OUTPUTS, penalty: PENALTY };
      const solved = solveRidge(equations, { ...weights, dual: upload(dual) });
      expectSolved(solved, A, dual);
      const free = solveRidge(equations, { ...weights, dual: null });
      expectSolved(free, A, Matrix.zeros(m, r));
    });
  });

  test('of dense rows in blocks, whose Gram matrix is one', () => {
    tf.tidy(() => {
      const blocks = [0, 10, 20].map((first) => upload(A.subMatrix(first, first + 9, 0, m - 1)));
      const { cross, squaredNorm } = normalEquations(upload(A), upload(d), d.norm() ** 2);
      const weights = { outputs: OUTPUTS, penalty: PENALTY, dual: null };
      const solved = solveRidge({ gram: estimateGram(blocks, 10), cross, squaredNorm }, weights);
      expectSolved(solved, A, Matrix.zeros(m, r));
    });
  });

  test('of one-hot rows beside dense ones, leaving out the rows that do not count', () => {
    tf.tidy(() => {
      const counted = E.clone().mulColumnVector(A.getColumnVector(m - 1));
      const Z = new Matrix(counted.to2DArray().map((row, i) => [...row, ...A.getRow(i)]));
      const dual = matrix(n + m, r, 900);
      const equations = oneHotNormalEquations(
        { ids: tf.tensor1d(ids, 'int32'), dense: upload(A), moves: upload(d) },
        n,
        d.norm() ** 2,
      );
      const weights = { outputs: OUTPUTS, penalty: PENALTY, dual: upload(dual) };
      expectSolved(solveRidge(equations, weights), Z, dual);
    });
  });

  test('of one-hot rows alone, from their counts', () => {
    tf.tidy(() => {
      const counted = A.getColumnVector(m - 1);
      const dual = matrix(n, r, 800);
      const at = tf.tensor1d(ids, 'int32');
      const weights = { outputs: OUTPUTS, penalty: PENALTY, dual: upload(dual) };
      const [sums, counts] = [sumById(upload(d), at, n), sumById(upload(counted), at, n)];
      const solved = solveDiagonalRidge(sums, counts, d.norm() ** 2, weights);
      expectSolved(solved, E.clone().mulColumnVector(counted), dual);
    });
  });
});

describeOnBackends('a Gram matrix estimated from the first rows of each block', () => {
  test('is theirs, for as many rows as there are', () => {
    tf.tidy(() => {
      const blocks = [0, 10, 20].map((first) => A.subMatrix(first, first + 9, 0, m - 1));
      const first = new Matrix(blocks.flatMap((block) => block.to2DArray().slice(0, 4)));
      const expected = first
        .transpose()
        .mmul(first)
        .mul(10 / 4)
        .to1DArray();
      const estimated = estimateGram(blocks.map(upload), 4).dataSync();
      expect(estimated.length).toBe(expected.length);
      expected.forEach((x, i) => {
        expect(estimated[i]).toBeCloseTo(x, 5);
      });
    });
  });
});
