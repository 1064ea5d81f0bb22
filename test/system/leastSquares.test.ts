/**
 * A problem whose solution is known: with U, W and b held in place by a large σ and the squared error as loss, what is left is
 * least squares in V and c on fixed features. Real workers and the real coordinator have to find its global solution.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Matrix, solve } from 'ml-matrix';
import { expect, test } from 'vitest';
import { prepareRun } from '../../lib/client/submit.ts';
import type { NamedArrays } from '../../lib/codec/safetensors.ts';
import { decodePart } from '../../lib/data/part.ts';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { datasetKeys } from '../../lib/protocol/keys.ts';
import { npyBytes } from '../data/npyFiles.ts';
import { runPlainNetwork } from '../rnn/plainNetwork.ts';
import { scatter } from '../support/tasks.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { runSmall } from './localRun.ts';

const [STEPS, FEATURES, OUTPUTS] = [2, 3, 2];
const [SHARDS, SHARD_SAMPLES] = [4, 20];
/** A fifth of the samples is held out for validation. */
const SAMPLES = (SHARDS * SHARD_SAMPLES * 5) / 4;
const HIDDEN_UNITS = 4;

const config = runConfigSchema.parse({
  name: 'least-squares',
  dataset: {
    kind: 'sequences',
    source: {
      format: 'npy',
      ...{ inputs: 'inputs.npy', targets: 'targets.npy' },
      test: { inputs: 'inputs.npy', targets: 'targets.npy' },
    },
    task: 'regression',
    validationFraction: 0.2,
  },
  model: { hiddenUnits: HIDDEN_UNITS },
  solver: {
    // All of a shard, every time; the exact minimum of its subproblem, not a damped step.
    ...{ batchSize: SHARD_SAMPLES, outputPenalty: 1e-6, stepLength: 'full' },
    penalty: { recurrent: 1e12, readout: 0.1 },
  },
  consensus: { momentum: 0, averagedVersions: 0, relaxation: 1.6, weightDecay: 0 },
  shards: SHARDS,
  stop: { maxRounds: 60 },
  evaluation: { everyRounds: 60 },
});

async function writeData(): Promise<string> {
  const directory = await temporaryDirectory();
  const write = (name: string, shape: readonly number[], values: readonly number[]) =>
    writeFile(join(directory, name), npyBytes('<f4', shape, Float32Array.from(values)));
  const inputs = scatter(SAMPLES * STEPS * FEATURES).map((x) => 4 * x);
  await write('inputs.npy', [SAMPLES, STEPS, FEATURES], inputs);
  await write('targets.npy', [SAMPLES, OUTPUTS], scatter(SAMPLES * OUTPUTS, 999));
  return directory;
}

/** Inputs and targets of all training shards, sample by sample. */
function trainingSamples({ manifest, parts }: PreparedDataset) {
  const bytes = new Map([...parts].map((part) => [part.key, part.bytes]));
  return manifest.train.flatMap((part, shard) => {
    const key = datasetKeys(manifest.digest).part('train', shard);
    const { inputs, targets } = decodePart(bytes.get(key) ?? new Uint8Array(), part, manifest.shape, key);
    return Array.from({ length: part.samples }, (_, sample) => {
      const rows = Array.from({ length: STEPS }, (_, t) => {
        const start = (sample * STEPS + t) * FEATURES;
        return [...inputs.slice(start, start + FEATURES)];
      });
      return { rows, target: [...targets.slice(sample * OUTPUTS, (sample + 1) * OUTPUTS)] };
    });
  });
}

/** argmin ½ Σ ‖[h_T, 1] [V; c] − target‖² over all shards, in float64: V above c. */
function globalSolution(z: NamedArrays, samples: ReturnType<typeof trainingSamples>): Matrix {
  const identity = {
    shape: [HIDDEN_UNITS, HIDDEN_UNITS],
    data: Float32Array.from(Matrix.eye(HIDDEN_UNITS).to1DArray()),
  };
  const zero = { shape: [HIDDEN_UNITS], data: new Float32Array(HIDDEN_UNITS) };
  const features = new Map([...z, ['V', identity] as const, ['c', zero] as const]);
  const Z = new Matrix(
    samples.map(({ rows }) => [...(runPlainNetwork(features, 'tanh', rows, null).at(-1) ?? []), 1]),
  );
  const d = new Matrix(samples.map(({ target }) => target));
  return solve(Z.transpose().mmul(Z), Z.transpose().mmul(d));
}

test('real workers reach the global least-squares solution', async () => {
  const dataDirectory = await writeData();
  const prepared = await prepareRun({ config, dataDirectory });
  expect(prepared.manifest.train.map(({ samples }) => samples)).toEqual(Array(SHARDS).fill(SHARD_SAMPLES));
  const { view, consensus } = await runSmall({
    ...{ directory: await temporaryDirectory(), workers: 2, config, dataDirectory },
  });
  expect(view.state.status).toBe('done');
  const expected = globalSolution(consensus, trainingSamples(prepared)).to1DArray();
  const found = [...(consensus.get('V')?.data ?? []), ...(consensus.get('c')?.data ?? [])];
  expect(found).toHaveLength(expected.length);
  const errors = found.map((value, i) => Math.abs(value - (expected[i] as number)));
  // Well away from where it began, and from each shard's own optimum.
  expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.05);
  expect(view.state.residuals?.primal).toBeGreaterThan(0);
  expect(Math.max(...errors)).toBeLessThan(1e-4);
});
