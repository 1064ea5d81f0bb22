import { contribution, scaledDual } from '../admm/contribution.ts';
import { solveSubproblem } from '../admm/subproblem.ts';
import { drawBatchIndices } from '../data/draw.ts';
import type { SolveFigures } from '../protocol/figures.ts';
import type { SolveTask } from '../protocol/messages.ts';
import { disposeBatch } from '../rnn/batch.ts';
import { disposeParameters, type ParameterSet, squaredNorm } from '../tensors/parameters.ts';
import { gatherBatch, type PartTensors } from './partTensors.ts';
import type { RunContext, Workspace } from './workspace.ts';

/** What a subproblem is made from, on the backend; all of it but the dual stays the workspace's. */
export interface SolveInputs {
  readonly part: PartTensors;
  /** z̃. */
  readonly broadcast: ParameterSet;
  /** y_i; the solver disposes of it. Null where it is zero. */
  readonly dual: ParameterSet | null;
}

async function makeDual(
  workspace: Workspace,
  context: RunContext,
  task: SolveTask,
): Promise<ParameterSet | null> {
  if (task.dual === null || !context.config.consensus.useDuals) return null;
  const { anchor, penalty } = task.dual;
  const [taken, a] = await Promise.all([
    workspace.contribution(context, task.shard, task.dual.contribution),
    workspace.version(context, anchor, 'consensus'),
  ]);
  const terms = { contribution: taken, anchor: a, penaltyThen: penalty, penaltyNow: task.penalty };
  return scaledDual(terms, context.config.solver.penalty);
}

/** Gets what the task needs; nothing is read twice while it is kept. */
export async function fetchSolveInputs(
  workspace: Workspace,
  context: RunContext,
  task: SolveTask,
): Promise<SolveInputs> {
  const [part, broadcast, dual] = await Promise.all([
    workspace.part(context, 'train', task.shard),
    workspace.version(context, task.from, 'broadcast'),
    makeDual(workspace, context, task),
  ]);
  return { part, broadcast, dual };
}

/**
 * Solves a task: a function of (run, version, shard) alone, since the batch is drawn from those.
 *
 * @returns w_i, which the caller takes over, and the figures.
 * @throws NumericalError where the solution is not finite.
 */
export function solve(
  { config, network }: RunContext,
  task: SolveTask,
  { part, broadcast, dual }: SolveInputs,
): { contribution: ParameterSet; figures: SolveFigures } {
  const { batchSize } = config.solver;
  const { shard, version } = task;
  const indices = drawBatchIndices({ seed: config.seed, shard, version, batchSize, samples: part.samples });
  const batch = gatherBatch(network, part, indices);
  try {
    const solved = solveSubproblem(network, config.solver, { broadcast, dual, penalty: task.penalty, batch });
    const { solution, loss, accuracy, stepSquaredNorm } = solved;
    const { relaxation } = config.consensus;
    const w = contribution({ solution, broadcast, dual, relaxation });
    disposeParameters(solution);
    const dualSquaredNorm = dual === null ? 0 : squaredNorm(dual);
    return {
      contribution: w,
      figures: { loss, accuracy, stepSquaredNorm, dualSquaredNorm, batchSamples: batchSize },
    };
  } finally {
    disposeBatch(batch);
    if (dual !== null) disposeParameters(dual);
  }
}
