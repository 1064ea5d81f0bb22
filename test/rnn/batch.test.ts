import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { disposeBatch, firstOutputs, firstSamples } from '../../lib/rnn/batch.ts';
import { computeOutputs } from '../../lib/rnn/forward.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { disposeParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatteredBatch } from '../support/batches.ts';
import { taskShape } from '../support/tasks.ts';

describeOnBackends('the first outputs of a batch', (backend) => {
  for (const readout of ['last', 'every'] as const) {
    test(`are those of its first samples, read out at ${readout}`, () => {
      const shape = taskShape({ readout });
      const model = {
        ...{ cell: 'tanh' as const, hiddenUnits: 5, embeddingDeviation: 0.5 },
        initializer: { kind: 'orthogonal', gain: 1 },
      } as const;
      const network = { backend: backend(), shape, model };
      const parameters = uploadParameters(
        drawInitialParameters(shape, model, 3),
        parameterShapes(shape, model),
      );
      const batch = scatteredBatch(shape, 7);
      const first = firstSamples(shape, batch, 3);
      tf.tidy(() => {
        const all = computeOutputs(network, parameters, batch.inputs);
        const some = firstOutputs(shape, batch, all, 3);
        const expected = computeOutputs(network, parameters, first.inputs);
        expect(some.shape).toEqual(expected.shape);
        expect(tf.max(tf.abs(tf.sub(some, expected))).dataSync()[0]).toBeLessThan(1e-6);
      });
      for (const each of [batch, first]) disposeBatch(each);
      disposeParameters(parameters);
    });
  }
});
