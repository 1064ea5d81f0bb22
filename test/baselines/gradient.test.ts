import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { lossGradient } from '../../lib/baselines/gradient.ts';
import type { ArrayTensor } from '../../lib/codec/safetensors.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { parameterNames } from '../../lib/protocol/parameters.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { disposeParameters, type ParameterArrays, uploadParameters } from '../../lib/tensors/parameters.ts';
import { runPlainNetwork } from '../rnn/plainNetwork.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatter, taskShape } from '../support/tasks.ts';

const [B, H] = [3, 5];
const STEP = 1e-5;
const oneHot = (padded: boolean): TaskShape['input'] => ({ kind: 'oneHot', vocabulary: 6, padded });
const values: TaskShape['target'] = { kind: 'values', size: 2 };

const shapes: readonly [string, TaskShape][] = [
  ['dense, last step, classes', taskShape()],
  ['dense, every step, classes', taskShape({ readout: 'every' })],
  ['dense, last step, values', taskShape({ target: values })],
  ['dense, every step, values', taskShape({ target: values, readout: 'every' })],
  ['one-hot, last step, classes', taskShape({ input: oneHot(false) })],
  ['one-hot, every step, classes', taskShape({ input: oneHot(false), readout: 'every' })],
  ['one-hot and padded, last step, classes', taskShape({ input: oneHot(true) })],
  ['one-hot and padded, last step, values', taskShape({ input: oneHot(true), target: values })],
];

/** Inputs of each sample: rows of features, or ids with padding before, between and after; one is padding alone. */
function drawSamples({ input, timeSteps }: TaskShape): (number[] | number)[][] {
  if (input.kind === 'oneHot') {
    return [
      [0, 0, 3, 5],
      [2, 0, 4, 0],
      [0, 0, 0, 0],
    ];
  }
  const at = (sample: number, t: number) => scatter(3, 31 * sample + 7 * t).map((x) => 2 * x);
  return Array.from({ length: B }, (_, sample) => Array.from({ length: timeSteps }, (_, t) => at(sample, t)));
}

/** Targets of the supervised outputs, time first. */
function drawTargets({ target, readout, timeSteps }: TaskShape): number[][] | number[] {
  const outputs = readout === 'every' ? B * timeSteps : B;
  if (target.kind === 'classes')
    return scatter(outputs, 3).map((x) => Math.floor((x + 0.5) * target.classes));
  return Array.from({ length: outputs }, (_, i) => scatter(target.size, 5 * i));
}

/** The loss of one output in float64. */
function lossOf(output: readonly number[], target: number[] | number): number {
  if (typeof target !== 'number') {
    return output.reduce((sum, o, k) => sum + (o - (target[k] ?? Number.NaN)) ** 2 / 2, 0);
  }
  const largest = Math.max(...output);
  const normalizer = output.reduce((sum, o) => sum + Math.exp(o - largest), 0);
  return Math.log(normalizer) + largest - (output[target] ?? Number.NaN);
}

type Float64Parameters = Map<string, ArrayTensor<Float64Array<ArrayBuffer>>>;

const inFloat64 = (drawn: ParameterArrays): Float64Parameters =>
  new Map([...drawn].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]));

/** A task in plain JavaScript, in float64, and on the backend. */
function createTask(shape: TaskShape, cell: 'tanh' | 'relu') {
  const model = { cell, hiddenUnits: H, initializer: { kind: 'gaussian', gain: 1.2 } as const };
  const drawn = drawInitialParameters(shape, { ...model, embeddingDeviation: 0.7 }, 9);
  drawn.get('b')?.data.set(scatter(H));
  const samples = drawSamples(shape);
  const targets = drawTargets(shape);
  const paddingId = shape.input.kind === 'oneHot' && shape.input.padded ? 0 : null;
  const steps = shape.readout === 'every' ? [0, 1, 2, 3] : [3];
  const plainLoss = (parameters: Float64Parameters): number => {
    const outputs = samples.map((sample) => runPlainNetwork(parameters, cell, sample, paddingId));
    const rows = steps.flatMap((t) => outputs.map((sample) => sample[t] ?? []));
    return rows.reduce((sum, row, i) => sum + lossOf(row, targets[i] ?? []), 0) / rows.length;
  };
  const timeMajor = Array.from({ length: 4 }, (_, t) => samples.map((sample) => sample[t] ?? 0));
  const isOneHot = shape.input.kind === 'oneHot';
  const leading = shape.readout === 'every' ? [4, B] : [B];
  const batch = {
    inputs: tf.tensor(timeMajor as number[][], undefined, isOneHot ? 'int32' : 'float32'),
    targets:
      shape.target.kind === 'classes'
        ? tf.tensor(targets as number[], leading, 'int32')
        : tf.tensor(targets.flat(), [...leading, shape.target.size]),
  };
  return { model, drawn, plainLoss, batch };
}

describeOnBackends('the gradient is that of finite differences in float64', (backend) => {
  for (const cell of ['tanh', 'relu'] as const) {
    for (const [title, shape] of shapes) {
      test(`${title}, ${cell}`, () => {
        const before = tf.memory().numTensors;
        const { model, drawn, plainLoss, batch } = createTask(shape, cell);
        const parameters = uploadParameters(drawn, parameterShapes(shape, model));
        const { gradient, loss } = lossGradient({ backend: backend(), shape, model }, parameters, batch);
        const plain = inFloat64(drawn);
        expect(loss).toBeCloseTo(plainLoss(plain), 5);
        for (const name of parameterNames) {
          const computed = gradient[name].dataSync();
          const data = plain.get(name)?.data ?? new Float64Array();
          expect(computed).toHaveLength(data.length);
          data.forEach((value, i) => {
            data[i] = value + STEP;
            const above = plainLoss(plain);
            data[i] = value - STEP;
            const below = plainLoss(plain);
            data[i] = value;
            const difference = (above - below) / (2 * STEP);
            expect(Math.abs((computed[i] ?? Number.NaN) - difference), `${name}[${i}]`).toBeLessThan(2e-6);
          });
        }
        disposeParameters(gradient);
        disposeParameters(parameters);
        tf.dispose([batch.inputs, batch.targets]);
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  }
});

describeOnBackends('the accuracy', (backend) => {
  /** Of a readout that always answers the class of the first output. */
  function accuracyOfConstant(shape: TaskShape) {
    const { model, drawn, batch } = createTask(shape, 'tanh');
    const targets = [...batch.targets.dataSync()];
    let accuracy: number | null = null;
    tf.tidy(() => {
      const parameters = uploadParameters(drawn, parameterShapes(shape, model));
      const c = tf.tensor1d(
        parameters.c.shape[0] === 2 ? [0, 0] : [0, 1, 2, 3, 4].map((k) => (k === targets[0] ? 100 : 0)),
      );
      accuracy = lossGradient({ backend: backend(), shape, model }, { ...parameters, c }, batch).accuracy;
    });
    tf.dispose([batch.inputs, batch.targets]);
    return { accuracy, share: targets.filter((target) => target === targets[0]).length / targets.length };
  }

  test.each(shapes)('is the share of right answers, null for values: %s', (_title, shape) => {
    const { accuracy, share } = accuracyOfConstant(shape);
    expect(accuracy).toBe(shape.target.kind === 'values' ? null : share);
  });
});
