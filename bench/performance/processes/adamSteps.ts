import { trainBaseline } from '../../../lib/baselines/train.ts';
import { gatherBatch } from '../../../lib/worker/partTensors.ts';
import { type DigitsShard, SEED } from './digitsShard.ts';

const LEARNING_RATE = 1e-3;

/** Steps of Adam by back-propagation, without end; yields the samples of each. */
export function* takeAdamSteps(
  { network, part, initial }: DigitsShard,
  batchSize: number,
): Generator<number, never, undefined> {
  const samples = {
    count: part.samples,
    take: (indices: Int32Array) => gatherBatch(network, part, indices),
  };
  const options = {
    optimizer: { method: 'adam', learningRate: LEARNING_RATE },
    ...{ batchSize, clipNorm: null, seed: SEED },
  } as const;
  for (const _ of trainBaseline(network, initial, samples, options)) yield batchSize;
  throw new Error('expected training without end');
}
