import { expect, test } from 'vitest';
import { predictionLines } from '../../lib/cli/predictionLines.ts';
import type { Model } from '../../lib/models/model.ts';
import { modelSchema } from '../../lib/protocol/config.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { taskShape } from '../support/tasks.ts';

function model(shape: Partial<TaskShape>, names: Partial<Model> = {}): Model {
  return {
    run: 'test',
    version: 1,
    digest: '',
    dataset: { name: 'test', digest: '' },
    config: modelSchema.parse({}),
    shape: taskShape(shape),
    metrics: { validation: null, test: null },
    parameters: new Map(),
    ...names,
  };
}

const lines = (of: Model, shape: readonly number[], ...values: number[]): unknown[] =>
  [...predictionLines(of, { shape, data: Float32Array.from(values) })].map((line) => JSON.parse(line));

const classes = { target: { kind: 'classes', classes: 2 } } as const;

test('a class comes with its name, where it has one, and all probabilities', () => {
  expect(lines(model(classes), [2, 2], 0.1, 0.9, 0.75, 0.25)).toEqual([
    { class: 1, probabilities: [0.1, 0.9] },
    { class: 0, probabilities: [0.75, 0.25] },
  ]);
  const [named] = lines(model(classes, { classNames: ['bad', 'good'] }), [1, 2], 0, 1);
  expect(named).toEqual({ class: 1, name: 'good', probabilities: [0, 1] });
});

test('values are what the network says', () => {
  const values = model({ target: { kind: 'values', size: 2 } });
  expect(lines(values, [1, 2], -1.5, 1e-9)).toEqual([{ values: [-1.5, 1e-9] }]);
});

test('with a readout at every step there is an output for each, named by the vocabulary it predicts', () => {
  const every = model({ ...classes, readout: 'every' }, { vocabulary: ['a', 'b'] });
  expect(lines(every, [1, 2, 2], 0.5, 0.25, 0, 1)).toEqual([
    {
      steps: [
        { class: 0, name: 'a', probabilities: [0.5, 0.25] },
        { class: 1, name: 'b', probabilities: [0, 1] },
      ],
    },
  ]);
});
