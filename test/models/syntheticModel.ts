/** Models with drawn parameters, and samples for them. */
import type { InputArray, TargetArray } from '../../lib/data/samples.ts';
import type { Model } from '../../lib/models/model.ts';
import { type ModelConfig, modelSchema } from '../../lib/protocol/config.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { parameterNames } from '../../lib/protocol/parameters.ts';
import { outputSize, parameterShapes } from '../../lib/rnn/shape.ts';

/** mulberry32: the same numbers everywhere. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const TASKS = {
  'dense inputs, classes at the last step': {
    timeSteps: 7,
    input: { kind: 'dense', features: 5, scale: 1 / 255 },
    target: { kind: 'classes', classes: 4 },
    readout: 'last',
  },
  'dense inputs, values at every step': {
    timeSteps: 6,
    input: { kind: 'dense', features: 3, scale: 0.02 },
    target: { kind: 'values', size: 2 },
    readout: 'every',
  },
  'padded ids, classes at the last step': {
    timeSteps: 8,
    input: { kind: 'oneHot', vocabulary: 11, padded: true },
    target: { kind: 'classes', classes: 2 },
    readout: 'last',
  },
  'ids, classes at every step': {
    timeSteps: 5,
    input: { kind: 'oneHot', vocabulary: 9, padded: false },
    target: { kind: 'classes', classes: 9 },
    readout: 'every',
  },
} satisfies Record<string, TaskShape>;

export const DENSE_TASK: TaskShape = TASKS['dense inputs, classes at the last step'];

export function syntheticModel(shape: TaskShape = DENSE_TASK, cell: ModelConfig['cell'] = 'tanh'): Model {
  const next = uniform(1);
  const config = modelSchema.parse({ cell, hiddenUnits: 6 });
  const shapes = parameterShapes(shape, config);
  return {
    run: `digits-${'0'.repeat(26)}`,
    version: 40,
    digest: 'd'.repeat(64),
    dataset: { name: 'drawn', digest: 'a'.repeat(64) },
    config,
    shape,
    classNames: ['zero', 'öne'],
    metrics: { validation: { loss: 0.5, accuracy: 0.75, samples: 100 }, test: null },
    parameters: new Map(
      parameterNames.map((name) => {
        const size = shapes[name].reduce((a, b) => a * b, 1);
        return [name, { shape: shapes[name], data: Float32Array.from({ length: size }, () => next() - 0.5) }];
      }),
    ),
  };
}

/** Inputs as a dataset stores them; padded ones begin or end with up to half their steps of no step at all. */
export function syntheticInputs({ input, timeSteps }: TaskShape, samples: number): InputArray {
  const next = uniform(2);
  if (input.kind === 'dense') {
    return Uint8Array.from({ length: samples * timeSteps * input.features }, () => Math.floor(next() * 256));
  }
  return Int32Array.from({ length: samples * timeSteps }, (_, i) => {
    const [sample, step] = [Math.floor(i / timeSteps), i % timeSteps];
    const place = sample % 2 === 0 ? step : timeSteps - 1 - step;
    if (input.padded && place < sample % (timeSteps / 2)) return 0;
    return input.padded
      ? 1 + Math.floor(next() * (input.vocabulary - 1))
      : Math.floor(next() * input.vocabulary);
  });
}

export function syntheticTargets(shape: TaskShape, samples: number): TargetArray {
  const next = uniform(3);
  const places = samples * (shape.readout === 'every' ? shape.timeSteps : 1);
  if (shape.target.kind === 'values') {
    return Float32Array.from({ length: places * outputSize(shape) }, () => next() - 0.5);
  }
  return Int32Array.from({ length: places }, () => Math.floor(next() * outputSize(shape)));
}
