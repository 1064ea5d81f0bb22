/** One shard's subproblem of P-ADMMiRNN: from the broadcast z̃ and the scaled dual y_i to the local solution θ_i. */
import * as tf from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors.ts';
import type { SolverConfig } from '../protocol/config.ts';
import type { GroupPenalties } from '../protocol/figures.ts';
import type { Batch } from '../rnn/batch.ts';
import { forward } from '../rnn/forward.ts';
import { sumLoss, targetRows } from '../rnn/loss.ts';
import type { Network } from '../rnn/network.ts';
import { NumericalError } from '../tensors/numericalError.ts';
import { disposeParameters, mapParameters, type ParameterSet, squaredNorm } from '../tensors/parameters.ts';
import { stepReadout, stepRecurrent, stepRecurrentThenInput, type Targets } from './parameterSteps.ts';
import { proxOfLoss } from './prox.ts';
import { sweepBackwards } from './sweep.ts';

/** What a subproblem is solved from. Nothing of it is changed or disposed of. */
export interface Subproblem {
  /** z̃. */
  readonly broadcast: ParameterSet;
  /** y_i; null where it is zero. */
  readonly dual: ParameterSet | null;
  /** σ of each parameter group; `input` is not used where U is solved together with W. */
  readonly penalty: GroupPenalties;
  readonly batch: Batch;
}

/** What a subproblem gives. */
export interface SubproblemSolution {
  /** θ_i. The caller disposes of it. */
  readonly solution: ParameterSet;
  /** Mean loss of the batch at z̃, before the step, a supervised output. */
  readonly loss: number;
  /** Share of right answers at z̃; null for regression. */
  readonly accuracy: number | null;
  /** ‖θ_i − z̃‖². */
  readonly stepSquaredNorm: number;
}

/** The parts of the solver's config that one subproblem depends on. */
export type SubproblemOptions = Pick<SolverConfig, 'outputPenalty' | 'penalty' | 'gain' | 'balanceLimit'>;

function checkOptions({ shape }: Network, { penalty }: SubproblemOptions): void {
  if (penalty.input === null || shape.input.kind === 'oneHot') return;
  const mismatch = {
    field: 'penalty.input',
    expected: 'null for dense inputs',
    received: `${penalty.input}`,
  };
  throw new ConfigError('solver', [mismatch]);
}

/** θ_i − z̃ and the loss at z̃. Run it within `tf.tidy`. */
function computeStep(network: Network, options: SubproblemOptions, subproblem: Subproblem) {
  const { broadcast, batch } = subproblem;
  const pass = forward(network, broadcast, batch.inputs);
  const rows = targetRows(network.shape, batch.targets);
  const proximal = proxOfLoss(network.shape, pass.outputs, rows, options.outputPenalty);
  const outputStep = tf.sub(proximal, pass.outputs) as tf.Tensor2D;
  const moved = sweepBackwards(network, broadcast, pass, outputStep, options.balanceLimit);
  const recurrent = options.gain === 1 ? moved : (tf.mul(moved, options.gain) as tf.Tensor2D);
  const targets: Targets = { pass, inputs: batch.inputs, recurrent, outputs: outputStep };
  const solve = options.penalty.input === null ? stepRecurrent : stepRecurrentThenInput;
  const step: ParameterSet = { ...solve(network, targets, subproblem), ...stepReadout(targets, subproblem) };
  return { step, sums: sumLoss(network.shape, pass.outputs, rows) };
}

/**
 * Solves a shard's subproblem: a forward pass at z̃, the o-step, the h- and s-steps backwards in time, then the
 * parameters in closed form (Tang et al., arXiv 2006.05622, algorithm 1, started from the network's own states in
 * every round).
 *
 * @throws NumericalError where a system is not positive definite or the solution is not finite.
 * @throws ConfigError where U is to be solved alone and inputs are dense.
 */
export function solveSubproblem(
  network: Network,
  options: SubproblemOptions,
  subproblem: Subproblem,
): SubproblemSolution {
  checkOptions(network, options);
  let figures = { loss: 0, accuracy: null as number | null, stepSquaredNorm: 0 };
  const solution = tf.tidy(() => {
    const { step, sums } = computeStep(network, options, subproblem);
    const accuracy = sums.correct === null ? null : sums.correct / sums.outputs;
    figures = { loss: sums.loss / sums.outputs, accuracy, stepSquaredNorm: squaredNorm(step) };
    return mapParameters((name) => tf.add(subproblem.broadcast[name], step[name]));
  });
  if (Number.isFinite(figures.stepSquaredNorm) && Number.isFinite(figures.loss))
    return { solution, ...figures };
  disposeParameters(solution);
  throw new NumericalError(
    `subproblem: expected a finite solution, received a step of squared norm ${figures.stepSquaredNorm} from loss ${figures.loss}`,
  );
}
