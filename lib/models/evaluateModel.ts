import type { DecodedPart } from '../data/part.ts';
import type { Metrics } from '../protocol/figures.ts';
import type { Batch } from '../rnn/batch.ts';
import { evaluate } from '../rnn/evaluate.ts';
import type { Network } from '../rnn/network.ts';
import { uploadInputs, uploadTargets } from '../rnn/sampleTensors.ts';
import type { Backend } from '../tensors/backend.ts';
import type { Model } from './model.ts';
import { chunksOfRows } from './rowChunks.ts';
import { withParameters } from './withParameters.ts';

function* batchesOf(network: Network, { inputs, targets, samples }: DecodedPart): Generator<Batch> {
  for (const { count, rowsOf } of chunksOfRows(samples)) {
    yield {
      inputs: uploadInputs(network, rowsOf(inputs), count),
      targets: uploadTargets(network, rowsOf(targets), count),
    };
  }
}

/**
 * Mean loss and accuracy of a model on a part of a dataset, as the workers measure them.
 *
 * @param part of the model's shape; `decodePart` checks it.
 * @throws IntegrityError where parameters are not of the model's shape.
 */
export function evaluateModel(model: Model, part: DecodedPart, backend: Backend): Metrics {
  return withParameters(model, backend, (network, parameters) =>
    evaluate(network, parameters, batchesOf(network, part)),
  );
}
