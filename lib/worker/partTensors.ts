/** A part of the dataset on the backend, and batches taken from it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { DecodedPart } from '../data/part.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import type { Batch } from '../rnn/batch.ts';
import type { Network } from '../rnn/network.ts';
import { uploadInputs, uploadTargets } from '../rnn/sampleTensors.ts';
import type { Held } from './byteCache.ts';

/** All samples of a part, time-major, inputs scaled: the layout of a batch with B the number of samples. */
export interface PartTensors extends Batch {
  readonly samples: number;
}

/** Axis of the samples: the second where time comes first. */
const targetAxis = (shape: TaskShape): 0 | 1 => (shape.readout === 'every' ? 1 : 0);

/** Puts a decoded part on the backend. */
export function uploadPart(network: Network, part: DecodedPart): Held<PartTensors> {
  const inputs = uploadInputs(network, part.inputs, part.samples);
  const targets = uploadTargets(network, part.targets, part.samples);
  return {
    value: { inputs, targets, samples: part.samples },
    sizeBytes: (inputs.size + targets.size) * Float32Array.BYTES_PER_ELEMENT,
    release() {
      inputs.dispose();
      targets.dispose();
    },
  };
}

/** The samples at `indices` as a batch; whoever takes it disposes of it. */
export function gatherBatch({ backend, shape }: Network, part: PartTensors, indices: Int32Array): Batch {
  const { tf } = backend;
  return tf.tidy(() => {
    const rows = tf.tensor1d(indices.slice(), 'int32');
    return {
      inputs: tf.gather(part.inputs, rows, 1),
      targets: tf.gather(part.targets, rows, targetAxis(shape)),
    };
  });
}

/** All samples in order, at most `chunkSamples` in a batch; each is disposed of by who takes it. */
export function* chunksOf(network: Network, part: PartTensors, chunkSamples: number): Generator<Batch> {
  const { tf } = network.backend;
  const slice = (tensor: Tensor, axis: number, start: number, size: number): Tensor => {
    const begin = tensor.shape.map((_, i) => (i === axis ? start : 0));
    return tf.slice(
      tensor,
      begin,
      tensor.shape.map((whole, i) => (i === axis ? size : whole)),
    );
  };
  for (let start = 0; start < part.samples; start += chunkSamples) {
    const size = Math.min(chunkSamples, part.samples - start);
    const targets = slice(part.targets, targetAxis(network.shape), start, size);
    yield { inputs: slice(part.inputs, 1, start, size), targets };
  }
}
