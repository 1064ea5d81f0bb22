import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { Batch } from '../../lib/rnn/batch.ts';
import { evaluate } from '../../lib/rnn/evaluate.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { sumLoss, targetRows } from '../../lib/rnn/loss.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { disposeParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatter, taskShape } from '../support/tasks.ts';

describeOnBackends('the loss', () => {
  test('of classes is the mean negative log probability, also of extreme logits', () => {
    const rows = [
      [1, 2, 3, 0, 0],
      [300, -300, 0, 0, 0],
    ];
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const targets = targetRows(taskShape(), tf.tensor1d([2, 1], 'int32'));
      const { loss, correct, outputs } = sumLoss(taskShape(), tf.tensor2d(rows), targets);
      const first = Math.log(Math.E + Math.E ** 2 + Math.E ** 3 + 2) - 3;
      expect(loss).toBeCloseTo(first + 600, 3);
      expect([correct, outputs]).toEqual([1, 2]);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('of values is half the squared error', () => {
    const shape = taskShape({ target: { kind: 'values', size: 2 } });
    const { loss, correct } = tf.tidy(() => {
      const targets = targetRows(shape, tf.tensor3d([[[1, 2]], [[0, 0]]]));
      const sums = sumLoss(
        shape,
        tf.tensor2d([
          [2, 4],
          [0, 3],
        ]),
        targets,
      );
      return { loss: sums.loss, correct: sums.correct === null ? 'null' : sums.correct };
    });
    expect(loss).toBeCloseTo((1 + 4 + 9) / 2, 5);
    expect(correct).toBe('null');
  });
});

describeOnBackends('an evaluation', (backend) => {
  for (const readout of ['last', 'every'] as const) {
    test(`in chunks of any size gives the same figures, read out at ${readout}`, () => {
      const before = tf.memory().numTensors;
      const shape = taskShape({ readout });
      const model = { cell: 'tanh', hiddenUnits: 6, initializer: { kind: 'orthogonal', gain: 1 } } as const;
      const drawn = drawInitialParameters(shape, { ...model, embeddingDeviation: 1 }, 2);
      const parameters = uploadParameters(drawn, parameterShapes(shape, model));
      const network = { backend: backend(), shape, model };
      const [T, n, N] = [4, 3, 10];
      const inputs = tf.tensor(scatter(T * N * n), [T, N, n]);
      const labels = scatter(T * N, 5).map((x) => Math.floor((x + 0.5) * 5));
      const targets = tf.tensor(labels, [T, N], 'int32');
      const chunk = (from: number, size: number): Batch => ({
        inputs: tf.slice(inputs, [0, from, 0], [T, size, n]),
        targets:
          readout === 'every'
            ? tf.slice(targets, [0, from], [T, size])
            : tf.tidy(() => tf.reshape(tf.slice(targets, [0, from], [1, size]), [size])),
      });
      const whole = evaluate(network, parameters, [chunk(0, N)]);
      const parts = evaluate(network, parameters, [chunk(0, 7), chunk(7, 1), chunk(8, 2)]);
      expect(parts.samples).toBe(N);
      expect(parts.loss).toBeCloseTo(whole.loss, 5);
      expect(parts.accuracy).toBe(whole.accuracy);
      expect(whole.loss).toBeGreaterThan(0.5);
      for (const tensor of [inputs, targets]) tensor.dispose();
      disposeParameters(parameters);
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});
