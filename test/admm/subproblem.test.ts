import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { type SubproblemOptions, solveSubproblem } from '../../lib/admm/subproblem.ts';
import { ConfigError } from '../../lib/errors.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { parameterNames } from '../../lib/protocol/parameters.ts';
import { type Batch, disposeBatch } from '../../lib/rnn/batch.ts';
import { evaluate } from '../../lib/rnn/evaluate.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import type { Network } from '../../lib/rnn/network.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { NumericalError } from '../../lib/tensors/numericalError.ts';
import {
  disposeParameters,
  mapParameters,
  type ParameterSet,
  squaredNorm,
  uploadParameters,
} from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatteredBatch } from '../support/batches.ts';
import { squaredDistance } from '../support/squaredDistance.ts';
import { taskShape } from '../support/tasks.ts';

const [T, B, n, H] = [4, 8, 3, 6];
const words: TaskShape['input'] = { kind: 'oneHot', vocabulary: 9, padded: true };
const penalty = { input: 0.05, recurrent: 0.1, readout: 0.05 };
const options: SubproblemOptions = {
  outputPenalty: 1,
  gain: 1,
  balanceLimit: 1000,
  innerSweeps: 1,
  stepLength: 'full',
  penalty: { input: null, recurrent: 0.1, readout: 0.05 },
};
const split: SubproblemOptions = { ...options, penalty: { ...options.penalty, input: 0.05 } };

interface Setting {
  readonly network: Network;
  readonly broadcast: ParameterSet;
  readonly dual: ParameterSet;
  readonly batch: Batch;
}

/** A network, its parameters, a dual of a tenth of their size and a batch; freed once `use` is done. */
function within(
  backend: Backend,
  shape: TaskShape,
  use: (setting: Setting) => void,
  cell: 'tanh' | 'relu' = 'tanh',
) {
  const model = { cell, hiddenUnits: H, initializer: { kind: 'orthogonal', gain: 1 } } as const;
  const drawn = drawInitialParameters(shape, { ...model, embeddingDeviation: 0.5 }, 5);
  const broadcast = uploadParameters(drawn, parameterShapes(shape, model));
  const dual = mapParameters((name) => tf.tidy(() => tf.add(tf.mul(broadcast[name], 0.1), 0.01)));
  const batch = scatteredBatch(shape, B);
  use({ network: { backend, shape, model }, broadcast, dual, batch });
  disposeBatch(batch);
  for (const set of [broadcast, dual]) disposeParameters(set);
}

const largest = (tensor: tf.Tensor): number =>
  tf.tidy(() => tf.max(tf.abs(tensor)).dataSync()[0] ?? Number.NaN);

