/**
 * The augmented Lagrangian of one subproblem and how far its constraints are from holding, as the last sweep leaves
 * them (Tang et al., arXiv 2006.05622, equation of the augmented Lagrangian; here in the scaled form of Boyd et al. 2011,
 * section 3.1.1, a mean over the M supervised outputs, with the consensus term).
 */
import type * as tf from '@tensorflow/tfjs-core';
import { parameterNames } from '../protocol/parameters.ts';
import { activationOf } from '../rnn/activation.ts';
import { totalLoss } from '../rnn/loss.ts';
import { parameterGroup } from '../rnn/shape.ts';
import { add, mul, sub, sumOfSquares } from '../tensors/arithmetic.ts';
import type { Multipliers, Setting, Swept } from './sweeps.ts';
import type { Variables } from './variables.ts';

/** Figures of a subproblem: root mean squares a supervised output, and the Lagrangian. */
export interface AugmentedFigures {
  /** s − x U − h W − b over all steps, with h as the parameters were solved against. */
  readonly affineResidual: number;
  /** h_T − f(s_T). */
  readonly activationResidual: number;
  /** o − h V − c. */
  readonly outputResidual: number;
  readonly augmentedLagrangian: number;
}

/** Σ_g σ_g/2 ‖θ_g − z̃_g + y_g‖². */
function consensusTerm({ options, subproblem }: Setting, { step }: Swept): number {
  const { penalty, dual } = subproblem;
  return parameterNames.reduce((sum, name) => {
    const away = dual === null ? step[name] : add(step[name], dual[name]);
    return sum + (penalty[parameterGroup(name, options.penalty)] / 2) * sumOfSquares(away);
  }, 0);
}

/** ‖h_T + δh_T − f(s_T + δs_T) (+ λ_2/ρ_2)‖². */
function leftOfActivation(
  { network, gain }: Setting,
  { moves }: Swept,
  { states, preActivations }: Pick<Variables, 'states' | 'preActivations'>,
  multiplier: tf.Tensor | null,
): number {
  const { tf: ops } = network.backend;
  const at = <X>(list: readonly X[]): X => list.at(-1) as X;
  const s = add(at(preActivations), mul(at(moves).preActivation, ops.scalar(gain)));
  const left = sub(add(at(states), at(moves).state), activationOf(network.model.cell).apply(s));
  return sumOfSquares(multiplier === null ? left : add(left, multiplier));
}

/** Measures what a sweep leaves, from where it started. Run it within `tf.tidy`. */
export function augmentedFigures(
  setting: Setting,
  swept: Swept,
  start: Pick<Variables, 'states' | 'preActivations'>,
  multipliers: Multipliers | null,
): AugmentedFigures {
  const { network, options, targets } = setting;
  const outputs = targets.shape[0];
  const activation = leftOfActivation(setting, swept, start, multipliers?.activation ?? null);
  const norm = (multiplier: tf.Tensor | undefined): number =>
    multiplier === undefined ? 0 : sumOfSquares(multiplier);
  const affineTerm = swept.leftOfAffine - norm(multipliers?.affine);
  const activationTerm = activation - norm(multipliers?.activation);
  const outputTerm = options.outputPenalty * (swept.leftOfOutputs - norm(multipliers?.outputs));
  const loss = totalLoss(network.shape, swept.outputs, targets);
  const sum = loss + (affineTerm + activationTerm + outputTerm) / 2;
  return {
    affineResidual: Math.sqrt(swept.leftOfAffine / outputs),
    activationResidual: Math.sqrt(activation / outputs),
    outputResidual: Math.sqrt(swept.leftOfOutputs / outputs),
    augmentedLagrangian: sum / outputs + consensusTerm(setting, swept),
  };
}
