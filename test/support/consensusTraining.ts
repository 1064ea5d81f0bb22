/** Synchronous P-ADMMiRNN in memory, with the defaults of a run config and nothing of the protocol around it. */
import { contribution, scaledDual } from '../../lib/admm/contribution.ts';
import { solveSubproblem } from '../../lib/admm/subproblem.ts';
import { WeightedSum } from '../../lib/consensus/average.ts';
import { extrapolate } from '../../lib/consensus/momentum.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { initialPenalties, resolveConfig } from '../../lib/protocol/resolve.ts';
import { type Batch, disposeBatch } from '../../lib/rnn/batch.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import type { Network } from '../../lib/rnn/network.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import {
  disposeParameters,
  downloadParameters,
  type ParameterArrays,
  type ParameterSet,
  uploadParameters,
} from '../../lib/tensors/parameters.ts';

const SHARDS = 4;

/** Draws the batch of a shard for a version; whoever takes it disposes of it. */
export type DrawBatch = (shard: number, version: number) => Batch;

const flatten = (arrays: ParameterArrays): Float32Array<ArrayBuffer> =>
  Float32Array.from([...arrays.values()].flatMap(({ data }) => [...data]));

/** z after `rounds` rounds over four shards. The caller disposes of it. */
export function trainByConsensus(network: Network, drawBatch: DrawBatch, rounds: number): ParameterSet {
  const { shape, model } = network;
  const parsed = runConfigSchema.parse({ name: 'a', dataset: { kind: 'digits' } });
  const config = resolveConfig(parsed, shape);
  const penalty = initialPenalties(config);
  const shapes = parameterShapes(shape, model);
  const initial = drawInitialParameters(shape, { ...config.model, hiddenUnits: model.hiddenUnits }, 1);
  const upload = (values: Float32Array): ParameterSet => {
    let start = 0;
    const cut = [...initial].map(([name, { shape: size, data }]) => {
      const part = values.slice(start, start + data.length);
      start += data.length;
      return [name, { shape: size, data: part }] as const;
    });
    return uploadParameters(new Map(cut), shapes);
  };
  let z = flatten(initial);
  let [broadcast, previous]: [typeof z, typeof z | null] = [z, null];
  const taken: (Float32Array<ArrayBuffer> | null)[] = Array.from({ length: SHARDS }, () => null);
  const lengths = Array.from({ length: SHARDS }, () => 1);
  for (let version = 0; version < rounds; version += 1) {
    const [from, anchor] = [upload(broadcast), upload(z)];
    const sum = new WeightedSum(z.length);
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const earlier = taken[shard] ?? null;
      const last = earlier && upload(earlier);
      const terms = { anchor, penaltyThen: penalty, penaltyNow: penalty };
      const dual = last && scaledDual({ contribution: last, ...terms }, config.solver.penalty);
      const [batch, probe] = [drawBatch(shard, version), drawBatch(shard, version + 1)];
      const stepLength = lengths[shard] ?? 1;
      const problem = { broadcast: from, dual, penalty, batch, probe, stepLength };
      const { solution, stepLength: next } = solveSubproblem(network, config.solver, problem);
      lengths[shard] = next;
      const w = contribution({ solution, broadcast: from, dual, relaxation: 1 });
      const values = flatten(downloadParameters(w));
      taken[shard] = values;
      sum.add(values, 1);
      for (const set of [solution, w, last, dual]) if (set) disposeParameters(set);
      for (const each of [batch, probe]) disposeBatch(each);
    }
    for (const set of [from, anchor]) disposeParameters(set);
    z = sum.average();
    const next = extrapolate(z, broadcast, previous, config.consensus.momentum);
    [previous, broadcast] = [broadcast, next];
  }
  return upload(z);
}