describeOnBackends('a subproblem', (backend) => {
  const settings: [string, TaskShape, SubproblemOptions][] = [
    ['dense inputs', taskShape(), options],
    ['values', taskShape({ target: { kind: 'values', size: 5 } }), options],
    ['padded words', taskShape({ input: words }), options],
    ['padded words with U alone', taskShape({ input: words }), split],
    [
      'characters read out at every step',
      taskShape({ input: { ...words, padded: false }, readout: 'every' }),
      options,
    ],
  ];
  test('of a large batch takes its curvature from its first samples, and what it is to reach from all', () => {
    const shape = taskShape();
    within(backend(), shape, ({ network, broadcast }) => {
      const [half, other] = [scatteredBatch(shape, 64), scatteredBatch(shape, 80)];
      const joined = (a: Batch, b: Batch): Batch => ({
        inputs: tf.concat([a.inputs, b.inputs], 1),
        targets: tf.concat([a.targets, b.targets], 0),
      });
      const step = (batch: Batch): ParameterSet =>
        solveSubproblem(network, options, { broadcast, dual: null, penalty, batch }).solution;
      // Twice the same samples have the curvature of half of them.
      const [twice, both] = [joined(half, half), joined(half, other)];
      const [whole, doubled, varied] = [step(half), step(twice), step(both)];
      const size = squaredDistance(whole, broadcast);
      expect(squaredDistance(doubled, whole)).toBeLessThan(1e-8 * size);
      expect(squaredDistance(varied, whole)).toBeGreaterThan(1e-4 * size);
      for (const set of [whole, doubled, varied]) disposeParameters(set);
      for (const batch of [half, other, twice, both]) disposeBatch(batch);
    });
  });

  for (const [title, shape, chosen] of settings) {
    for (const cell of ['tanh', 'relu'] as const) {
      test(`of ${title} (${cell}): its step lowers the loss, its figures are right, and nothing is left`, () => {
        const before = tf.memory().numTensors;
        within(
          backend(),
          shape,
          ({ network, broadcast, batch }) => {
            const inUse = tf.memory().numTensors;
            const solved = solveSubproblem(network, chosen, { broadcast, dual: null, penalty, batch });
            expect(tf.memory().numTensors).toBe(inUse + parameterNames.length);
            const copy = (): Batch => ({ inputs: batch.inputs.clone(), targets: batch.targets.clone() });
            const start = evaluate(network, broadcast, [copy()]);
            expect(solved.loss).toBeCloseTo(start.loss, 5);
            expect(solved.accuracy).toBe(start.accuracy);
            expect(evaluate(network, solved.solution, [copy()]).loss).toBeLessThan(start.loss);
            expect(solved.stepSquaredNorm).toBeCloseTo(squaredDistance(solved.solution, broadcast), 4);
            disposeParameters(solved.solution);
          },
          cell,
        );
        expect(tf.memory().numTensors).toBe(before);
      });
    }
  }

  for (const [title, input, chosen] of [
    ['U with W', { kind: 'dense', features: n, scale: 1 }, options],
    ['U alone', words, split],
  ] as const) {
    test(`with very large penalties stays at the consensus less the dual (${title})`, () => {
      within(backend(), taskShape({ input }), ({ network, broadcast, dual, batch }) => {
        const huge = { input: 1e7, recurrent: 1e7, readout: 1e7 };
        const { solution } = solveSubproblem(network, chosen, { broadcast, dual, penalty: huge, batch });
        const limit = mapParameters((name) => tf.tidy(() => tf.sub(broadcast[name], dual[name])));
        expect(Math.sqrt(squaredDistance(solution, limit) / squaredNorm(limit))).toBeLessThan(1e-5);
        for (const set of [solution, limit]) disposeParameters(set);
      });
    });
  }

  for (const [title, chosen] of [
    ['U with W', options],
    ['U alone', split],
  ] as const) {
    test(`whose steps are all padding moves the bias of the readout alone (${title})`, () => {
      within(backend(), taskShape({ input: words }), ({ network, broadcast, batch }) => {
        const empty = { inputs: tf.zeros([T, B], 'int32'), targets: batch.targets };
        const problem = { broadcast, dual: null, penalty, batch: empty };
        const { solution } = solveSubproblem(network, chosen, problem);
        for (const name of parameterNames) {
          const moved = tf.tidy(() => largest(tf.sub(solution[name], broadcast[name])));
          if (name === 'c') expect(moved).toBeGreaterThan(0.01);
          else expect(moved, name).toBe(0);
        }
        disposeParameters(solution);
        empty.inputs.dispose();
      });
    });
  }

  test('gives the same bytes again', () => {
    within(backend(), taskShape(), ({ network, broadcast, dual, batch }) => {
      const solve = () => solveSubproblem(network, options, { broadcast, dual, penalty, batch }).solution;
      const [first, again] = [solve(), solve()];
      expect(squaredDistance(first, again)).toBe(0);
      for (const set of [first, again]) disposeParameters(set);
    });
  });

  test('from parameters that are not finite is an error, and leaves nothing behind', () => {
    within(backend(), taskShape(), ({ network, broadcast, batch }) => {
      const before = tf.memory().numTensors;
      const c = tf.fill([5], Number.NaN);
      const problem = { broadcast: { ...broadcast, c }, dual: null, penalty, batch };
      expect(() => solveSubproblem(network, options, problem)).toThrow(NumericalError);
      c.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  test('of dense inputs has no U of its own', () => {
    within(backend(), taskShape(), ({ network, broadcast, batch }) => {
      const solve = () => solveSubproblem(network, split, { broadcast, dual: null, penalty, batch });
      expect(solve).toThrow(ConfigError);
    });
  });
});
