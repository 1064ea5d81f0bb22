/** MNIST by rows, as runs train it by default: 4 shards of batches of 250. */

import { drawBatchIndices } from '../../lib/data/draw.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import type { Metrics } from '../../lib/protocol/figures.ts';
import { resolveConfig } from '../../lib/protocol/resolve.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import type { Network } from '../../lib/rnn/network.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { disposeParameters } from '../../lib/tensors/parameters.ts';
import { PreparedData } from '../experiments/trials/preparedData.ts';
import { UploadedData } from '../experiments/trials/uploadedData.ts';
import { consensusRounds, type DrawBatch, type Problem, parametersOf } from './consensusRounds.ts';
import type { Scheme } from './schemes.ts';

/** z after whole epochs, on test data. */
export interface MnistRun {
  readonly scheme: string;
  readonly seed: number;
  readonly afterEpoch: readonly Metrics[];
  /** How often Anderson's memory was given up. */
  readonly restarts: number;
  readonly rounds: number;
}

export class Mnist {
  readonly #backend: Backend;
  readonly #data: PreparedData;

  constructor(backend: Backend, dataDirectory: string) {
    this.#backend = backend;
    this.#data = new PreparedData(dataDirectory);
  }

  /** Trains for whole epochs from the weights of a seed. */
  async train(scheme: Scheme, seed: number, epochs: number): Promise<MnistRun> {
    const config = runConfigSchema.parse({ name: 'anderson', dataset: { kind: 'mnist' }, seed });
    const prepared = await this.#data.prepare(config.dataset, 1, seed);
    const { shape } = prepared.manifest;
    const network: Network = { backend: this.#backend, shape, model: config.model };
    const data = new UploadedData(network, prepared);
    try {
      const { batchSize } = config.solver;
      const samples = Math.floor(data.training.count / config.shards);
      // Shards are spans of the one part: its samples come in no order.
      const drawBatch: DrawBatch = (shard, version) =>
        data.training.take(
          drawBatchIndices({ seed, shard, version, batchSize, samples }).map((i) => i + shard * samples),
        );
      const initial = drawInitialParameters(shape, config.model, seed);
      const problem = { network, config: resolveConfig(config, shape), initial, drawBatch };
      const rounds = Math.round((epochs * samples) / batchSize);
      return {
        scheme: scheme.name,
        seed,
        rounds,
        ...measureEpochs(problem, data, scheme, { rounds, epochs }),
      };
    } finally {
      data.dispose();
    }
  }
}

function measureEpochs(
  problem: Problem,
  data: UploadedData,
  scheme: Scheme,
  { rounds, epochs }: { readonly rounds: number; readonly epochs: number },
): Pick<MnistRun, 'afterEpoch' | 'restarts'> {
  const { mix, restarts } = scheme.start();
  const ends = Array.from({ length: epochs }, (_, i) => Math.round(((i + 1) * rounds) / epochs));
  const afterEpoch: Metrics[] = [];
  let version = 0;
  for (const z of consensusRounds(problem, mix)) {
    version += 1;
    if (ends.includes(version)) {
      const parameters = parametersOf(problem, z);
      afterEpoch.push(data.measure(parameters, 'test'));
      disposeParameters(parameters);
    }
    if (version === rounds) break;
  }
  return { afterEpoch, restarts: restarts() };
}
