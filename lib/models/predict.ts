import type { Tensor } from '@tensorflow/tfjs-core';
import type { InputArray } from '../data/samples.ts';
import { computeOutputs } from '../rnn/forward.ts';
import type { Network } from '../rnn/network.ts';
import { uploadInputs } from '../rnn/sampleTensors.ts';
import { outputSize } from '../rnn/shape.ts';
import type { Backend } from '../tensors/backend.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import type { Model } from './model.ts';
import { chunksOfRows } from './rowChunks.ts';
import { withParameters } from './withParameters.ts';

/** Samples to predict for, in the stored form of the model's `TaskShape`. */
export interface PredictionInputs {
  /** (samples, T, n) values before scaling, or (samples, T) ids. */
  readonly inputs: InputArray;
  readonly samples: number;
}

/** What the network says of each sample. */
export interface Predictions {
  /** (samples, K) or, read out at every step, (samples, T, K). */
  readonly shape: readonly number[];
  /** Probabilities of the classes, or the values themselves. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** Outputs of one chunk, sample-major: (B, K) or (B, T, K). */
function outputsOf(network: Network, parameters: ParameterSet, inputs: InputArray, count: number): Tensor {
  const { backend, shape } = network;
  const { tf } = backend;
  return tf.tidy(() => {
    const outputs = computeOutputs(network, parameters, uploadInputs(network, inputs, count));
    const answers = shape.target.kind === 'classes' ? tf.softmax(outputs) : outputs;
    if (shape.readout === 'last') return answers;
    return tf.transpose(tf.reshape(answers, [shape.timeSteps, count, outputSize(shape)]), [1, 0, 2]);
  });
}

/**
 * Predicts: probabilities for classes (softmax of the outputs), the outputs themselves for values.
 *
 * @throws IntegrityError where parameters are not of the model's shape.
 */
export function predict(model: Model, { inputs, samples }: PredictionInputs, backend: Backend): Predictions {
  const { shape } = model;
  const steps = shape.readout === 'every' ? [shape.timeSteps] : [];
  const dimensions = [samples, ...steps, outputSize(shape)];
  const data = new Float32Array(dimensions.reduce((a, b) => a * b, 1));
  withParameters(model, backend, (network, parameters) => {
    for (const { count, rowsOf } of chunksOfRows(samples)) {
      const answers = outputsOf(network, parameters, rowsOf(inputs), count);
      rowsOf(data).set(answers.dataSync<'float32'>());
      answers.dispose();
    }
  });
  return { shape: dimensions, data };
}
