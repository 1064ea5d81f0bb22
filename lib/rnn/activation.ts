/** The recurrent cell's activation f and what the backward sweep needs of it. */
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../protocol/config.ts';
import { hasKernels, runKernel } from '../tensors/kernels.ts';

/** An activation h = f(s). */
export interface Activation {
  /** f(s). */
  apply(s: tf.Tensor): tf.Tensor;
  /** f′(s) ⊙ d, from h = f(s). Any shape; d of the same one. */
  pullBack(h: tf.Tensor, d: tf.Tensor): tf.Tensor;
}

const tanh: Activation = {
  apply: (s) => (hasKernels() ? runKernel('Tanh', [s]) : tf.tanh(s)),
  pullBack: (h, d) => (hasKernels() ? runKernel('TanhGrad', [h, d]) : tf.mul(d, tf.sub(1, tf.square(h)))),
};

const relu: Activation = {
  apply: (s) => (hasKernels() ? runKernel('Relu', [s]) : tf.relu(s)),
  pullBack: (h, d) => (hasKernels() ? runKernel('ReluGrad', [d, h]) : tf.mul(d, tf.step(h))),
};

/** The activation of a kind of cell. */
export function activationOf(cell: ModelConfig['cell']): Activation {
  return cell === 'tanh' ? tanh : relu;
}
