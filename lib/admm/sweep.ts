/**
 * The h- and s-steps backwards in time. From the forward pass every constraint holds and the multipliers are zero, so
 * a proximally linearised step (τ_h = ρ_1, τ_s = ρ_2) moves a variable by the residual that the step after it
 * left: δh_t = δs_{t+1} Wᵀ (+ δo_t Vᵀ), δs_t = f′(s_t) ⊙ δh_t (Tang et al., arXiv 2006.05622, updates of h and s).
 */
import * as tf from '@tensorflow/tfjs-core';
import { activationOf } from '../rnn/activation.ts';
import type { ForwardPass } from '../rnn/forward.ts';
import type { Network } from '../rnn/network.ts';
import { add, matMulTransposed, mul, selectRows, sumOfSquares } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';

/** Keeps the residual of a step that moves nothing from dividing by zero. */
const SMALLEST_RESIDUAL = 1e-20;

/**
 * Balances the penalty of every step: scales its residual to the size of the last step's, by at most `limit`
 * either way. Answers the factor of a step from its residual δs_t and the samples that take part in it.
 */
function createBalance(limit: number): (residual: tf.Tensor, samples: number) => number {
  let reference: number | null = null;
  return (residual, samples) => {
    if (limit === 0 || samples === 0) return 1;
    const size = Math.sqrt(sumOfSquares(residual) / samples) + SMALLEST_RESIDUAL;
    reference ??= size;
    return Math.min(limit, Math.max(1 / limit, reference / size));
  };
}

/** Samples that take part in each step. */
function countSamples({ mask, states }: ForwardPass): (t: number) => number {
  return (t) => mask?.counts[t] ?? states[0]?.shape[0] ?? 0;
}

/** δo_t Vᵀ by step: a tensor a step where outputs are read at every one, one for the last step where not. */
function pullBackOutputs(
  network: Network,
  { V }: ParameterSet,
  outputStep: tf.Tensor2D,
  T: number,
): tf.Tensor[] {
  const rows = matMulTransposed(outputStep, V);
  if (network.shape.readout === 'last') return [rows];
  return tf.unstack(tf.reshape(rows, [T, -1, network.model.hiddenUnits]));
}

/**
 * Moves the pre-activations of all steps. Steps are balanced where the output is read at the last one; read out at
 * every step, each has a residual of its own. Run it within `tf.tidy`.
 *
 * @param outputStep δo (M, K), what the o-step moved.
 * @param balanceLimit largest factor of a step's balancing; 0 turns it off.
 * @returns δs (T·B, H), time-major; zero where a step is padding.
 */
export function sweepBackwards(
  network: Network,
  parameters: ParameterSet,
  pass: ForwardPass,
  outputStep: tf.Tensor2D,
  balanceLimit: number,
): tf.Tensor2D {
  const { mask, states } = pass;
  const T = states.length - 1;
  const { pullBack } = activationOf(network.model.cell);
  const samplesAt = countSamples(pass);
  const balance = createBalance(network.shape.readout === 'last' ? balanceLimit : 0);
  const fromOutputs = pullBackOutputs(network, parameters, outputStep, T);
  const zeros = tf.zerosLike(states[0] as tf.Tensor);
  const moved: tf.Tensor[] = new Array(T);
  let dh = fromOutputs.at(-1) as tf.Tensor;
  for (let t = T - 1; t >= 0; t -= 1) {
    const isStep = mask?.isStep[t] ?? null;
    let ds = pullBack(states[t + 1] as tf.Tensor, dh);
    if (isStep !== null) ds = selectRows(isStep, ds, zeros);
    const factor = balance(ds, samplesAt(t));
    moved[t] = factor === 1 ? ds : mul(ds, tf.scalar(factor));
    if (t === 0) break;
    const back = matMulTransposed(moved[t] as tf.Tensor, parameters.W);
    const carried = isStep === null ? back : selectRows(isStep, back, dh);
    dh = network.shape.readout === 'last' ? carried : add(carried, fromOutputs[t - 1] as tf.Tensor);
  }
  return tf.concat(moved as tf.Tensor2D[], 0);
}
