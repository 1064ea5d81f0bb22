/**
 * Ridge least squares in closed form, with the consensus term σ/2 ‖θ − (z − y)‖²: around θ = z + δ,
 * (ZᵀZ / M + σ I) δ = Zᵀd / M − σ y, where Z holds the rows that the parameters multiply and d what their
 * products are to move by; M is the number of supervised outputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { add, createFirstRows, div, matMul, mul, sub, transposedMatMul } from '../tensors/arithmetic.ts';
import { hasKernels } from '../tensors/kernels.ts';
import { choleskySolve } from '../tensors/solve.ts';

/** ZᵀZ (m, m), Zᵀd (m, r) and ‖d‖², not yet divided by M. */
export interface NormalEquations {
  readonly gram: tf.Tensor2D;
  readonly cross: tf.Tensor2D;
  readonly squaredNorm: number;
}

/** One-hot rows beside dense ones, and what they are to give. */
export interface OneHotRows {
  readonly ids: tf.Tensor1D;
  readonly dense: tf.Tensor2D;
  readonly moves: tf.Tensor2D;
}

/** A step δ and the sum of squares ‖d − Zδ‖² that it leaves. */
export interface RidgeStep {
  /** (m, r). */
  readonly step: tf.Tensor2D;
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

/** Zᵀd / M − σ y. */
function rightSide(cross: tf.Tensor, { outputs, penalty, dual }: RidgeWeights): tf.Tensor {
  const mean = tf.mul(cross, 1 / outputs);
  return dual === null ? mean : tf.sub(mean, tf.mul(dual, penalty));
}

/**
 * Normal equations of dense rows: Z (R, m), d (R, r).
 *
 * @param squaredNorm ‖d‖².
 */
export const normalEquations = (Z: tf.Tensor, d: tf.Tensor, squaredNorm: number): NormalEquations => ({
  gram: transposedMatMul(Z, Z),
  cross: transposedMatMul(Z, d),
  squaredNorm,
});

/**
 * The Gram matrix of rows in blocks of one height, estimated from the first rows of each: (m, m).
 *
 * @param rows of each block that stand for all of them.
 */
export function estimateGram(blocks: readonly tf.Tensor2D[], rows: number): tf.Tensor2D {
  const height = blocks[0]?.shape[0] ?? 0;
  const firstRows = createFirstRows(rows);
  const taken = rows === height ? blocks : blocks.map((block) => firstRows(block));
  const Z = taken.length === 1 ? (taken[0] as tf.Tensor2D) : tf.concat([...taken], 0);
  const gram = transposedMatMul(Z, Z);
  return rows === height ? gram : (mul(gram, tf.scalar(height / rows)) as tf.Tensor2D);
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
 * @param rows.ids (R), below n.
 * @param rows.dense A (R, m), whose last column holds 1, or 0 for a row that does not count (all of whose entries are 0).
 * @param rows.moves d (R, r).
 * @param squaredNorm ‖d‖².
 */
export function oneHotNormalEquations(
  { ids, dense: A, moves: d }: OneHotRows,
  n: number,
  squaredNorm: number,
): NormalEquations {
  const [m, r] = [A.shape[1], d.shape[1]];
  const sums = sumById(tf.concat([A, d], 1), ids, n);
  const sumsOfA = tf.slice(sums, [0, 0], [n, m]);
  const counts = tf.reshape(tf.slice(sums, [0, m - 1], [n, 1]), [n]);
  const dense = normalEquations(A, d, squaredNorm);
  const upper = tf.concat([tf.diag(counts), sumsOfA], 1);
  const lower = tf.concat([tf.transpose(sumsOfA), dense.gram], 1);
  return {
    gram: tf.concat([upper, lower], 0) as tf.Tensor2D,
    cross: tf.concat([tf.slice(sums, [0, m], [n, r]), dense.cross], 0),
    squaredNorm,
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
  const diagonal = tf.diag(tf.fill([gram.shape[0]], weights.penalty));
  const G = tf.add(tf.mul(gram, 1 / weights.outputs), diagonal) as tf.Tensor2D;
  const step = choleskySolve(G, rightSide(cross, weights) as tf.Tensor2D);
  return { step, residual: residualOf(squaredNorm, step, cross, matMul(gram, step)) };
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
  const curvature = tf.add(tf.mul(counts, 1 / weights.outputs), weights.penalty);
  const step = div(rightSide(sums, weights), curvature) as tf.Tensor2D;
  return { step, residual: residualOf(squaredNorm, step, sums, mul(counts, step)) };
}
