/**
 * Ridge least squares in closed form, with the consensus term σ/2 ‖θ − (z − y)‖²: around θ = z + δ,
 * (ZᵀZ / M + σ I) δ = Zᵀd / M − σ y, where Z holds the rows that the parameters multiply and d what their
 * products are to move by; M is the number of supervised outputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { add, div, matMul, mul, sub, sumOfSquares, transposedMatMul } from '../tensors/arithmetic.ts';
import { hasKernels } from '../tensors/kernels.ts';
import { choleskySolve } from '../tensors/solve.ts';

/** ZᵀZ (m, m), Zᵀd (m, r) and ‖d‖², not yet divided by M. */
export interface NormalEquations {
  readonly gram: tf.Tensor2D;
  readonly cross: tf.Tensor2D;
  readonly squaredNorm: number;
}

/** A step δ and the sum of squares ‖d − Zδ‖² that it leaves. */
export interface RidgeStep {
  /** The part of δ that fits d: (ZᵀZ / M + σ I)⁻¹ Zᵀd / M, (m, r). */
  readonly fitting: tf.Tensor2D;
  /** The part that the dual makes: −σ (ZᵀZ / M + σ I)⁻¹ y, (m, r); null where y is zero. */
  readonly restoring: tf.Tensor2D | null;
  readonly residual: number;
}

/** What every ridge solve is weighted with. */
export interface RidgeWeights {
  /** M. */
  readonly outputs: number;
  /** σ > 0. */
  readonly penalty: number;
  /** y (m, r), rows in the order of Z's columns; null where it is zero. */
  readonly dual: tf.Tensor2D | null;
}

/** a + b, where there is a b. */
export const sumOf = (a: tf.Tensor, b: tf.Tensor | null): tf.Tensor => (b === null ? a : add(a, b));

/** Normal equations of dense rows: Z (R, m), d (R, r). */
export function normalEquations(Z: tf.Tensor2D, d: tf.Tensor2D): NormalEquations {
  return { gram: transposedMatMul(Z, Z), cross: transposedMatMul(Z, d), squaredNorm: sumOfSquares(d) };
}

/** Sums the rows that share an id: (R, r) by ids (R) below n gives (n, r). */
export function sumById(rows: tf.Tensor2D, ids: tf.Tensor1D, n: number): tf.Tensor2D {
  // The WebAssembly backend has no segment sums; libtensorflow takes half the time for them.
  const sums = hasKernels()
    ? tf.unsortedSegmentSum(rows, ids, n)
    : tf.scatterND(tf.expandDims(ids, 1), rows, [n, rows.shape[1]]);
  return sums as tf.Tensor2D;
}

/**
 * Normal equations of one-hot rows beside dense ones, Z = [E, A], without ever forming E: EᵀE holds the counts of the
 * ids on its diagonal, and EᵀA and Eᵀd are sums by id.
 *
 * @param ids (R), below n.
 * @param A (R, m), whose last column holds 1, or 0 for a row that does not count (all of whose entries are 0).
 * @param d (R, r).
 */
export function oneHotNormalEquations(
  ids: tf.Tensor1D,
  n: number,
  A: tf.Tensor2D,
  d: tf.Tensor2D,
): NormalEquations {
  const [m, r] = [A.shape[1], d.shape[1]];
  const sums = sumById(tf.concat([A, d], 1), ids, n);
  const sumsOfA = tf.slice(sums, [0, 0], [n, m]);
  const counts = tf.reshape(tf.slice(sums, [0, m - 1], [n, 1]), [n]);
  const dense = normalEquations(A, d);
  const upper = tf.concat([tf.diag(counts), sumsOfA], 1);
  const lower = tf.concat([tf.transpose(sumsOfA), dense.gram], 1);
  return {
    gram: tf.concat([upper, lower], 0) as tf.Tensor2D,
    cross: tf.concat([tf.slice(sums, [0, m], [n, r]), dense.cross], 0),
    squaredNorm: dense.squaredNorm,
  };
}

const innerProduct = (a: tf.Tensor, b: tf.Tensor): number => tf.sum(mul(a, b)).dataSync()[0] ?? Number.NaN;

/** ‖d − Zδ‖² = ‖d‖² − ⟨δ, 2 Zᵀd − ZᵀZ δ⟩, without Z; rounding may not make it negative. */
function residualOf(squaredNorm: number, step: tf.Tensor, cross: tf.Tensor, gramStep: tf.Tensor): number {
  return Math.max(0, squaredNorm - innerProduct(step, sub(add(cross, cross), gramStep)));
}

/**
 * Solves a ridge problem.
 *
 * @throws NumericalError where the system is not finite, or too ill-conditioned for float32.
 */
export function solveRidge({ gram, cross, squaredNorm }: NormalEquations, weights: RidgeWeights): RidgeStep {
  const { outputs, penalty, dual } = weights;
  const [m, r] = cross.shape;
  const diagonal = tf.diag(tf.fill([m], penalty));
  const G = tf.add(tf.mul(gram, 1 / outputs), diagonal) as tf.Tensor2D;
  const mean = tf.mul(cross, 1 / outputs) as tf.Tensor2D;
  // One factorisation serves both parts of the step.
  const rightSides = dual === null ? mean : tf.concat([mean, tf.mul(dual, -penalty) as tf.Tensor2D], 1);
  const [fitting, restoring = null] = tf.split(choleskySolve(G, rightSides), rightSides.shape[1] / r, 1) as [
    tf.Tensor2D,
    tf.Tensor2D?,
  ];
  const step = sumOf(fitting, restoring);
  const residual = residualOf(squaredNorm, step, cross, matMul(gram, step));
  return { fitting, restoring, residual };
}

/**
 * Solves for one-hot rows alone: their Gram matrix is diagonal, the counts of the ids.
 *
 * @param sums (n, r): Eᵀd.
 * @param counts (n, 1): the diagonal of EᵀE.
 * @param squaredNorm ‖d‖².
 */
export function solveDiagonalRidge(
  sums: tf.Tensor2D,
  counts: tf.Tensor2D,
  squaredNorm: number,
  weights: RidgeWeights,
): RidgeStep {
  const { outputs, penalty, dual } = weights;
  const curvature = tf.add(tf.mul(counts, 1 / outputs), penalty);
  const fitting = div(tf.mul(sums, 1 / outputs), curvature) as tf.Tensor2D;
  const restoring = dual === null ? null : (div(tf.mul(dual, -penalty), curvature) as tf.Tensor2D);
  const step = sumOf(fitting, restoring);
  return { fitting, restoring, residual: residualOf(squaredNorm, step, sums, mul(counts, step)) };
}
