/** A part of the dataset on the backend, and batches taken from it. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { DecodedPart } from '../data/part.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import type { Batch } from '../rnn/batch.ts';
import type { Network } from '../rnn/network.ts';
import type { Held } from './byteCache.ts';

/** All samples of a part, time-major, inputs scaled: the layout of a batch with B the number of samples. */
export interface PartTensors extends Batch {
  readonly samples: number;
}

type Tf = Network['backend']['tf'];

/** Axis of the samples: the second where time comes first. */
const targetAxis = (shape: TaskShape): 0 | 1 => (shape.readout === 'every' ? 1 : 0);

function inputTensor(tf: Tf, { input, timeSteps }: TaskShape, { inputs, samples }: DecodedPart): Tensor {
  if (input.kind === 'oneHot') {
    return tf.transpose(tf.tensor(Int32Array.from(inputs), [samples, timeSteps], 'int32'));
  }
  // The copy belongs to the tensor alone: a tensor may share its array's memory.
  const stored = tf.tensor(Float32Array.from(inputs), [samples, timeSteps, input.features], 'float32');
  return tf.mul(tf.transpose(stored, [1, 0, 2]), input.scale);
}

function targetTensor(tf: Tf, shape: TaskShape, { targets, samples }: DecodedPart): Tensor {
  const { target, timeSteps } = shape;
  const perStep = shape.readout === 'every';
  const lead = perStep ? [samples, timeSteps] : [samples];
  const stored =
    target.kind === 'classes'
      ? tf.tensor(Int32Array.from(targets), lead, 'int32')
      : tf.tensor(Float32Array.from(targets), [...lead, target.size], 'float32');
  if (!perStep) return stored;
  return tf.transpose(stored, target.kind === 'classes' ? [1, 0] : [1, 0, 2]);
}

/** Puts a decoded part on the backend. */
export function uploadPart({ backend, shape }: Network, part: DecodedPart): Held<PartTensors> {
  const { tf } = backend;
  const inputs = tf.tidy(() => inputTensor(tf, shape, part));
  const targets = tf.tidy(() => targetTensor(tf, shape, part));
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
