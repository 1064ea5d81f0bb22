import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { type SubproblemOptions, solveSubproblem } from '../../lib/admm/subproblem.ts';
import { loadDataset } from '../../lib/data/datasets.ts';
import { drawBatchIndices } from '../../lib/data/draw.ts';
import { type LoadedDataset, selectSamples } from '../../lib/data/samples.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { type Batch, disposeBatch } from '../../lib/rnn/batch.ts';
import { evaluate } from '../../lib/rnn/evaluate.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import type { Network } from '../../lib/rnn/network.ts';
import { uploadInputs, uploadTargets } from '../../lib/rnn/sampleTensors.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { disposeParameters, mapParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { describeOnBackends } from '../support/backends.ts';
import { projectDirectory } from '../support/commandLine.ts';
import { defaultProblem, trainByConsensus } from '../support/consensusTraining.ts';
import { scatter, taskShape } from '../support/tasks.ts';

const SHARDS = 4;
/** Training takes a dozen seconds of a core, and many times that where other tests want it too. */
const TIMEOUT_MS = 300_000;

/** The dataset's samples at `indices` as a batch. */
function take(network: Network, { train }: LoadedDataset, indices: Int32Array): Batch {
  const { inputs, targets } = selectSamples(train, indices);
  return {
    inputs: uploadInputs(network, inputs, indices.length),
    targets: uploadTargets(network, targets, indices.length),
  };
}

/** Held-out losses from weights ten times as large as those drawn: after one round of the defaults, and after some. */
function lossesFromLargeWeights(network: Network, dataset: LoadedDataset, batchSize: number, rounds: number) {
  const heldOut = Math.floor(dataset.train.count / 5);
  const samples = Math.floor((dataset.train.count - heldOut) / SHARDS);
  const drawBatch = (shard: number, version: number): Batch => {
    const indices = drawBatchIndices({ seed: 1, shard, version, batchSize, samples });
    const start = heldOut + shard * samples;
    return take(
      network,
      dataset,
      indices.map((i) => start + i),
    );
  };
  const problem = defaultProblem(network, drawBatch, 10);
  return [1, rounds].map((count) => {
    const z = trainByConsensus(problem, count);
    const first = Int32Array.from({ length: heldOut }, (_, i) => i);
    const { loss } = evaluate(network, z, [take(network, dataset, first)]);
    disposeParameters(z);
    return loss;
  });
}

describeOnBackends(
  'training from saturated states',
  (backend) => {
    for (const [title, dataset, directory, batchSize, rounds] of [
      ['digits', { kind: 'digits', trainSamples: 4000, testSamples: 10 }, undefined, 100, 45],
      ['characters', { kind: 'characters', file: 'LICENSE', timeSteps: 20 }, projectDirectory, 50, 120],
    ] as const) {
      test(
        `comes back to within a tenth of guessing (${title})`,
        async () => {
          const config = runConfigSchema.parse({ name: 'a', dataset });
          const loaded = await loadDataset(config.dataset, { directory });
          const { target } = loaded.shape;
          if (target.kind !== 'classes') throw new Error(`expected classes, received ${target.kind}`);
          const network: Network = {
            ...{ backend: backend(), shape: loaded.shape },
            model: { cell: 'tanh', hiddenUnits: 32 },
          };
          const guessing = Math.log(target.classes);
          const [early, late] = lossesFromLargeWeights(network, loaded, batchSize, rounds);
          expect(early).toBeGreaterThan(3 * guessing);
          expect(late).toBeLessThan(1.1 * guessing);
        },
        TIMEOUT_MS,
      );
    }
  },
  ['tensorflow'],
);

const [T, B, H, VOCABULARY] = [4, 32, 6, 9];
const characters = taskShape({
  input: { kind: 'oneHot', vocabulary: VOCABULARY, padded: false },
  target: { kind: 'classes', classes: VOCABULARY },
  readout: 'every',
});
/** Targets a quarter as far as the solver would set them: steps four times as long are the right ones. */
const timid: SubproblemOptions = {
  ...{ outputPenalty: 1, gain: 0.25, balanceLimit: 1000, innerSweeps: 1, stepLength: 'search' },
  penalty: { input: null, recurrent: 0.05, readout: 0.05 },
};
const penalty = { input: 0.05, recurrent: 0.05, readout: 0.05 };

describeOnBackends('the dual of a character that a shard never sees', (backend) => {
  test('is used up, however long the steps', () => {
    const model = { cell: 'tanh', hiddenUnits: H, initializer: { kind: 'orthogonal', gain: 1 } } as const;
    const network: Network = { backend: backend(), shape: characters, model };
    const drawn = drawInitialParameters(characters, { ...model, embeddingDeviation: 0.5 }, 5);
    const broadcast = uploadParameters(drawn, parameterShapes(characters, model));
    // Ids 0 to 7 of 9; the target of a character is the character itself.
    const ids = scatter(T * B).map((x) => Math.floor((x + 0.5) * (VOCABULARY - 1)));
    const draw = () => tf.tensor(ids, [T, B], 'int32');
    const batch: Batch = { inputs: draw(), targets: draw() };
    const sizeOfUnseen = (set: typeof broadcast): number =>
      tf.tidy(() => tf.norm(tf.slice(set.U, [VOCABULARY - 1, 0], [1, H])).dataSync()[0] ?? Number.NaN);
    let dual = mapParameters((name) => tf.tidy(() => tf.mul(tf.onesLike(broadcast[name]), 0.1)));
    const sizes = [sizeOfUnseen(dual)];
    const lengths: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const problem = { broadcast, dual, penalty, batch, stepLength: 4 };
      const { solution, stepLength } = solveSubproblem(network, timid, problem);
      lengths.push(stepLength);
      // The consensus stays where it is, as if the other shards outweighed this one.
      const next = mapParameters((name) =>
        tf.tidy(() => tf.sub(tf.add(dual[name], solution[name]), broadcast[name])),
      );
      for (const set of [solution, dual]) disposeParameters(set);
      dual = next;
      sizes.push(sizeOfUnseen(dual));
    }
    expect(sizes[0]).toBeGreaterThan(0.2);
    // In that direction the step is −y, and α of it leaves (1 − α) y.
    sizes.slice(1).forEach((size, round) => {
      const left = Math.abs(1 - (lengths[round] ?? Number.NaN));
      expect(size).toBeCloseTo(left * (sizes[round] ?? Number.NaN), 5);
      expect(size).toBeLessThan(0.6 * (sizes[round] ?? Number.NaN));
    });
    expect(Math.min(...lengths)).toBe(1.2);
    for (const set of [broadcast, dual]) disposeParameters(set);
    disposeBatch(batch);
  });
});
