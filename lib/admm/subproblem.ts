/** One shard's subproblem of P-ADMMiRNN: from the broadcast z̃ and the scaled dual y_i to the local solution θ_i. */
import * as tf from '@tensorflow/tfjs-core';
import { ConfigError } from '../errors.ts';
import type { SolverConfig } from '../protocol/config.ts';
import type { GroupPenalties } from '../protocol/figures.ts';
import type { Batch } from '../rnn/batch.ts';
import type { Network } from '../rnn/network.ts';
import { NumericalError } from '../tensors/numericalError.ts';
import { disposeParameters, type ParameterSet, squaredNorm } from '../tensors/parameters.ts';
import type { AugmentedFigures } from './augmentedLagrangian.ts';
import { chooseStepLength, type Distance, pointAlong } from './stepLength.ts';
import { solveBySweeps } from './sweeps.ts';

/** What a subproblem is solved from. Nothing of it is changed or disposed of. */
export interface Subproblem {
  /** z̃. */
  readonly broadcast: ParameterSet;
  /** y_i; null where it is zero. */
  readonly dual: ParameterSet | null;
  /** σ of each parameter group; `input` is not used where U is solved together with W. */
  readonly penalty: GroupPenalties;
  readonly batch: Batch;
  /** α of this shard's last step; 1 at first. */
  readonly stepLength?: number;
}

/** What a subproblem gives. */
export interface SubproblemSolution extends AugmentedFigures {
  /** θ_i. The caller disposes of it. */
  readonly solution: ParameterSet;
  /** Mean loss of the batch at z̃, before the step, a supervised output. */
  readonly loss: number;
  /** Of the samples of the batch that judged the step, at θ_i; null where it was taken as it is, and nothing was looked at. */
  readonly lossAfter: number | null;
  /** Share of right answers at z̃; null for regression. */
  readonly accuracy: number | null;
  /** ‖θ_i − z̃‖². */
  readonly stepSquaredNorm: number;
  /** α. */
  readonly stepLength: number;
}

/** The parts of the solver's config that one subproblem depends on. */
export type SubproblemOptions = Pick<
  SolverConfig,
  'outputPenalty' | 'penalty' | 'gain' | 'balanceLimit' | 'innerSweeps' | 'stepLength'
>;

function checkOptions({ shape }: Network, { penalty }: SubproblemOptions): void {
  const input = penalty.input ?? null;
  if (input === null || shape.input.kind === 'oneHot') return;
  const mismatch = { field: 'penalty.input', expected: 'null for dense inputs', received: `${input}` };
  throw new ConfigError('solver', [mismatch]);
}

/** The solution and its figures. Run it within `tf.tidy`. */
function solveWithin(
  network: Network,
  options: SubproblemOptions,
  subproblem: Subproblem,
): SubproblemSolution {
  const { step, figures, outputs, sums } = solveBySweeps(network, options, subproblem);
  const { broadcast, batch } = subproblem;
  const loss = sums.loss / sums.outputs;
  const direction = { broadcast, step };
  const taken: Omit<Distance, 'loss'> & { readonly loss: number | null } =
    options.stepLength === 'full'
      ? { length: 1, point: pointAlong(direction, 1), loss: null }
      : chooseStepLength(network, direction, { batch, outputs }, subproblem.stepLength ?? 1);
  return {
    ...{ solution: taken.point, ...figures, loss, lossAfter: taken.loss, stepLength: taken.length },
    accuracy: sums.correct === null ? null : sums.correct / sums.outputs,
    stepSquaredNorm: taken.length ** 2 * squaredNorm(step),
  };
}

/**
 * Solves a shard's subproblem: a forward pass at z̃, then sweeps of o-step, h- and s-steps and closed-form parameters
 * (Tang et al., arXiv 2006.05622, algorithm 1, started from the network's own states in every round), then a search
 * for the length of the step.
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
  const solved: SubproblemSolution[] = [];
  tf.tidy(() => {
    solved.push(solveWithin(network, options, subproblem));
    return solved[0]?.solution as ParameterSet;
  });
  const [solution] = solved as [SubproblemSolution];
  const { loss, stepSquaredNorm, augmentedLagrangian } = solution;
  if ([loss, stepSquaredNorm, augmentedLagrangian].every(Number.isFinite)) return solution;
  disposeParameters(solution.solution);
  throw new NumericalError(
    `subproblem: expected a finite solution, received a step of squared norm ${stepSquaredNorm} from loss ${loss}`,
  );
}
