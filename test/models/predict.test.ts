import { describe, expect, test } from 'vitest';
import { evaluateModel } from '../../lib/models/evaluateModel.ts';
import { predict } from '../../lib/models/predict.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { outputSize } from '../../lib/rnn/shape.ts';
import { describeOnBackends } from '../support/backends.ts';
import { syntheticInputs, syntheticModel, syntheticTargets, TASKS } from './syntheticModel.ts';

/** More than the network takes at a time, and no multiple of it. */
const SAMPLES = 1203;

describeOnBackends(
  'a model',
  (backend) => {
    describe.each(Object.entries<TaskShape>(TASKS))('of %s', (_, shape) => {
      const model = syntheticModel(shape);
      const inputs = syntheticInputs(shape, SAMPLES);
      const targets = syntheticTargets(shape, SAMPLES);
      const K = outputSize(shape);

      test('predicts in the order of its inputs, whatever else is asked with them', () => {
        const all = predict(model, { inputs, samples: SAMPLES }, backend());
        const steps = shape.readout === 'every' ? [shape.timeSteps] : [];
        expect(all.shape).toEqual([SAMPLES, ...steps, K]);
        const size = inputs.length / SAMPLES;
        const last = inputs.slice(-size) as typeof inputs;
        const alone = predict(model, { inputs: last, samples: 1 }, backend());
        const tail = all.data.slice(-alone.data.length);
        alone.data.forEach((value, i) => {
          expect(tail[i]).toBeCloseTo(value, 5);
        });
      });

      test('evaluates to the mean of what it predicts', () => {
        const { data } = predict(model, { inputs, samples: SAMPLES }, backend());
        const places = data.length / K;
        let [loss, right] = [0, 0];
        for (let place = 0; place < places; place++) {
          const row = data.subarray(place * K, (place + 1) * K);
          if (shape.target.kind === 'classes') {
            const label = targets[place] ?? 0;
            loss -= Math.log(row[label] ?? 0);
            right += Number(row.indexOf(Math.max(...row)) === label);
          } else {
            loss += row.reduce((sum, value, k) => sum + (value - (targets[place * K + k] ?? 0)) ** 2 / 2, 0);
          }
        }
        const metrics = evaluateModel(model, { inputs, targets, samples: SAMPLES }, backend());
        expect(metrics.loss).toBeCloseTo(loss / places, 5);
        expect(metrics.samples).toBe(SAMPLES);
        if (shape.target.kind === 'classes') expect(metrics.accuracy).toBeCloseTo(right / places, 6);
        else expect(metrics.accuracy).toBeNull();
      });
    });

    test('gives probabilities of classes', () => {
      const model = syntheticModel();
      const { data } = predict(model, { inputs: syntheticInputs(model.shape, 3), samples: 3 }, backend());
      for (let sample = 0; sample < 3; sample++) {
        expect(data.subarray(4 * sample, 4 * sample + 4).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      }
    });

    test('frees what it put on the backend', () => {
      const model = syntheticModel();
      const inputs = syntheticInputs(model.shape, 5);
      const targets = syntheticTargets(model.shape, 5);
      const before = backend().tf.memory().numTensors;
      predict(model, { inputs, samples: 5 }, backend());
      evaluateModel(model, { inputs, targets, samples: 5 }, backend());
      expect(backend().tf.memory().numTensors).toBe(before);
    });
  },
  ['tensorflow', 'cpu'],
);
