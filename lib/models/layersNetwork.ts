/** A model as layers of TF.js. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers, type Sequential, sequential } from '@tensorflow/tfjs-layers';
import type { ParameterName } from '../protocol/parameters.ts';
import { inputSize, isPadded, outputSize } from '../rnn/shape.ts';
import type { Backend } from '../tensors/backend.ts';
import type { Model } from './model.ts';

/**
 * Weights are set after the layers are made, here and wherever the model is loaded: drawing them first would take long
 * (the default draws an orthogonal matrix) for nothing.
 */
const UNSET = 'zeros';

type Layer = InstanceType<typeof layers.Layer>;

/** Embedding first where inputs are ids: its rows are those of U, so that the cell's own kernel is the identity. */
function inputLayers({ shape, config }: Model): Layer[] {
  if (shape.input.kind === 'dense') return [];
  return [
    layers.embedding({
      name: 'embedding',
      inputDim: inputSize(shape),
      outputDim: config.hiddenUnits,
      embeddingsInitializer: UNSET,
      inputLength: shape.timeSteps,
      // Id 0 is no step at all: the state stays as it was, which is what a mask does to SimpleRNN.
      maskZero: isPadded(shape),
    }),
  ];
}

function cellLayer({ shape, config }: Model): Layer {
  const { input, timeSteps } = shape;
  return layers.simpleRNN({
    name: 'recurrent',
    units: config.hiddenUnits,
    activation: config.cell,
    kernelInitializer: UNSET,
    recurrentInitializer: UNSET,
    returnSequences: shape.readout === 'every',
    ...(input.kind === 'dense' && { inputShape: [timeSteps, input.features] }),
  });
}

function readoutLayer({ shape }: Model): Layer {
  const dense = layers.dense({
    name: 'readout',
    units: outputSize(shape),
    activation: shape.target.kind === 'classes' ? 'softmax' : 'linear',
    kernelInitializer: UNSET,
  });
  return shape.readout === 'every' ? layers.timeDistributed({ name: 'readouts', layer: dense }) : dense;
}

/** Weights in the order of the layers. */
function weightsOf({ shape, config, parameters }: Model, { tf }: Backend): Tensor[] {
  const tensor = (name: ParameterName): Tensor => {
    const { shape: sizes = [], data = [] } = parameters.get(name) ?? {};
    return tf.tensor(Float32Array.from(data), [...sizes], 'float32');
  };
  const rest = (['W', 'b', 'V', 'c'] as const).map(tensor);
  if (shape.input.kind === 'oneHot') return [tensor('U'), tf.eye(config.hiddenUnits), ...rest];
  return [tf.mul(tensor('U'), shape.input.scale), ...rest];
}

/**
 * Builds SimpleRNN and Dense layers that predict what the trained network does, from inputs as the dataset stores them:
 * a dense input's scale is multiplied into the kernel, ids go through an Embedding (with a mask where they are padded).
 * Classes come out as probabilities (softmax), values as they are (linear); with a readout at every step the Dense layer
 * is TimeDistributed. The caller disposes of it.
 */
export function buildLayers(model: Model, backend: Backend): Sequential {
  const network = sequential({ layers: [...inputLayers(model), cellLayer(model), readoutLayer(model)] });
  backend.tf.tidy(() => network.setWeights(weightsOf(model, backend)));
  return network;
}
