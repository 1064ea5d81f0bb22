import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { clipByGlobalNorm } from '../../lib/baselines/clipping.ts';
import { Optimizer } from '../../lib/baselines/optimizer.ts';
import { type MethodName, methodNames } from '../../lib/baselines/rules.ts';
import { disposeParameters, mapParameters, type ParameterSet } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatter } from '../support/tasks.ts';

const SIZE = 6;
const STEPS = 4;
const learningRate = 0.03;
const initial = scatter(SIZE);
/** Gradients of some steps: large, small and zero ones, of either sign. */
const gradients = Array.from({ length: STEPS }, (_, t) =>
  scatter(SIZE, 11 * t + 1).map((x, i) => (i === 0 ? 0 : x * 10 ** (i - 3))),
);

type Method = (values: number[], gradient: readonly number[], t: number) => number[];

/** The recurrences as the papers state them, with Keras' constants, in float64. */
function recurrence(method: MethodName): Method {
  const first = Array<number>(SIZE).fill(method === 'adagrad' ? 0.1 : 0);
  const second = Array<number>(SIZE).fill(0);
  const stepOf = (i: number, g: number, t: number): number => {
    const [m = 0, v = 0] = [first[i], second[i]];
    switch (method) {
      case 'sgd':
        return learningRate * g;
      case 'momentum':
        first[i] = 0.9 * m + g;
        return learningRate * (first[i] ?? 0);
      case 'adagrad':
        first[i] = m + g * g;
        return (learningRate * g) / Math.sqrt((first[i] ?? 0) + 1e-7);
      case 'rmsprop':
        first[i] = 0.9 * m + 0.1 * g * g;
        return (learningRate * g) / Math.sqrt((first[i] ?? 0) + 1e-7);
      case 'adam': {
        first[i] = 0.9 * m + 0.1 * g;
        second[i] = 0.999 * v + 0.001 * g * g;
        const [mHat, vHat] = [(first[i] ?? 0) / (1 - 0.9 ** t), (second[i] ?? 0) / (1 - 0.999 ** t)];
        return (learningRate * mHat) / (Math.sqrt(vHat) + 1e-7);
      }
    }
  };
  return (values, gradient, t) => values.map((value, i) => value - stepOf(i, gradient[i] ?? 0, t));
}

/** The optimizers that TensorFlow.js itself has. */
const independent: Record<MethodName, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(learningRate),
  momentum: () => tf.train.momentum(learningRate, 0.9),
  adagrad: () => tf.train.adagrad(learningRate, 0.1),
  rmsprop: () => tf.train.rmsprop(learningRate, 0.9, 0, 1e-7),
  adam: () => tf.train.adam(learningRate, 0.9, 0.999, 1e-7),
};

const same = (values: readonly number[]): ParameterSet => mapParameters(() => tf.tensor1d([...values]));

describeOnBackends('an optimizer', () => {
  for (const method of methodNames) {
    test(`follows the recurrence of ${method}`, () => {
      const before = tf.memory().numTensors;
      const start = same(initial);
      const optimizer = new Optimizer({ method, learningRate }, start);
      const next = recurrence(method);
      let expected = [...initial];
      gradients.forEach((gradient, t) => {
        const set = same(gradient);
        optimizer.step(set);
        disposeParameters(set);
        expected = next(expected, gradient, t + 1);
        for (const tensor of Object.values(optimizer.parameters)) {
          tensor.dataSync().forEach((value: number, i: number) => {
            expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
          });
        }
      });
      optimizer.dispose();
      disposeParameters(start);
      expect(tf.memory().numTensors).toBe(before);
    });

    test(`agrees with TensorFlow.js on ${method}`, () => {
      const start = same(initial);
      const optimizer = new Optimizer({ method, learningRate }, start);
      const theirs = tf.variable(tf.tensor1d([...initial]), true, `variable-${method}-${tf.getBackend()}`);
      const other = independent[method]();
      for (const gradient of gradients) {
        const set = same(gradient);
        optimizer.step(set);
        disposeParameters(set);
        other.applyGradients({ [theirs.name]: tf.tensor1d([...gradient]) });
      }
      const expected = theirs.dataSync();
      optimizer.parameters.U.dataSync().forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5);
      });
      optimizer.dispose();
      other.dispose();
      tf.dispose([theirs, ...Object.values(start)]);
    });
  }

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses the learning rate %s', (rate) => {
    const start = same(initial);
    expect(() => new Optimizer({ method: 'sgd', learningRate: rate }, start)).toThrow(RangeError);
    disposeParameters(start);
  });
});

describeOnBackends('clipping', () => {
  const gradient = () => same([3, 4]);

  test('scales all parameters by one factor, to the norm asked for', () => {
    const given = gradient();
    const { gradient: clipped, norm } = clipByGlobalNorm(given, 1);
    // Five parameters, each of norm 5.
    expect(norm).toBeCloseTo(Math.sqrt(5 * 25), 5);
    const factor = 1 / Math.sqrt(5 * 25);
    for (const tensor of Object.values(clipped)) {
      const [x = 0, y = 0] = tensor.dataSync();
      expect(x).toBeCloseTo(3 * factor, 6);
      expect(y).toBeCloseTo(4 * factor, 6);
    }
    expect([...given.U.dataSync()]).toEqual([3, 4]);
    disposeParameters(given);
    disposeParameters(clipped);
  });

  test.each([null, 12])('leaves a gradient alone whose norm is below %s', (maxNorm) => {
    const given = gradient();
    const { gradient: clipped } = clipByGlobalNorm(given, maxNorm);
    expect([...clipped.W.dataSync()]).toEqual([3, 4]);
    disposeParameters(given);
    disposeParameters(clipped);
  });
});
