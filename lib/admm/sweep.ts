/**
 * The h- and s-steps backwards in time, proximally linearised with τ_h = ρ_1 and τ_s = ρ_2: each variable moves by its
 * gradient of the augmented Lagrangian in units of its penalty (Tang et al., arXiv 2006.05622, updates of h and s).
 * From the forward pass every constraint holds, and what is left is δh_t = δs_{t+1} Wᵀ (+ δo_t Vᵀ), δs_t = f′(s_t) ⊙ δh_t.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TaskShape } from '../protocol/dataset.ts';
import { activationOf } from '../rnn/activation.ts';
import type { StepMask } from '../rnn/forward.ts';
import type { Network } from '../rnn/network.ts';
import { add, matMulTransposed, mul, selectRows, sub, sumOfSquares } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';

/** Keeps the residual of a step that moves nothing from dividing by zero. */
const SMALLEST_RESIDUAL = 1e-20;

/** How far the constraints of the T steps are from holding; (B, H) a step, zero where it is padding. */
export interface StepResiduals {
  /** s_t − x_t U − h_{t−1} W − b, with λ_1/ρ_1 at the last step. */
  readonly affine: readonly tf.Tensor[];
  /** h_t − f(s_t), with λ_2/ρ_2 at the last step. */
  readonly activation: readonly tf.Tensor[];
}

/** Where a sweep starts. */
export interface SweepStart {
  /** h_0 … h_T, each (B, H). */
  readonly states: readonly tf.Tensor2D[];
  /** f(s_1) … f(s_T). */
  readonly activated: readonly tf.Tensor[];
  readonly mask: StepMask | null;
  /** Null where every constraint holds. */
  readonly residuals: StepResiduals | null;
  /** o − h V − c, with λ_3/ρ_3, after the o-step: (M, K). */
  readonly outputResidual: tf.Tensor2D;
}

/** What a sweep moves at one step. */
export interface StepMove {
  /** From 0. */
  readonly t: number;
  /** δh_t: (B, H). */
  readonly state: tf.Tensor;
  /** δs_t: (B, H); zero where the step is padding. */
  readonly preActivation: tf.Tensor;
  /** ‖δs_t‖². */
  readonly squaredNorm: number;
}

/** The factor of a step's balancing, from its residual ‖δs_t‖² and the samples that take part in it. */
export type StepBalance = (t: number, squaredNorm: number, samples: number) => number;

/**
 * Balances the penalty of every step in the first sweep: scales its residual to the size of the last step's, by at most
 * `limit` either way. Steps with outputs of their own are not scaled up, since those say how much they are to move; but
 * what later steps pull back may explode there too, and is scaled down. Later sweeps keep the penalties of the first.
 *
 * @param limit largest factor of a step's balancing; 0 turns it off.
 */
export function createBalance(readout: TaskShape['readout'], limit: number): StepBalance {
  const factors = new Map<number, number>();
  const largest = readout === 'last' ? limit : 1;
  let reference: number | null = null;
  return (t, squaredNorm, samples) => {
    if (limit === 0 || samples === 0) return 1;
    const known = factors.get(t);
    if (known !== undefined) return known;
    const size = Math.sqrt(squaredNorm / samples) + SMALLEST_RESIDUAL;
    reference ??= size;
    const factor = Math.min(largest, Math.max(1 / limit, reference / size));
    factors.set(t, factor);
    return factor;
  };
}

/** r_o Vᵀ by step: a tensor a step where outputs are read at every one, one for the last step where not. */
function pullBackOutputs(network: Network, { V }: ParameterSet, residual: tf.Tensor2D, T: number) {
  const rows = matMulTransposed(residual, V);
  if (network.shape.readout === 'last') return [rows];
  return tf.unstack(tf.reshape(rows, [T, -1, network.model.hiddenUnits]));
}

/**
 * Moves the states and pre-activations of all steps, from the last to the first. Run it within `tf.tidy`.
 *
 * @param parameters the network's parameters as of this sweep.
 * @param balance the penalty factors.
 * @returns moves whose tensors may be disposed of as they come: no later one needs them.
 */
export function* sweepBackwards(
  network: Network,
  parameters: ParameterSet,
  { states, activated, mask, residuals, outputResidual }: SweepStart,
  balance: StepBalance,
): Generator<StepMove, void> {
  const T = activated.length;
  const { pullBack } = activationOf(network.model.cell);
  const samples = states[0]?.shape[0] ?? 0;
  const fromOutputs = pullBackOutputs(network, parameters, outputResidual, T);
  const zeros = tf.zerosLike(states[0] as tf.Tensor);
  let pulled = fromOutputs.at(-1) as tf.Tensor;
  for (let t = T - 1; t >= 0; t -= 1) {
    const isStep = mask?.isStep[t] ?? null;
    const [affine, activation] = [residuals?.affine[t], residuals?.activation[t]];
    const state = activation === undefined ? pulled : sub(pulled, activation);
    // The residual h_t − f(s_t) once h_t has moved is what has been pulled back, with the multiplier.
    let ds = pullBack(activated[t] as tf.Tensor, pulled);
    if (affine !== undefined) ds = sub(ds, affine);
    if (isStep !== null) ds = selectRows(isStep, ds, zeros);
    const squaredNorm = sumOfSquares(ds);
    const factor = balance(t, squaredNorm, mask?.counts[t] ?? samples);
    const move = factor === 1 ? ds : mul(ds, tf.scalar(factor));
    if (move !== ds) ds.dispose();
    if (t > 0) {
      const back = matMulTransposed(affine === undefined ? move : add(move, affine), parameters.W);
      const carried = isStep === null ? back : selectRows(isStep, back, pulled);
      pulled = network.shape.readout === 'last' ? carried : add(carried, fromOutputs[t - 1] as tf.Tensor);
    }
    yield { t, state, preActivation: move, squaredNorm: factor ** 2 * squaredNorm };
  }
}
