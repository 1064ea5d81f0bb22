import * as tf from '@tensorflow/tfjs-core';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect, test } from 'vitest';
import type { Batch } from '../../lib/rnn/batch.ts';
import { evaluate } from '../../lib/rnn/evaluate.ts';
import type { Network } from '../../lib/rnn/network.ts';
import { disposeParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { defaultProblem, trainByConsensus } from '../support/consensusTraining.ts';
import { taskShape } from '../support/tasks.ts';

const [T, B, H] = [10, 60, 16];
const HELD_OUT = 10_000;

/** Which of four steps was marked: its value is the class. No default was tuned on it. */
const recall = taskShape({
  timeSteps: T,
  input: { kind: 'dense', features: 5, scale: 1 },
  target: { kind: 'classes', classes: 4 },
});

/**
 * Sequences in which one of the first five steps carries a mark and one of four symbols; the class is that symbol, or
 * where `random` a number of its own.
 */
function draw(seed: number, random: boolean): Batch {
  const generator = xoroshiro128plus(seed);
  const below = (bound: number): number => uniformInt(generator, 0, bound - 1);
  const inputs = new Float32Array(T * B * 5);
  const labels = Array.from({ length: B }, (_, sample) => {
    const [step, symbol, other] = [below(5), below(4), below(4)];
    for (let t = 0; t < T; t += 1) inputs[(t * B + sample) * 5 + below(4)] = 0.3;
    inputs[(step * B + sample) * 5 + symbol] = 1;
    inputs[(step * B + sample) * 5 + 4] = 1;
    return random ? other : symbol;
  });
  return { inputs: tf.tensor(inputs, [T, B, 5]), targets: tf.tensor1d(labels, 'int32') };
}

describeOnBackends(
  'training with the defaults',
  (backend) => {
    /** Held-out accuracy after some rounds in which every shard has four batches of its own. */
    function accuracyAfter(rounds: number, random: boolean): number {
      const network: Network = { backend: backend(), shape: recall, model: { cell: 'tanh', hiddenUnits: H } };
      const before = tf.memory().numTensors;
      const drawBatch = (shard: number, version: number) => draw(1 + 100 * shard + (version % 4), random);
      const z = trainByConsensus(defaultProblem(network, drawBatch), rounds);
      const heldOut = Array.from({ length: 10 }, (_, i) => draw(HELD_OUT + i, random));
      const { accuracy } = evaluate(network, z, heldOut);
      disposeParameters(z);
      expect(tf.memory().numTensors).toBe(before);
      return accuracy ?? Number.NaN;
    }

    test('learns a task that was not there when they were chosen', () => {
      expect(accuracyAfter(40, false)).toBeGreaterThan(0.9);
    });

    test('does not predict labels that are random', () => {
      // 600 answers, chance 1/4: three deviations are 0.053.
      expect(Math.abs(accuracyAfter(16, true) - 0.25)).toBeLessThan(0.06);
    });
  },
  ['tensorflow'],
);
