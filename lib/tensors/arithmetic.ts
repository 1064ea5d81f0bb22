/**
 * Element-wise arithmetic and products for loops of many small operations: straight to libtensorflow's kernels, which
 * takes a third to a half of the time of TensorFlow.js' own functions there, and those on the other backends.
 * Operands broadcast. Nothing of it can be differentiated by TensorFlow.js.
 */
import * as tf from '@tensorflow/tfjs-core';
import { hasKernels, runKernel } from './kernels.ts';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const binary =
  (kernel: string, otherwise: Binary): Binary =>
  (a, b) =>
    hasKernels() ? runKernel(kernel, [a, b]) : otherwise(a, b);

/** a + b, float32. */
export const add: Binary = binary('AddV2', tf.add);
/** a − b, float32. */
export const sub: Binary = binary('Sub', tf.sub);
/** a ⊙ b, float32. */
export const mul: Binary = binary('Mul', tf.mul);
/** a ⊘ b, float32. */
export const div: Binary = binary('RealDiv', tf.div);

function product(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor2D {
  if (!hasKernels()) return tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, transposeB);
  return runKernel('MatMul', [a, b], { transpose_a: transposeA, transpose_b: transposeB }) as tf.Tensor2D;
}

/** A B: (m, k) by (k, n) gives (m, n). */
export const matMul = (a: tf.Tensor, b: tf.Tensor): tf.Tensor2D => product(a, b, false, false);
/** A Bᵀ: (m, k) by (n, k) gives (m, n). */
export const matMulTransposed = (a: tf.Tensor, b: tf.Tensor): tf.Tensor2D => product(a, b, false, true);
/** Aᵀ B: (k, m) by (k, n) gives (m, n). */
export const transposedMatMul = (a: tf.Tensor, b: tf.Tensor): tf.Tensor2D => product(a, b, true, false);

/** Joins matrices side by side: (B, m_1), (B, m_2) … give (B, m_1 + m_2 + …). */
export type JoinColumns = (parts: readonly tf.Tensor2D[]) => tf.Tensor2D;

/** Prepares the joining of many; it and what it prepares are to be used within one `tf.tidy`. */
export function createJoinColumns(): JoinColumns {
  if (!hasKernels()) return (parts) => tf.concat([...parts], 1);
  const axis = tf.scalar(1, 'int32');
  return (parts) => runKernel('ConcatV2', [...parts, axis], { N: parts.length }) as tf.Tensor2D;
}

/** The first rows of a matrix: (B, m) gives (rows, m). */
export type FirstRows = (matrix: tf.Tensor2D) => tf.Tensor2D;

/** Prepares the cutting of many; it and what it cuts are to be used within one `tf.tidy`. */
export function createFirstRows(rows: number): FirstRows {
  if (!hasKernels()) return (matrix) => tf.slice(matrix, 0, rows);
  const [begin, size] = [tf.tensor1d([0, 0], 'int32'), tf.tensor1d([rows, -1], 'int32')];
  return (matrix) => runKernel('Slice', [matrix, begin, size]) as tf.Tensor2D;
}

/** The sum of tensors of one shape. */
export function sumAll(terms: readonly tf.Tensor[]): tf.Tensor {
  const [first, ...others] = terms as readonly [tf.Tensor, ...tf.Tensor[]];
  if (others.length === 0) return first;
  return hasKernels() ? runKernel('AddN', terms, { N: terms.length }) : tf.addN([...terms]);
}

/** Rows of `a` where `condition` (B) holds, else those of `b`; both (B, H). */
export function selectRows(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return hasKernels() ? runKernel('Select', [condition, a, b]) : tf.where(tf.expandDims(condition, 1), a, b);
}

/** The sum of the squares of all elements, in JavaScript. */
export function sumOfSquares(x: tf.Tensor): number {
  const [sum, factor] = hasKernels() ? [runKernel('L2Loss', [x]), 2] : [tf.sum(tf.square(x)), 1];
  return factor * (sum.dataSync()[0] ?? Number.NaN);
}
