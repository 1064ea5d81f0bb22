/**
 * The inner sweeps of one subproblem: o-step, h- and s-steps, parameters in closed form, and between two sweeps the
 * multipliers of the last step (Tang et al., arXiv 2006.05622, algorithm 1, with its relaxed penalty on earlier steps).
 */
import * as tf from '@tensorflow/tfjs-core';
import { forward, readOut, type StepMask, topOf } from '../rnn/forward.ts';
import { type LossSums, sumLoss, targetRows } from '../rnn/loss.ts';
import type { Network } from '../rnn/network.ts';
import { add, mul, sub, sumOfSquares } from '../tensors/arithmetic.ts';
import { mapParameters, type ParameterSet } from '../tensors/parameters.ts';
import { type AugmentedFigures, augmentedFigures } from './augmentedLagrangian.ts';
import { proxOfLoss } from './prox.ts';
import { stepReadout } from './readoutStep.ts';
import { createRecurrentFit, type RecurrentFit } from './recurrentFit.ts';
import type { Subproblem, SubproblemOptions } from './subproblem.ts';
import {
  createBalance,
  type StepBalance,
  type StepMove,
  type StepResiduals,
  sweepBackwards,
} from './sweep.ts';
import { affineOf, constraintResiduals, moveVariables, rowsOf, type Variables } from './variables.ts';

/** One shard's subproblem while it is solved. */
export interface Setting {
  readonly network: Network;
  readonly options: SubproblemOptions;
  readonly subproblem: Subproblem;
  readonly mask: StepMask | null;
  /** Targets in the form of the outputs: (M, K). */
  readonly targets: tf.Tensor2D;
  readonly balance: StepBalance;
  /** Factor on δs. */
  readonly gain: number;
}

/** λ/ρ of the last step's constraints, (B, H), and of every output's, (M, K). */
export interface Multipliers {
  readonly affine: tf.Tensor;
  readonly activation: tf.Tensor;
  readonly outputs: tf.Tensor;
}

/** Where a sweep starts. */
interface Position extends Variables {
  /** θ as of now. */
  readonly parameters: ParameterSet;
  /** What U, W and b multiply at each step, as `ForwardPass` has it. */
  readonly rows: readonly tf.Tensor2D[];
  readonly top: tf.Tensor2D;
  /** h V + c as of now: (M, K). */
  readonly read: tf.Tensor2D;
  /** What later sweeps know besides; null in the first, where every constraint holds and θ = z̃. */
  readonly later: {
    readonly multipliers: Multipliers;
    /** With the multipliers. */
    readonly residuals: StepResiduals;
    /** What θ − z̃ adds to x_t U + h_{t−1} W + b, a tensor a step, and to h V + c. */
    readonly drift: readonly tf.Tensor[];
    readonly outputDrift: tf.Tensor;
  } | null;
}

/** A sweep's outcome. */
export interface Swept {
  /** θ − z̃. */
  readonly step: ParameterSet;
  /** o after the o-step: (M, K). */
  readonly outputs: tf.Tensor2D;
  /** In order of time; the last step's alone where no other sweep follows. */
  readonly moves: readonly StepMove[];
  /** ‖·‖² of what the two closed-form steps leave of their targets. */
  readonly leftOfAffine: number;
  readonly leftOfOutputs: number;
}

/** What the sweeps give. */
export interface SweptStep {
  /** θ_i − z̃. */
  readonly step: ParameterSet;
  readonly figures: AugmentedFigures;
  /** At z̃: outputs (M, K), their loss and right answers. */
  readonly outputs: tf.Tensor2D;
  readonly sums: LossSums;
}

/** δs_t with the gain, and in later sweeps what was left of s_t before. */
function recurrentTarget(
  gain: number,
  { t, preActivation, squaredNorm }: StepMove,
  later: Position['later'],
) {
  const scaled = gain === 1 ? preActivation : mul(preActivation, tf.scalar(gain));
  if (later === null) return { target: scaled, squaredNorm: gain ** 2 * squaredNorm };
  const before = add(later.residuals.affine[t] as tf.Tensor, later.drift[t] as tf.Tensor);
  const target = add(scaled, before);
  return { target, squaredNorm: sumOfSquares(target) };
}

/** Sweeps backwards and hands each step's target to the fit; the moves in order of time, or the last step's alone. */
function moveSteps(
  { network, options, mask, balance, gain }: Setting,
  position: Position,
  outputResidual: tf.Tensor2D,
  fit: RecurrentFit,
): StepMove[] {
  const { parameters, states, activated, later } = position;
  const start = { states, activated, mask, residuals: later?.residuals ?? null, outputResidual };
  const moves: StepMove[] = [];
  for (const move of sweepBackwards(network, parameters, start, balance)) {
    const { target, squaredNorm } = recurrentTarget(gain, move, later);
    fit.take(move.t, target, squaredNorm);
    // Nothing but a second sweep looks at the earlier steps' moves again.
    if (options.innerSweeps > 1 || moves.length === 0) moves.push(move);
    else tf.dispose(fit.keepsTargets ? move.state : [move.state, move.preActivation]);
  }
  return moves.reverse();
}

