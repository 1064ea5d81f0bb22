import * as tf from '@tensorflow/tfjs-core';

let operand: tf.Scalar | null = null;

/**
 * Waits until the backend has done all that it was given: on a GPU a kernel goes on after the call that started it has
 * returned, and what is begun later ends later.
 */
export function waitForBackend(): void {
  operand ??= tf.keep(tf.scalar(1));
  const last = tf.neg(operand);
  last.dataSync();
  last.dispose();
}
