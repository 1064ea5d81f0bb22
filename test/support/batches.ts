import * as tf from '@tensorflow/tfjs-core';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import type { Batch } from '../../lib/rnn/batch.ts';
import { scatter } from './tasks.ts';

/** Whole numbers below `bound` that look drawn and never change. */
const scatterBelow = (bound: number, length: number, offset = 0): number[] =>
  scatter(length, offset).map((x) => Math.floor((x + 0.5) * bound));

/** `samples` samples of a task, the same every time; whoever takes them disposes of them. */
export function scatteredBatch({ timeSteps, input, target, readout }: TaskShape, samples: number): Batch {
  const steps = [timeSteps, samples];
  const outputs = readout === 'every' ? steps : [samples];
  const [stepCount, outputCount] = [tf.util.sizeFromShape(steps), tf.util.sizeFromShape(outputs)];
  return {
    inputs:
      input.kind === 'dense'
        ? tf.tensor(scatter(stepCount * input.features), [...steps, input.features])
        : tf.tensor(scatterBelow(input.vocabulary, stepCount), steps, 'int32'),
    targets:
      target.kind === 'classes'
        ? tf.tensor(scatterBelow(target.classes, outputCount, 50), outputs, 'int32')
        : tf.tensor(scatter(outputCount * target.size), [...outputs, target.size]),
  };
}
