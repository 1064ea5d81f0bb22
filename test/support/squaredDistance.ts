import * as tf from '@tensorflow/tfjs-core';
import { mapParameters, type ParameterSet, squaredNorm } from '../../lib/tensors/parameters.ts';

/** ‖p − q‖², over all parameters. */
export function squaredDistance(p: ParameterSet, q: ParameterSet): number {
  return tf.tidy(() => squaredNorm(mapParameters((name) => tf.sub(p[name], q[name]))));
}
