import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { type SubproblemOptions, solveSubproblem } from '../../lib/admm/subproblem.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { disposeBatch } from '../../lib/rnn/batch.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { disposeParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { scatteredBatch } from '../support/batches.ts';
import { taskShape } from '../support/tasks.ts';

const [B, H] = [8, 6];
const penalty = { input: 0.05, recurrent: 0.1, readout: 0.05 };
const options: SubproblemOptions = {
  outputPenalty: 1,
  gain: 1,
  balanceLimit: 0,
  innerSweeps: 1,
  stepLength: 'full',
  penalty: { input: null, recurrent: 0.1, readout: 0.05 },
};

/** Weights so small that unit steps meet the conditions of docs/ALGORITHM.md, section 5. */
function solveFromSmallWeights(backend: Backend, shape: TaskShape, chosen: SubproblemOptions) {
  const initializer = { kind: 'normal', standardDeviation: 0.1 } as const;
  const model = { cell: 'tanh', hiddenUnits: H, initializer } as const;
  const drawn = drawInitialParameters(shape, { ...model, embeddingDeviation: 0.1 }, 5);
  const broadcast = uploadParameters(drawn, parameterShapes(shape, model));
  const batch = scatteredBatch(shape, B);
  const inUse = tf.memory().numTensors;
  const solved = solveSubproblem({ backend, shape, model }, chosen, {
    ...{ broadcast, dual: null, penalty, batch },
  });
  disposeParameters(solved.solution);
  expect(tf.memory().numTensors).toBe(inUse);
  disposeParameters(broadcast);
  disposeBatch(batch);
  return solved;
}

const shapes: [string, TaskShape][] = [
  ['dense inputs', taskShape()],
  ['padded words', taskShape({ input: { kind: 'oneHot', vocabulary: 9, padded: true } })],
  [
    'characters read out at every step',
    taskShape({ input: { kind: 'oneHot', vocabulary: 9, padded: false }, readout: 'every' }),
  ],
];

describeOnBackends('the sweeps', (backend) => {
  for (const [title, shape] of shapes) {
    test(`of ${title} lower the augmented Lagrangian below the loss that they start from`, () => {
      const { augmentedLagrangian, loss } = solveFromSmallWeights(backend(), shape, options);
      expect(augmentedLagrangian).toBeLessThan(loss);
    });

    test(`of ${title} stay finite, one after the other`, () => {
      const {
        solution: _solution,
        accuracy: _accuracy,
        lossAfter,
        ...figures
      } = solveFromSmallWeights(backend(), shape, { ...options, innerSweeps: 30 });
      expect(lossAfter).toBeNull();
      for (const figure of Object.values(figures)) expect(Number.isFinite(figure)).toBe(true);
    });
  }

  // Read out at every step, the earlier constraints have no multipliers, and outputs pull at them without end.
  for (const [title, shape] of shapes.filter(([, { readout }]) => readout === 'last')) {
    test(`of ${title} bring the outputs' constraint nearer to holding with every sweep`, () => {
      const left = [1, 4, 16].map(
        (innerSweeps) => solveFromSmallWeights(backend(), shape, { ...options, innerSweeps }).outputResidual,
      );
      expect(left[1]).toBeLessThan(left[0] as number);
      expect(left[2]).toBeLessThan(left[1] as number);
    });
  }
});
