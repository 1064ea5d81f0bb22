import { permutation, randomStream } from './random.ts';

/** What a batch is a pure function of. */
export interface BatchDraw {
  /** `seed` of the run config. */
  readonly seed: number;
  readonly shard: number;
  /** Version of the consensus variable that the subproblem is solved from. */
  readonly version: number;
  /** B: samples of the batch. */
  readonly batchSize: number;
  /** Samples of the shard. */
  readonly samples: number;
}

/** Permutations kept: a worker solves few shards in turn, and a batch spans few epochs. */
const CACHED_PERMUTATIONS = 4;
const cache = new Map<string, Int32Array>();

function epochPermutation(seed: number, shard: number, epoch: number, samples: number): Int32Array {
  const key = `${seed}/${shard}/${epoch}/${samples}`;
  const order = cache.get(key) ?? permutation(samples, randomStream('batch', seed, shard, epoch));
  cache.delete(key);
  cache.set(key, order);
  const [oldest] = cache.keys();
  if (cache.size > CACHED_PERMUTATIONS && oldest !== undefined) cache.delete(oldest);
  return order;
}

/**
 * Indices of the samples of one batch, drawn without replacement: version v takes the positions v·B … (v+1)·B − 1 of
 * the endless row of the shard's permutations, one drawn for each epoch from (seed, shard, epoch). Every sample is
 * thus taken once an epoch, and a repeated task sees the same batch. A batch larger than the shard spans epochs.
 *
 * @returns B indices below `samples`.
 */
export function drawBatchIndices({ seed, shard, version, batchSize, samples }: BatchDraw): Int32Array {
  const batch = new Int32Array(batchSize);
  let position = version * batchSize;
  let filled = 0;
  while (filled < batchSize) {
    const epoch = Math.floor(position / samples);
    const from = position - epoch * samples;
    const taken = epochPermutation(seed, shard, epoch, samples).subarray(from, from + batchSize - filled);
    batch.set(taken, filled);
    filled += taken.length;
    position += taken.length;
  }
  return batch;
}
