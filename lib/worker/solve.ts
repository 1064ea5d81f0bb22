import { contribution, scaledDual } from '../admm/contribution.ts';
import { type Subproblem, solveSubproblem } from '../admm/subproblem.ts';
import { drawBatchIndices } from '../data/draw.ts';
import type { SolveFigures } from '../protocol/figures.ts';
import type { SolveTask } from '../protocol/messages.ts';
import { type Batch, disposeBatch } from '../rnn/batch.ts';
import { evaluate } from '../rnn/evaluate.ts';
import { NumericalError } from '../tensors/numericalError.ts';
import { disposeParameters, mapParameters, type ParameterSet, squaredNorm } from '../tensors/parameters.ts';
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

/** What a shard answers, before it becomes a contribution. */
interface Solution {
  /** θ_i. */
  readonly solution: ParameterSet;
  readonly loss: number;
  readonly accuracy: number | null;
  readonly stepSquaredNorm: number;
  readonly subproblem?: SolveFigures['subproblem'];
}

/** θ_i = z̃, where the subproblem has no finite solution: the shard's duals move, its parameters do not. */
function keepConsensus({ network }: RunContext, broadcast: ParameterSet, batch: Batch): Solution {
  const measured = { inputs: batch.inputs.clone(), targets: batch.targets.clone() };
  const { loss, accuracy } = evaluate(network, broadcast, [measured]);
  if (!Number.isFinite(loss)) throw new NumericalError(`loss at the broadcast point: ${loss}`);
  const solution = mapParameters((name) => broadcast[name].clone());
  return { solution, loss, accuracy, stepSquaredNorm: 0 };
}

/** θ_i of the subproblem, and how it was left. */
function solveFully(
  { config, network }: RunContext,
  { penalty, stepLength }: SolveTask,
  terms: Pick<Subproblem, 'broadcast' | 'dual' | 'batch'>,
): Solution {
  const solved = solveSubproblem(network, config.solver, { ...terms, penalty, stepLength });
  const { solution, loss, accuracy, stepSquaredNorm, ...subproblem } = solved;
  return { solution, loss, accuracy, stepSquaredNorm, subproblem };
}

/** The samples that a shard draws for the task's version. */
function drawBatch({ config, network }: RunContext, { shard, version }: SolveTask, part: PartTensors) {
  const { seed, solver } = config;
  const { batchSize } = solver;
  return gatherBatch(
    network,
    part,
    drawBatchIndices({ seed, shard, version, batchSize, samples: part.samples }),
  );
}

/**
 * Solves a task: a function of (run, version, shard) alone, since the batch is drawn from those.
 *
 * @returns w_i, which the caller takes over, and the figures.
 * @throws NumericalError where the solution is not finite.
 */
export function solve(
  context: RunContext,
  task: SolveTask,
  { part, broadcast, dual }: SolveInputs,
): { contribution: ParameterSet; figures: SolveFigures } {
  const { config } = context;
  const batch = drawBatch(context, task, part);
  try {
    const solved = task.keepsConsensus
      ? keepConsensus(context, broadcast, batch)
      : solveFully(context, task, { broadcast, dual, batch });
    const { solution, ...figures } = solved;
    const { relaxation } = config.consensus;
    const w = contribution({ solution, broadcast, dual, relaxation });
    disposeParameters(solution);
    const dualSquaredNorm = dual === null ? 0 : squaredNorm(dual);
    return {
      contribution: w,
      figures: { ...figures, dualSquaredNorm, batchSamples: config.solver.batchSize },
    };
  } finally {
    disposeBatch(batch);
    if (dual !== null) disposeParameters(dual);
  }
}