function sweepOnce(setting: Setting, position: Position): Swept {
  const { network, options, subproblem, mask, targets } = setting;
  const { rows, top, read, later } = position;
  const q = later === null ? read : (sub(read, later.multipliers.outputs) as tf.Tensor2D);
  const outputs = proxOfLoss(network.shape, q, targets, options.outputPenalty);
  const outputResidual = sub(outputs, q) as tf.Tensor2D;
  const isInputAlone = (options.penalty.input ?? null) !== null;
  const fit = createRecurrentFit(network, { rows, mask, inputs: subproblem.batch.inputs }, isInputAlone);
  const moves = moveSteps(setting, position, outputResidual, fit);
  const recurrent = fit.solve(subproblem, targets.shape[0]);
  const outputTargets =
    later === null ? outputResidual : (add(outputResidual, later.outputDrift) as tf.Tensor2D);
  const readout = stepReadout(top, outputTargets, subproblem);
  const step = { ...recurrent.step, ...readout.step };
  return { step, outputs, moves, leftOfAffine: recurrent.residual, leftOfOutputs: readout.residual };
}

/** λ/ρ ← λ/ρ + residual, and the residuals with it. */
function updateMultipliers(
  earlier: Multipliers | null,
  { affine, activation }: StepResiduals,
  outputs: tf.Tensor,
): { multipliers: Multipliers; residuals: StepResiduals } {
  const plus = (a: tf.Tensor | undefined, b: tf.Tensor): tf.Tensor => (a === undefined ? b : add(a, b));
  const multipliers = {
    affine: plus(earlier?.affine, affine.at(-1) as tf.Tensor),
    activation: plus(earlier?.activation, activation.at(-1) as tf.Tensor),
    outputs: plus(earlier?.outputs, outputs),
  };
  const onLast = (list: readonly tf.Tensor[], multiplier: tf.Tensor) =>
    list.with(-1, add(list.at(-1) as tf.Tensor, multiplier));
  const residuals = {
    affine: onLast(affine, multipliers.affine),
    activation: onLast(activation, multipliers.activation),
  };
  return { multipliers, residuals };
}

/** Where the next sweep starts. */
function moveOn({ network, subproblem, mask, gain }: Setting, position: Position, swept: Swept): Position {
  const { broadcast, batch } = subproblem;
  const parameters = mapParameters((name) => add(broadcast[name], swept.step[name]));
  const variables = moveVariables(network, position, swept.moves, mask, gain);
  const rows = rowsOf(network, parameters, batch.inputs, variables.states);
  const affine = (set: ParameterSet) => affineOf(network, set, batch.inputs, rows, mask);
  const top = topOf(network, variables.states);
  const read = readOut(top, parameters);
  const updated = updateMultipliers(
    position.later?.multipliers ?? null,
    constraintResiduals(variables, affine(parameters), mask),
    sub(swept.outputs, read),
  );
  const drift = affine(swept.step);
  const later = { ...updated, drift, outputDrift: readOut(top, swept.step) };
  return { ...variables, parameters, rows, top, read, later };
}

/** Runs the sweeps from the forward pass at z̃. Run it within `tf.tidy`. */
export function solveBySweeps(
  network: Network,
  options: SubproblemOptions,
  subproblem: Subproblem,
): SweptStep {
  const { broadcast, batch } = subproblem;
  const pass = forward(network, broadcast, batch.inputs);
  const { mask, states, rows, top, outputs: read, preActivation } = pass;
  const targets = targetRows(network.shape, batch.targets);
  const balance = createBalance(network.shape.readout, options.balanceLimit);
  const setting: Setting = { gain: options.gain ?? 1, network, options, subproblem, mask, targets, balance };
  // Nothing but a second sweep needs s of the earlier steps, or the whole of s.
  const preActivations =
    options.innerSweeps === 1 ? [preActivation] : affineOf(network, broadcast, batch.inputs, rows, mask);
  const activated = states.slice(1);
  let position: Position = {
    ...{ parameters: broadcast, preActivations, activated, states, rows, top, read },
    later: null,
  };
  let swept = sweepOnce(setting, position);
  for (let sweep = 1; sweep < options.innerSweeps; sweep += 1) {
    position = moveOn(setting, position, swept);
    swept = sweepOnce(setting, position);
  }
  const multipliers = position.later?.multipliers ?? null;
  return {
    step: swept.step,
    figures: augmentedFigures(setting, swept, position, multipliers),
    outputs: read,
    sums: sumLoss(network.shape, read, targets),
  };
}
