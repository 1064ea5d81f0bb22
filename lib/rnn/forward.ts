/**
 * The forward pass, s_t = x_t U + h_{t−1} W + b, h_t = f(s_t), o = h V + c with row vectors (Tang et al., arXiv
 * 2006.05622, section 3), read out at the last step or at every one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { add, matMul, selectRows } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import { activationOf } from './activation.ts';
import { affineSteps } from './affine.ts';
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
  /** Of the T steps, as `AffineSteps` of ./affine.ts has them: (B, m). */
  readonly rows: readonly tf.Tensor2D[];
  /** s_T: (B, H), also where step T is padding. */
  readonly preActivation: tf.Tensor2D;
  readonly mask: StepMask | null;
  /** What is read out: (M, H), M = B at the last step, T·B (time-major) at every one. */
  readonly top: tf.Tensor2D;
  /** o: (M, K). */
  readonly outputs: tf.Tensor2D;
}

/** One step of a forward pass. */
interface Step {
  /** h_{t−1} and h_t. */
  readonly previous: tf.Tensor2D;
  readonly state: tf.Tensor2D;
  readonly rows: tf.Tensor2D;
  readonly preActivation: tf.Tensor2D;
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

function* stepsOf(
  network: Network,
  parameters: ParameterSet,
  inputs: tf.Tensor,
  mask: StepMask | null,
): Generator<Step> {
  const [T = 0, B = 0] = inputs.shape;
  const { hiddenUnits: H, cell } = network.model;
  const { apply } = activationOf(cell);
  const { rowsOf, sumOf } = affineSteps(network, parameters, inputs);
  // Filled by a kernel: `tf.zeros` makes them in JavaScript, from where a GPU gets them anew in each pass.
  let previous: tf.Tensor2D = tf.fill([B, H], 0);
  for (let t = 0; t < T; t += 1) {
    const rows = rowsOf(t, previous);
    const preActivation = sumOf(t, rows);
    const next = apply(preActivation);
    const isStep = mask?.isStep[t] ?? null;
    const state = (isStep === null ? next : selectRows(isStep, next, previous)) as tf.Tensor2D;
    yield { previous, state, rows, preActivation };
    previous = state;
  }
}

/** What is read out, from h_0 … h_T: (M, H), M as in {@link ForwardPass}. */
export const topOf = ({ shape }: Network, states: readonly tf.Tensor2D[]): tf.Tensor2D =>
  shape.readout === 'last' ? (states.at(-1) as tf.Tensor2D) : tf.concat(states.slice(1), 0);

/** h V + c: (M, K). */
export const readOut = (top: tf.Tensor2D, { V, c }: ParameterSet): tf.Tensor2D =>
  add(matMul(top, V), c) as tf.Tensor2D;

/**
 * Runs the network over a batch and keeps every state. A padded step keeps the state as it was.
 * The caller frees the tensors: run it within `tf.tidy`.
 *
 * @param inputs of a {@link Batch}.
 */
export function forward(network: Network, parameters: ParameterSet, inputs: tf.Tensor): ForwardPass {
  const mask = maskOf(network, inputs);
  const steps: Step[] = [];
  for (const step of stepsOf(network, parameters, inputs, mask)) {
    // Memory that is in the processor's cache is used again at once.
    steps.at(-1)?.preActivation.dispose();
    steps.push(step);
  }
  const [first, last] = [steps[0] as Step, steps.at(-1) as Step];
  const states = [first.previous, ...steps.map(({ state }) => state)];
  const top = topOf(network, states);
  return {
    ...{ states, mask, top, rows: steps.map(({ rows }) => rows), preActivation: last.preActivation },
    outputs: readOut(top, parameters),
  };
}

/** The outputs alone: (M, K), M as in {@link ForwardPass}. The caller disposes of them. */
export function computeOutputs(network: Network, parameters: ParameterSet, inputs: tf.Tensor): tf.Tensor2D {
  const isLast = network.shape.readout === 'last';
  return tf.tidy(() => {
    const states: tf.Tensor2D[] = [];
    for (const step of stepsOf(network, parameters, inputs, maskOf(network, inputs))) {
      // What no later step needs is freed at once: its memory, still in the processor's cache, serves the next one.
      step.preActivation.dispose();
      if (isLast) tf.dispose([step.rows, step.previous]);
      states.push(step.state);
    }
    return readOut(
      isLast ? (states.at(-1) as tf.Tensor2D) : (tf.concat(states, 0) as tf.Tensor2D),
      parameters,
    );
  });
}
