/** s_t = x_t U + h_{t−1} W + b of one step after another (Tang et al., arXiv 2006.05622, section 3). */
import * as tf from '@tensorflow/tfjs-core';
import { add, createJoinColumns, matMul } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import type { Network } from './network.ts';

/** How each s_t comes about. Run it within the `tf.tidy` that made it. */
export interface AffineSteps {
  /**
   * What a product takes of step t (from 0) and h_{t−1} (B, H): (B, m). With dense inputs [x_t, h_{t−1}, 1], which all of
   * U, W and b multiply; with one-hot ones h_{t−1} itself.
   */
  rowsOf(t: number, state: tf.Tensor2D): tf.Tensor2D;
  /** s_t (B, H) from these rows; a tensor of its own. */
  sumOf(t: number, rows: tf.Tensor2D): tf.Tensor2D;
}

/** Cuts U (n, H), W (H, H) and b (H) out of what stands one above the other, as [x_t, h_{t−1}, 1] multiplies it. */
export function cutRecurrent(stacked: tf.Tensor2D, n: number): Pick<ParameterSet, 'U' | 'W' | 'b'> {
  const H = stacked.shape[1];
  return {
    U: tf.slice(stacked, [0, 0], [n, H]),
    W: tf.slice(stacked, [n, 0], [H, H]),
    b: tf.reshape(tf.slice(stacked, [n + H, 0], [1, H]), [H]),
  };
}

function denseSteps({ U, W, b }: ParameterSet, inputs: tf.Tensor): AffineSteps {
  const stacked = tf.concat([U, W, tf.expandDims(b, 0)] as tf.Tensor2D[], 0);
  const xs = tf.unstack(inputs) as tf.Tensor2D[];
  const ones = tf.fill([inputs.shape[1] ?? 0, 1], 1) as tf.Tensor2D;
  const join = createJoinColumns();
  return {
    rowsOf: (t, state) => join([xs[t] as tf.Tensor2D, state, ones]),
    sumOf: (_, rows) => matMul(rows, stacked),
  };
}

/** x_t U is a row of U for each sample. */
function oneHotSteps({ U, W, b }: ParameterSet, inputs: tf.Tensor): AffineSteps {
  const drives = tf.unstack(add(tf.gather(U, inputs as tf.Tensor2D), b));
  return {
    rowsOf: (_, state) => state,
    sumOf: (t, rows) => add(drives[t] as tf.Tensor, matMul(rows, W)) as tf.Tensor2D,
  };
}

/**
 * Prepares the steps of a batch.
 *
 * @param parameters of the network, or a step between two such sets.
 * @param inputs of a batch.
 */
export function affineSteps({ shape }: Network, parameters: ParameterSet, inputs: tf.Tensor): AffineSteps {
  return (shape.input.kind === 'dense' ? denseSteps : oneHotSteps)(parameters, inputs);
}
