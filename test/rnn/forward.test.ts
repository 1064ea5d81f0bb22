import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { computeOutputs, forward } from '../../lib/rnn/forward.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { disposeParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatter, taskShape } from '../support/tasks.ts';
import { runPlainNetwork } from './plainNetwork.ts';

const B = 3;
const oneHot = (padded: boolean): TaskShape['input'] => ({ kind: 'oneHot', vocabulary: 6, padded });

/** Sample-major inputs: features, or ids with padding before, between and after. */
function drawInputs({ input, timeSteps }: TaskShape): (number[] | number)[][] {
  if (input.kind === 'oneHot')
    return [
      [0, 0, 3, 5],
      [2, 0, 4, 0],
      [0, 0, 0, 0],
    ];
  const { features } = input;
  const at = (sample: number, t: number) => scatter(features, 31 * sample + 7 * t).map((x) => 2 * x);
  return Array.from({ length: B }, (_, sample) => Array.from({ length: timeSteps }, (_, t) => at(sample, t)));
}

const timeMajor = (inputs: (number[] | number)[][], T: number): (number[] | number)[][] =>
  Array.from({ length: T }, (_, t) => inputs.map((sample) => sample[t] ?? 0));

describeOnBackends('the forward pass agrees with a network in plain JavaScript', (backend) => {
  const shapes: [string, TaskShape][] = [
    ['dense, last step', taskShape()],
    ['dense, every step', taskShape({ readout: 'every' })],
    ['one-hot, last step', taskShape({ input: oneHot(false) })],
    ['one-hot, every step', taskShape({ input: oneHot(false), readout: 'every' })],
    ['one-hot and padded, last step', taskShape({ input: oneHot(true) })],
  ];
  for (const cell of ['tanh', 'relu'] as const) {
    for (const [title, shape] of shapes) {
      test(`${title}, ${cell}`, () => {
        const before = tf.memory().numTensors;
        const model = { cell, hiddenUnits: 7, initializer: { kind: 'gaussian', gain: 1.1 } as const };
        const drawn = drawInitialParameters(shape, { ...model, embeddingDeviation: 0.5 }, 4);
        drawn.get('b')?.data.set(scatter(7));
        const parameters = uploadParameters(drawn, parameterShapes(shape, model));
        const samples = drawInputs(shape);
        const rows = timeMajor(samples, shape.timeSteps) as number[][];
        const inputs = tf.tensor(rows, undefined, shape.input.kind === 'oneHot' ? 'int32' : 'float32');
        const outputs = computeOutputs({ backend: backend(), shape, model }, parameters, inputs);

        const paddingId = shape.input.kind === 'oneHot' && shape.input.padded ? 0 : null;
        const plain = samples.map((sample) => runPlainNetwork(drawn, cell, sample, paddingId));
        const steps = shape.readout === 'last' ? [3] : [0, 1, 2, 3];
        const expected = steps.flatMap((t) => plain.flatMap((sample) => sample[t] ?? []));
        expect(outputs.shape).toEqual([steps.length * B, 5]);
        outputs.dataSync().forEach((o, i) => {
          expect(o).toBeCloseTo(expected[i] ?? Number.NaN, 5);
        });

        outputs.dispose();
        inputs.dispose();
        disposeParameters(parameters);
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  }

  test('keeps the state of every step, from zero', () => {
    const shape = taskShape();
    const model = { cell: 'tanh', hiddenUnits: 7, initializer: { kind: 'orthogonal', gain: 1 } } as const;
    const drawn = drawInitialParameters(shape, { ...model, embeddingDeviation: 1 }, 1);
    tf.tidy(() => {
      const parameters = uploadParameters(drawn, parameterShapes(shape, model));
      const { states, top, mask } = forward(
        { backend: backend(), shape, model },
        parameters,
        tf.ones([4, B, 3]),
      );
      expect(states.map((h) => h.shape)).toEqual(Array(5).fill([B, 7]));
      expect(Math.max(...(states[0]?.dataSync() ?? [1]))).toBe(0);
      expect(top).toBe(states[4]);
      expect(mask).toBeNull();
    });
  });
});
