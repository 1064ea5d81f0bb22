/** Samples as they are stored, sample-major, put on the backend as the network takes them, time-major. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/**
 * Inputs of a batch: (T, B, n) float32, scaled, or (T, B) int32 ids. The caller disposes of them.
 *
 * @param inputs (B, T, n) values as stored, or (B, T) ids.
 */
export function uploadInputs(
  { backend, shape }: Network,
  inputs: ArrayLike<number>,
  samples: number,
): Tensor {
  const { tf } = backend;
  const { input, timeSteps } = shape;
  // The copy belongs to the tensor alone: a tensor may share its array's memory.
  return tf.tidy(() => {
    if (input.kind === 'oneHot') {
      return tf.transpose(tf.tensor(Int32Array.from(inputs), [samples, timeSteps], 'int32'));
    }
    const stored = tf.tensor(Float32Array.from(inputs), [samples, timeSteps, input.features], 'float32');
    return tf.mul(tf.transpose(stored, [1, 0, 2]), input.scale);
  });
}

/**
 * Targets of a batch: (B) or (T, B) int32 class ids, (B, K) or (T, B, K) float32 values. The caller disposes of them.
 *
 * @param targets the same with B first.
 */
export function uploadTargets(
  { backend, shape }: Network,
  targets: ArrayLike<number>,
  samples: number,
): Tensor {
  const { tf } = backend;
  const { target, timeSteps } = shape;
  const perStep = shape.readout === 'every';
  const lead = perStep ? [samples, timeSteps] : [samples];
  return tf.tidy(() => {
    const stored =
      target.kind === 'classes'
        ? tf.tensor(Int32Array.from(targets), lead, 'int32')
        : tf.tensor(Float32Array.from(targets), [...lead, target.size], 'float32');
    if (!perStep) return stored;
    return tf.transpose(stored, target.kind === 'classes' ? [1, 0] : [1, 0, 2]);
  });
}
