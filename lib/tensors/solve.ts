/** Linear systems with a symmetric positive definite matrix, which TensorFlow.js itself does not solve. */
import * as tf from '@tensorflow/tfjs-core';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { hasKernels, runKernel } from './kernels.ts';
import { NumericalError } from './numericalError.ts';

function refuse(size: number, cause?: unknown): never {
  const message = `linear system of ${size} unknowns: expected a finite right side and a finite, positive definite matrix`;
  throw new NumericalError(message, { cause });
}

/** By libtensorflow, in float32: G = L Lᵀ, then a triangular solve forwards and one backwards. */
function solveByKernels(G: tf.Tensor2D, B: tf.Tensor2D): tf.Tensor2D {
  let L: tf.Tensor;
  try {
    L = runKernel('Cholesky', [G]);
  } catch (error) {
    refuse(G.shape[0], error);
  }
  const forwards = runKernel('MatrixTriangularSolve', [L, B], { lower: true, adjoint: false });
  return runKernel('MatrixTriangularSolve', [L, forwards], { lower: true, adjoint: true }) as tf.Tensor2D;
}

function toMatrix(tensor: tf.Tensor2D): Matrix {
  return Matrix.from1DArray(tensor.shape[0], tensor.shape[1], tensor.dataSync<'float32'>());
}

/** The symmetric matrix of a lower triangle: the float32 product AᵀA need not be symmetric to the last bit. */
function mirrorLowerTriangle(matrix: Matrix): Matrix {
  for (let row = 0; row < matrix.rows; row += 1) {
    for (let column = 0; column < row; column += 1) matrix.set(column, row, matrix.get(row, column));
  }
  return matrix;
}

/** By ml-matrix, in float64: the other backends have no kernels for it. */
function solveInFloat64(G: tf.Tensor2D, B: tf.Tensor2D): tf.Tensor2D {
  const cholesky = new CholeskyDecomposition(mirrorLowerTriangle(toMatrix(G)));
  if (!cholesky.isPositiveDefinite()) refuse(G.shape[0]);
  return tf.tensor2d(Float32Array.from(cholesky.solve(toMatrix(B)).to1DArray()), B.shape);
}

const isFiniteThroughout = (x: tf.Tensor): boolean => Number.isFinite(tf.sum(x).dataSync()[0]);

/**
 * Solves G X = B by the Cholesky factorisation of G.
 *
 * @param G (m, m), symmetric positive definite; only its lower triangle is read.
 * @param B (m, r), r right sides.
 * @returns X (m, r).
 * @throws NumericalError where G is not positive definite, or G or B is not finite.
 */
export function choleskySolve(G: tf.Tensor2D, B: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    // Neither factorisation complains of every NaN and infinity, and an infinity may even leave a finite X.
    if (!isFiniteThroughout(G)) refuse(G.shape[0]);
    const X = hasKernels() ? solveByKernels(G, B) : solveInFloat64(G, B);
    if (!isFiniteThroughout(X)) refuse(G.shape[0]);
    return X;
  });
}
