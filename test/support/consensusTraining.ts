/** Synchronous P-ADMMiRNN in memory, with the defaults of a run config and nothing of the protocol around it. */
import {
  consensusRounds,
  type DrawBatch,
  type Problem,
  parametersOf,
} from '../../bench/anderson/consensusRounds.ts';
import { momentum } from '../../bench/anderson/schemes.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { momentumOf, resolveConfig } from '../../lib/protocol/resolve.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import type { Network } from '../../lib/rnn/network.ts';
import type { ParameterSet } from '../../lib/tensors/parameters.ts';

/** Four shards that train a network by the defaults, from weights `weightFactor` times as large as those drawn. */
export function defaultProblem(network: Network, drawBatch: DrawBatch, weightFactor = 1): Problem {
  const { shape, model } = network;
  const parsed = runConfigSchema.parse({ name: 'a', dataset: { kind: 'digits' } });
  const config = resolveConfig(parsed, shape);
  const drawn = drawInitialParameters(shape, { ...config.model, hiddenUnits: model.hiddenUnits }, 1);
  const initial = new Map(
    [...drawn].map(([name, { shape: size, data }]) => {
      return [name, { shape: size, data: data.map((value) => weightFactor * value) }] as const;
    }),
  );
  return { network, config, initial, drawBatch };
}

/** z after `rounds` rounds, at least one. The caller disposes of it. */
export function trainByConsensus(problem: Problem, rounds: number): ParameterSet {
  const { mix } = momentum(momentumOf(problem.config)).start();
  const run = consensusRounds(problem, mix);
  let z = run.next().value;
  for (let version = 1; version < rounds; version += 1) z = run.next().value;
  return parametersOf(problem, z);
}
