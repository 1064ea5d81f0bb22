/**
 * The forward pass, s_t = x_t U + h_{t−1} W + b, h_t = f(s_t), o = h V + c with row vectors (Tang et al., arXiv
 * 2006.05622, section 3), read out at the last step or at every one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { add, matMul, selectRows } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import { activationOf } from './activation.ts';
import type { Network } from './network.ts';
import { isPadded } from './shape.ts';

/** Which steps count; null where inputs are never padded. */
export interface StepMask {
  /** (B) bool for each of the T steps: false where the input is padding. Null at a step that no sample has padded. */
  readonly isStep: readonly (tf.Tensor | null)[];
  /** (T, B) float32 of 1 and 0. */
  readonly weights: tf.Tensor2D;
  /** Samples without padding at each of the T steps. */
  readonly counts: readonly number[];
}

/** What a forward pass leaves. */
export interface ForwardPass {
  /** h_0 … h_T, each (B, H); h_0 = 0. */
  readonly states: readonly tf.Tensor2D[];
  /** s_T: (B, H), also where step T is padding. */
  readonly preActivation: tf.Tensor2D;
  readonly mask: StepMask | null;
  /** What is read out: (M, H), M = B at the last step, T·B (time-major) at every one. */
  readonly top: tf.Tensor2D;
  /** o: (M, K). */
  readonly outputs: tf.Tensor2D;
}

/**
 * x_t U + b of all steps: one product where inputs are dense, rows of U where they are one-hot. T of (B, H).
 *
 * @param inputs of a {@link Batch}.
 */
export function drivesOf({ shape, model }: Network, { U, b }: ParameterSet, inputs: tf.Tensor): tf.Tensor[] {
  const [T = 0, B = 0] = inputs.shape;
  const products =
    shape.input.kind === 'oneHot'
      ? tf.gather(U, inputs as tf.Tensor2D)
      : matMul(tf.reshape(inputs, [T * B, shape.input.features]), U);
  return tf.unstack(tf.reshape(add(products, b), [T, B, model.hiddenUnits]));
}

function maskOf({ shape }: Network, ids: tf.Tensor): StepMask | null {
  if (!isPadded(shape)) return null;
  const isStep = tf.greater(ids, tf.scalar(0, 'int32'));
  const weights = tf.cast(isStep, 'float32') as tf.Tensor2D;
  const counts = [...tf.sum(weights, 1).dataSync()];
  const samples = ids.shape[1] ?? 0;
  const steps = tf.unstack(isStep).map((step, t) => (counts[t] === samples ? null : step));
  return { isStep: steps, weights, counts };
}

/**
 * Runs the network over a batch and keeps every state. A padded step keeps the state as it was.
 * The caller frees the tensors: run it within `tf.tidy`.
 *
 * @param inputs of a {@link Batch}.
 */
export function forward(network: Network, parameters: ParameterSet, inputs: tf.Tensor): ForwardPass {
  const { hiddenUnits: H, cell } = network.model;
  const { apply } = activationOf(cell);
  const mask = maskOf(network, inputs);
  const states: tf.Tensor2D[] = [tf.zeros([inputs.shape[1] ?? 0, H])];
  const drives = drivesOf(network, parameters, inputs);
  let preActivation = drives[0] as tf.Tensor2D;
  drives.forEach((drive, t) => {
    const h = states[t] as tf.Tensor2D;
    // h_0 = 0: the first product would add nothing.
    preActivation = (t === 0 ? drive : add(drive, matMul(h, parameters.W))) as tf.Tensor2D;
    const next = apply(preActivation);
    const isStep = mask?.isStep[t] ?? null;
    states.push((isStep === null ? next : selectRows(isStep, next, h)) as tf.Tensor2D);
  });
  const top = (
    network.shape.readout === 'last' ? states.at(-1) : tf.concat(states.slice(1), 0)
  ) as tf.Tensor2D;
  const outputs = add(matMul(top, parameters.V), parameters.c) as tf.Tensor2D;
  return { states, preActivation, mask, top, outputs };
}

/** The outputs alone: (M, K), M as in {@link ForwardPass}. The caller disposes of them. */
export function computeOutputs(network: Network, parameters: ParameterSet, inputs: tf.Tensor): tf.Tensor2D {
  return tf.tidy(() => forward(network, parameters, inputs).outputs);
}
