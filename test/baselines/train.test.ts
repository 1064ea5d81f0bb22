import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { type BaselineOptions, trainBaseline } from '../../lib/baselines/train.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { NumericalError } from '../../lib/tensors/numericalError.ts';
import { disposeParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatter, taskShape } from '../support/tasks.ts';

const SAMPLES = 40;
const shape = taskShape({ target: { kind: 'classes', classes: 2 } });
const model = { cell: 'tanh', hiddenUnits: 6, initializer: { kind: 'orthogonal', gain: 1 } } as const;
const options: BaselineOptions = {
  optimizer: { method: 'adam', learningRate: 0.05 },
  batchSize: 10,
  clipNorm: 1,
  seed: 3,
};

/** Sequences of numbers whose class is the sign of their first feature's sum. */
const sequences = Array.from({ length: SAMPLES }, (_, i) => scatter(4 * 3, 12 * i));
const labels = sequences.map((x) =>
  x.reduce((sum, value, j) => (j % 3 === 0 ? sum + value : sum), 0) > 0 ? 1 : 0,
);

const taken: number[][] = [];
const samples = {
  count: SAMPLES,
  take(indices: Int32Array) {
    taken.push([...indices]);
    const rows = [...indices].map((i) => sequences[i] ?? []);
    return {
      inputs: tf.tidy(() => tf.transpose(tf.tensor(rows.flat(), [indices.length, 4, 3]), [1, 0, 2])),
      targets: tf.tensor1d(
        [...indices].map((i) => labels[i] ?? 0),
        'int32',
      ),
    };
  },
};

/** Takes so many steps and answers what `last` makes of the last one. */
function train<R>(
  backend: Backend,
  steps: number,
  changed: Partial<BaselineOptions>,
  last: (step: { loss: number; W: readonly number[]; gradientNorm: number; samplesSeen: number }) => R,
): R {
  const drawn = drawInitialParameters(shape, { ...model, embeddingDeviation: 1 }, 1);
  const initial = uploadParameters(drawn, parameterShapes(shape, model));
  taken.length = 0;
  try {
    for (const at of trainBaseline({ backend, shape, model }, initial, samples, { ...options, ...changed })) {
      const { step, loss, gradientNorm, samplesSeen } = at;
      if (step === steps)
        return last({ loss, gradientNorm, samplesSeen, W: [...at.parameters.W.dataSync()] });
    }
    throw new Error('a baseline trains without end');
  } finally {
    disposeParameters(initial);
  }
}

describeOnBackends('a baseline', (backend) => {
  test('learns, and sees every sample once an epoch', () => {
    const before = tf.memory().numTensors;
    const first = train(backend(), 1, {}, ({ loss }) => loss);
    const last = train(backend(), 80, {}, (step) => step);
    expect(last.samplesSeen).toBe(800);
    expect(last.loss).toBeLessThan(first / 4);
    const everySample = Array.from({ length: SAMPLES }, (_, i) => i);
    expect(
      taken
        .slice(0, 4)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(everySample);
    expect(
      taken
        .slice(4, 8)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(everySample);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('is a function of its seed', () => {
    const weights = (seed: number) => train(backend(), 5, { seed }, ({ W }) => W);
    expect(weights(3)).toEqual(weights(3));
    expect(weights(4)).not.toEqual(weights(3));
  });

  test('is held by clipping, and reports the norm before it', () => {
    const sgd = { method: 'sgd', learningRate: 1 } as const;
    const start = train(backend(), 1, { optimizer: { ...sgd, learningRate: 1e-12 } }, ({ W }) => W);
    const clipped = train(backend(), 1, { optimizer: sgd, clipNorm: 1e-3 }, (step) => step);
    const moved = Math.hypot(...clipped.W.map((w, i) => w - (start[i] ?? Number.NaN)));
    expect(clipped.gradientNorm).toBeGreaterThan(0.1);
    expect(moved).toBeLessThan(1.001e-3);
  });

  test('that diverges says so, and frees what it held', () => {
    const before = tf.memory().numTensors;
    const optimizer = { method: 'sgd', learningRate: 1e38 } as const;
    expect(() => train(backend(), 20, { optimizer, clipNorm: null }, (step) => step)).toThrow(NumericalError);
    expect(tf.memory().numTensors).toBe(before);
  });
});
