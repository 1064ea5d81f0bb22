/** What a pass of the network copies from JavaScript: on a GPU that takes as long as the pass itself. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { forward } from '../../lib/rnn/forward.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { disposeParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { taskShape } from '../support/tasks.ts';

type CreateTensor = (shape: number[], type: number, values: ArrayLike<number>) => number;

/** Sizes of what tfjs-node copies to its backend in some work. */
function uploadedBy(work: () => void): number[] {
  const holder = tf.backend() as unknown as { binding: { readonly createTensor: CreateTensor } };
  const { binding } = holder;
  const sizes: number[] = [];
  const createTensor: CreateTensor = (shape, type, values) => {
    sizes.push(values.length);
    return binding.createTensor(shape, type, values);
  };
  // The binding's own properties cannot be replaced.
  holder.binding = Object.create(binding, { createTensor: { value: createTensor } });
  try {
    work();
  } finally {
    holder.binding = binding;
  }
  return sizes;
}

describeOnBackends(
  'a forward pass',
  (backend) => {
    test('copies nothing of the size of a batch', () => {
      const [shape, B] = [taskShape(), 100];
      const model = { cell: 'tanh', hiddenUnits: 7 } as const;
      const network = { backend: backend(), shape, model };
      const initial = {
        ...model,
        initializer: { kind: 'gaussian', gain: 1 } as const,
        embeddingDeviation: 0.5,
      };
      const drawn = drawInitialParameters(shape, initial, 4);
      const parameters = uploadParameters(drawn, parameterShapes(shape, model));
      const { timeSteps, input } = shape;
      const inputs = tf.randomNormal([timeSteps, B, input.kind === 'dense' ? input.features : 1]);
      const pass = () => tf.tidy(() => forward(network, parameters, inputs).outputs.sum().dataSync());
      // Inputs and parameters are copied when they are first used.
      pass();
      const sizes = uploadedBy(pass);
      expect(sizes.length).toBeGreaterThan(0);
      expect(Math.max(...sizes)).toBeLessThan(B);
      inputs.dispose();
      disposeParameters(parameters);
    });
  },
  ['tensorflow'],
);
