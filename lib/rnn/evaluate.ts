import * as tf from '@tensorflow/tfjs-core';
import type { Metrics } from '../protocol/figures.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import { type Batch, batchSamples, disposeBatch } from './batch.ts';
import { computeOutputs } from './forward.ts';
import { sumLoss, targetRows } from './loss.ts';
import type { Network } from './network.ts';

/**
 * Mean loss and accuracy over batches, every supervised output weighing the same whatever batch it lies in.
 *
 * @param batches are drawn one by one, and each is disposed of once it is counted.
 */
export function evaluate(network: Network, parameters: ParameterSet, batches: Iterable<Batch>): Metrics {
  let [loss, correct, outputs, samples] = [0, 0, 0, 0];
  for (const batch of batches) {
    tf.tidy(() => {
      const logits = computeOutputs(network, parameters, batch.inputs);
      const sums = sumLoss(network.shape, logits, targetRows(network.shape, batch.targets));
      loss += sums.loss;
      correct += sums.correct ?? 0;
      outputs += sums.outputs;
    });
    samples += batchSamples(batch);
    disposeBatch(batch);
  }
  const accuracy = network.shape.target.kind === 'classes' ? correct / outputs : null;
  return { loss: loss / outputs, accuracy, samples };
}
