/**
 * The forward pass, s_t = x_t U + h_{t−1} W + b, h_t = f(s_t), o = h V + c with row vectors (Tang et al., arXiv
 * 2006.05622, section 3), read out at the last step or at every one.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSet } from '../tensors/parameters.ts';
import { activationOf } from './activation.ts';
import type { Network } from './network.ts';
import { isPadded } from './shape.ts';

/** Which steps count; null where all do. */
export interface StepMask {
  /** (B, H) bool for each of the T steps: false where the input is padding. */
  readonly isStep: readonly tf.Tensor[];
  /** (T, B) float32 of 1 and 0. */
  readonly weights: tf.Tensor2D;
}

/** What a forward pass leaves. */
export interface ForwardPass {
  /** h_0 … h_T, each (B, H); h_0 = 0. */
  readonly states: readonly tf.Tensor2D[];
  readonly mask: StepMask | null;
  /** What is read out: (M, H), M = B at the last step, T·B (time-major) at every one. */
  readonly top: tf.Tensor2D;
  /** o: (M, K). */
  readonly outputs: tf.Tensor2D;
}

/** x_t U + b of all steps: one product where inputs are dense, rows of U where they are one-hot. (T, B, H). */
function driveOf({ shape, model }: Network, { U, b }: ParameterSet, inputs: tf.Tensor): tf.Tensor {
  const [T = 0, B = 0] = inputs.shape;
  if (shape.input.kind === 'oneHot') return tf.add(tf.gather(U, inputs as tf.Tensor2D), b);
  const flat = tf.reshape(inputs, [T * B, shape.input.features]) as tf.Tensor2D;
  return tf.reshape(tf.add(tf.matMul(flat, U as tf.Tensor2D), b), [T, B, model.hiddenUnits]);
}

function maskOf({ shape, model }: Network, ids: tf.Tensor): StepMask | null {
  if (!isPadded(shape)) return null;
  const isStep = tf.greater(ids, tf.scalar(0, 'int32'));
  const [T = 0, B = 0] = ids.shape;
  const wide = tf.tile(tf.expandDims(isStep, 2), [1, 1, model.hiddenUnits]);
  return {
    isStep: tf.unstack(tf.reshape(wide, [T, B, model.hiddenUnits])),
    weights: tf.cast(isStep, 'float32') as tf.Tensor2D,
  };
}

/**
 * Runs the network over a batch and keeps every state. A padded step keeps the state as it was.
 * The caller frees the tensors: run it within `tf.tidy`.
 *
 * @param inputs of a {@link Batch}.
 */
export function forward(network: Network, parameters: ParameterSet, inputs: tf.Tensor): ForwardPass {
  const { hiddenUnits: H, cell } = network.model;
  const W = parameters.W as tf.Tensor2D;
  const { apply } = activationOf(cell);
  const mask = maskOf(network, inputs);
  const states: tf.Tensor2D[] = [tf.zeros([inputs.shape[1] ?? 0, H])];
  tf.unstack(driveOf(network, parameters, inputs)).forEach((drive, t) => {
    const h = states[t] as tf.Tensor2D;
    // h_0 = 0: the first product would add nothing.
    const next = apply(t === 0 ? drive : tf.add(drive, tf.matMul(h, W)));
    const kept = mask?.isStep[t];
    states.push((kept === undefined ? next : tf.where(kept, next, h)) as tf.Tensor2D);
  });
  const top = (
    network.shape.readout === 'last' ? states.at(-1) : tf.reshape(tf.stack(states.slice(1)), [-1, H])
  ) as tf.Tensor2D;
  const outputs = tf.add(tf.matMul(top, parameters.V as tf.Tensor2D), parameters.c) as tf.Tensor2D;
  return { states, mask, top, outputs };
}

/** The outputs alone: (M, K), M as in {@link ForwardPass}. The caller disposes of them. */
export function computeOutputs(network: Network, parameters: ParameterSet, inputs: tf.Tensor): tf.Tensor2D {
  return tf.tidy(() => forward(network, parameters, inputs).outputs);
}
