/** A prepared dataset on the backend, for methods that train in one place. */

import type { TrainingSamples } from '../../../lib/baselines/train.ts';
import { type DecodedPart, decodePart } from '../../../lib/data/part.ts';
import type { PreparedDataset } from '../../../lib/data/prepare.ts';
import type { Part } from '../../../lib/protocol/dataset.ts';
import type { Metrics } from '../../../lib/protocol/figures.ts';
import { datasetKeys, type SplitName } from '../../../lib/protocol/keys.ts';
import { evaluate } from '../../../lib/rnn/evaluate.ts';
import type { Network } from '../../../lib/rnn/network.ts';
import type { ParameterSet } from '../../../lib/tensors/parameters.ts';
import type { Held } from '../../../lib/worker/byteCache.ts';
import { chunksOf, gatherBatch, type PartTensors, uploadPart } from '../../../lib/worker/partTensors.ts';

/** Samples in one forward pass of a measurement, as in the workers. */
const MEASURED_AT_ONCE = 1000;

/** The part of one shard, or all of another split, as a worker would decode it. */
function decode({ manifest, parts }: PreparedDataset, split: SplitName): DecodedPart {
  const key = datasetKeys(manifest.digest).part(split, 0);
  const part: Part | undefined = split === 'train' ? manifest.train[0] : manifest[split];
  for (const encoded of parts) {
    if (encoded.key === key && part) return decodePart(encoded.bytes, part, manifest.shape, key);
  }
  throw new Error(`prepared dataset: expected a part ${key}, received none`);
}

/** Training, validation and test data of a dataset prepared for one shard; each is uploaded when it is first used. */
export class UploadedData {
  readonly #network: Network;
  readonly #prepared: PreparedDataset;
  readonly #parts = new Map<SplitName, Held<PartTensors>>();

  constructor(network: Network, prepared: PreparedDataset) {
    this.#network = network;
    this.#prepared = prepared;
  }

  #part(split: SplitName): PartTensors {
    const held = this.#parts.get(split) ?? uploadPart(this.#network, decode(this.#prepared, split));
    this.#parts.set(split, held);
    return held.value;
  }

  get training(): TrainingSamples {
    const part = this.#part('train');
    return { count: part.samples, take: (indices) => gatherBatch(this.#network, part, indices) };
  }

  measure(parameters: ParameterSet, split: 'validation' | 'test'): Metrics {
    return evaluate(this.#network, parameters, chunksOf(this.#network, this.#part(split), MEASURED_AT_ONCE));
  }

  /** Frees all tensors. */
  dispose(): void {
    for (const part of this.#parts.values()) part.release();
    this.#parts.clear();
  }
}
