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

/** a Bᵀ: (m, k) by (n, k) gives (m, n). */
export function matMulTransposed(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (hasKernels()) return runKernel('MatMul', [a, b], { transpose_a: false, transpose_b: true });
  return tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true);
}

/** The sum of the squares of all elements, in JavaScript. */
export function sumOfSquares(x: tf.Tensor): number {
  const [sum, factor] = hasKernels() ? [runKernel('L2Loss', [x]), 2] : [tf.sum(tf.square(x)), 1];
  return factor * (sum.dataSync()[0] ?? Number.NaN);
}
