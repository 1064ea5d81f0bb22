/** Synchronous P-ADMMiRNN in memory, round by round, with nothing of the protocol around it. */
import { contribution, scaledDual } from '../../lib/admm/contribution.ts';
import { solveSubproblem } from '../../lib/admm/subproblem.ts';
import { WeightedSum } from '../../lib/consensus/average.ts';
import { SumBuffer } from '../../lib/consensus/sumBuffer.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { initialPenalties } from '../../lib/protocol/resolve.ts';
import { type Batch, disposeBatch } from '../../lib/rnn/batch.ts';
import type { Network } from '../../lib/rnn/network.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import {
  disposeParameters,
  downloadParameters,
  type ParameterArrays,
  type ParameterSet,
  uploadParameters,
} from '../../lib/tensors/parameters.ts';

/** All parameters in one vector, in the order in which they are stored. */
export type Vector = Float32Array<ArrayBuffer>;

/** Draws the batch of a shard for a version; whoever takes it disposes of it. */
export type DrawBatch = (shard: number, version: number) => Batch;

/** What is trained: equal shards, each with a subproblem a round. */
export interface Problem {
  readonly network: Network;
  /** With the defaults that the data decide. */
  readonly config: RunConfig;
  /** z_0. */
  readonly initial: ParameterArrays;
  readonly drawBatch: DrawBatch;
}

/** Where a run stands after a round. */
export interface Position {
  /** z, against which the next duals y_i = w_i − z are made. */
  readonly consensus: Vector;
  /** z̃, from which the next subproblems are solved. */
  readonly broadcast: Vector;
  /** w_i of every shard. */
  readonly contributions: readonly Vector[];
}

/** From what a round began with and what it formed (where z̃ is z), what the next one begins with. */
export type Mix = (before: Position, formed: Position) => Position;

/** The next round begins with what the last one formed. */
export const unmixed: Mix = (_before, formed) => formed;

const flatten = (arrays: ParameterArrays): Vector =>
  Float32Array.from([...arrays.values()].flatMap(({ data }) => [...data]));

/** A vector as the network's parameters. The caller disposes of them. */
export function parametersOf({ network, initial }: Problem, values: Vector): ParameterSet {
  let start = 0;
  const cut = [...initial].map(([name, { shape, data }]) => {
    const part = values.subarray(start, start + data.length);
    start += data.length;
    return [name, { shape, data: part }] as const;
  });
  return uploadParameters(new Map(cut), parameterShapes(network.shape, network.model));
}

/** The mean of vectors that weigh the same. */
export function meanOf(vectors: readonly Vector[]): Vector {
  const sum = new WeightedSum(new SumBuffer(vectors[0]?.length ?? 0));
  for (const vector of vectors) sum.add(vector, 1);
  return Float32Array.from(sum.mean().values);
}

/** One shard's round. */
interface ShardRound {
  readonly shard: number;
  readonly version: number;
  /** α of its last step. */
  readonly stepLength: number;
  /** z̃ and z on the backend. */
  readonly broadcast: ParameterSet;
  readonly anchor: ParameterSet;
  readonly taken: Vector;
}

function solveShard(problem: Problem, { shard, version, stepLength, broadcast, anchor, taken }: ShardRound) {
  const { network, config, drawBatch } = problem;
  const penalty = initialPenalties(config);
  const last = parametersOf(problem, taken);
  const terms = { contribution: last, anchor, penaltyThen: penalty, penaltyNow: penalty };
  const dual = scaledDual(terms, config.solver.penalty);
  const batch = drawBatch(shard, version);
  const subproblem = { broadcast, dual, penalty, batch, stepLength };
  const solved = solveSubproblem(network, config.solver, subproblem);
  const { relaxation } = config.consensus;
  const w = contribution({ solution: solved.solution, broadcast, dual, relaxation });
  const values = flatten(downloadParameters(w));
  for (const set of [solved.solution, w, last, dual]) disposeParameters(set);
  disposeBatch(batch);
  return { values, stepLength: solved.stepLength };
}

/**
 * Trains without end, from duals of zero: yields the consensus variable that each round forms. No tensors are held
 * between two rounds.
 */
export function* consensusRounds(problem: Problem, mix: Mix): Generator<Vector, never> {
  const z0 = flatten(problem.initial);
  const contributions = Array.from({ length: problem.config.shards }, () => z0);
  let position: Position = { consensus: z0, broadcast: z0, contributions };
  let lengths = contributions.map(() => 1);
  for (let version = 0; ; version += 1) {
    const before = position;
    const broadcast = parametersOf(problem, before.broadcast);
    const anchor = parametersOf(problem, before.consensus);
    const answers = before.contributions.map((taken, shard) =>
      solveShard(problem, { shard, version, stepLength: lengths[shard] ?? 1, broadcast, anchor, taken }),
    );
    for (const set of [broadcast, anchor]) disposeParameters(set);
    lengths = answers.map(({ stepLength }) => stepLength);
    const formed = answers.map(({ values }) => values);
    const consensus = meanOf(formed);
    position = mix(before, { consensus, broadcast: consensus, contributions: formed });
    yield consensus;
  }
}
