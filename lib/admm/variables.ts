/** The auxiliary variables s and h of one subproblem between two sweeps, and the constraints that bind them. */
import * as tf from '@tensorflow/tfjs-core';
import { activationOf } from '../rnn/activation.ts';
import { affineSteps } from '../rnn/affine.ts';
import type { StepMask } from '../rnn/forward.ts';
import type { Network } from '../rnn/network.ts';
import { add, mul, selectRows, sub } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import type { StepMove, StepResiduals } from './sweep.ts';

/** s and h of all steps. */
export interface Variables {
  /** s_1 … s_T and f(s_1) … f(s_T), each (B, H). */
  readonly preActivations: readonly tf.Tensor[];
  readonly activated: readonly tf.Tensor[];
  /** h_0 … h_T, each (B, H). */
  readonly states: readonly tf.Tensor2D[];
}

const isStepAt = (mask: StepMask | null, t: number): tf.Tensor | null => mask?.isStep[t] ?? null;

/** Zero in the rows where step t is padding. */
function masked(mask: StepMask | null, t: number, tensor: tf.Tensor): tf.Tensor {
  const isStep = isStepAt(mask, t);
  return isStep === null ? tensor : selectRows(isStep, tensor, tf.zerosLike(tensor));
}

/** What the recurrent parameters multiply at each step, from any states: as `ForwardPass` of lib/rnn has it. */
export function rowsOf(
  network: Network,
  parameters: ParameterSet,
  inputs: tf.Tensor,
  states: readonly tf.Tensor2D[],
): tf.Tensor2D[] {
  const steps = affineSteps(network, parameters, inputs);
  return states.slice(0, -1).map((state, t) => steps.rowsOf(t, state));
}

/**
 * x_t U + h_{t−1} W + b of all steps, from any rows and for any parameters, be they a step between two sets.
 *
 * @returns T tensors (B, H), zero where a step is padding.
 */
export function affineOf(
  network: Network,
  parameters: ParameterSet,
  inputs: tf.Tensor,
  rows: readonly tf.Tensor2D[],
  mask: StepMask | null,
): tf.Tensor[] {
  const steps = affineSteps(network, parameters, inputs);
  return rows.map((row, t) => masked(mask, t, steps.sumOf(t, row)));
}

/** s_t − x_t U − h_{t−1} W − b and h_t − f(s_t), without multipliers; `affine` as {@link affineOf} gives it. */
export function constraintResiduals(
  { preActivations, activated, states }: Variables,
  affine: readonly tf.Tensor[],
  mask: StepMask | null,
): StepResiduals {
  return {
    affine: preActivations.map((s, t) => masked(mask, t, sub(s, affine[t] as tf.Tensor))),
    activation: activated.map((f, t) => masked(mask, t, sub(states[t + 1] as tf.Tensor, f))),
  };
}

/**
 * The variables after a sweep's moves. A padded step has no state of its own: it keeps the one before it.
 *
 * @param gain factor of δs.
 */
export function moveVariables(
  network: Network,
  { preActivations, states }: Pick<Variables, 'preActivations' | 'states'>,
  moves: readonly StepMove[],
  mask: StepMask | null,
  gain: number,
): Variables {
  const factor = tf.scalar(gain);
  const moved: tf.Tensor2D[] = [states[0] as tf.Tensor2D];
  for (const { t, state } of moves) {
    const next = add(states[t + 1] as tf.Tensor, state);
    const isStep = isStepAt(mask, t);
    moved.push((isStep === null ? next : selectRows(isStep, next, moved[t] as tf.Tensor)) as tf.Tensor2D);
  }
  const next = preActivations.map((s, t) => add(s, mul((moves[t] as StepMove).preActivation, factor)));
  const { apply } = activationOf(network.model.cell);
  return { preActivations: next, activated: next.map((s) => apply(s)), states: moved };
}
