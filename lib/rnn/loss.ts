/** Losses of the outputs: softmax cross-entropy for classes, half the squared error for values. */
import * as tf from '@tensorflow/tfjs-core';
import type { TaskShape } from '../protocol/dataset.ts';
import { hasKernels, runKernelOfMany } from '../tensors/kernels.ts';
import { outputSize } from './shape.ts';

/** Sums over M supervised outputs. */
export interface LossSums {
  /** In nats, or squared units. */
  readonly loss: number;
  /** Right answers; null for regression. */
  readonly correct: number | null;
  /** M. */
  readonly outputs: number;
}

const readScalar = (tensor: tf.Tensor): number => tensor.dataSync()[0] ?? Number.NaN;

/** −log softmax(o)_y of each row, from logits shifted by their largest. */
function crossEntropies(outputs: tf.Tensor2D, oneHot: tf.Tensor): tf.Tensor {
  if (hasKernels()) {
    return runKernelOfMany('SoftmaxCrossEntropyWithLogits', [outputs, oneHot], 2)[0] as tf.Tensor;
  }
  const shifted = tf.sub(outputs, tf.max(outputs, 1, true));
  const logNormalizer = tf.log(tf.sum(tf.exp(shifted), 1));
  return tf.sub(logNormalizer, tf.sum(tf.mul(shifted, oneHot), 1));
}

const squaredErrorSum = (outputs: tf.Tensor2D, rows: tf.Tensor2D): number =>
  readScalar(tf.sum(tf.squaredDifference(outputs, rows))) / 2;

const countCorrect = (outputs: tf.Tensor2D, oneHot: tf.Tensor2D): number =>
  readScalar(tf.sum(tf.cast(tf.equal(tf.argMax(outputs, 1), tf.argMax(oneHot, 1)), 'float32')));

/**
 * The targets of M supervised outputs in the form of the outputs: (M, K), one-hot rows for classes.
 *
 * @param targets of a batch, in any of the shapes it may have.
 */
export function targetRows(shape: TaskShape, targets: tf.Tensor): tf.Tensor2D {
  const K = outputSize(shape);
  if (shape.target.kind === 'values') return tf.reshape(targets, [-1, K]) as tf.Tensor2D;
  return tf.cast(tf.oneHot(tf.reshape(targets, [-1]) as tf.Tensor1D, K), 'float32') as tf.Tensor2D;
}

/**
 * The loss over all rows of `outputs`: Σ −log softmax(o)_y for classes, Σ ½‖o − y‖² for values.
 *
 * @param outputs (M, K).
 * @param rows from {@link targetRows}.
 */
export function totalLoss({ target }: TaskShape, outputs: tf.Tensor2D, rows: tf.Tensor2D): number {
  return tf.tidy(() =>
    target.kind === 'values'
      ? squaredErrorSum(outputs, rows)
      : readScalar(tf.sum(crossEntropies(outputs, rows))),
  );
}

/** {@link totalLoss}, and what else there is to count. */
export function sumLoss(shape: TaskShape, outputs: tf.Tensor2D, rows: tf.Tensor2D): LossSums {
  const loss = totalLoss(shape, outputs, rows);
  const correct = shape.target.kind === 'values' ? null : tf.tidy(() => countCorrect(outputs, rows));
  return { loss, correct, outputs: outputs.shape[0] };
}
