/**
 * A convex problem with a known solution, full-batch: a readout with squared error on the states of a network whose U, W and b
 * are held where they are.
 */
import { Matrix, solve } from 'ml-matrix';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { randomStream } from '../../lib/data/random.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';
import { resolveConfig } from '../../lib/protocol/resolve.ts';
import type { Batch } from '../../lib/rnn/batch.ts';
import { forward } from '../../lib/rnn/forward.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import type { Network } from '../../lib/rnn/network.ts';
import type { Backend } from '../../lib/tensors/backend.ts';
import { disposeParameters } from '../../lib/tensors/parameters.ts';
import {
  consensusRounds,
  type DrawBatch,
  type Problem,
  parametersOf,
  type Vector,
} from './consensusRounds.ts';
import type { Scheme } from './schemes.ts';

const [SHARDS, SHARD_SAMPLES, STEPS, FEATURES, OUTPUTS, HIDDEN_UNITS] = [4, 100, 2, 4, 3, 16];
/** Parameters of the readout, which come last in a vector. */
const READOUT_SIZE = (HIDDEN_UNITS + 1) * OUTPUTS;
/** ‖[V; c] − solution‖ / ‖solution‖ that ends a run: float32 reaches a hundredth of it. */
const TOLERANCE = 1e-4;
const MAX_ROUNDS = 2000;

const shape: TaskShape = {
  timeSteps: STEPS,
  input: { kind: 'dense', features: FEATURES, scale: 1 },
  target: { kind: 'values', size: OUTPUTS },
  readout: 'last',
};

/** Samples of a shard, the same in every round. Shards are of different centres, so that they disagree. */
const drawFor =
  ({ tf }: Backend, seed: number): DrawBatch =>
  (shard) => {
    const stream = randomStream('least-squares', seed, shard);
    const draw = (length: number, centre: number) =>
      Float32Array.from({ length }, () => centre + 2 * uniformFloat64(stream) - 1);
    return {
      inputs: tf.tensor(draw(STEPS * SHARD_SAMPLES * FEATURES, shard / SHARDS), [
        ...[STEPS, SHARD_SAMPLES, FEATURES],
      ]),
      targets: tf.tensor(draw(SHARD_SAMPLES * OUTPUTS, shard / SHARDS), [SHARD_SAMPLES, OUTPUTS]),
    };
  };

function createProblem(backend: Backend, seed: number): Problem {
  const config = runConfigSchema.parse({
    name: 'least-squares',
    dataset: { kind: 'digits' },
    model: { hiddenUnits: HIDDEN_UNITS },
    // The exact minimum of each subproblem, as the theorems of convex ADMM want it.
    solver: { outputPenalty: 1e-6, stepLength: 'full', penalty: { recurrent: 1e12, readout: 0.1 } },
    shards: SHARDS,
  });
  const network: Network = { backend, shape, model: config.model };
  const initial = drawInitialParameters(shape, config.model, seed);
  return { network, config: resolveConfig(config, shape), initial, drawBatch: drawFor(backend, seed) };
}

/** Rows [h_T, 1] of a batch, in float64. */
function featuresOf({ network }: Problem, parameters: ReturnType<typeof parametersOf>, batch: Batch) {
  const { tf } = network.backend;
  const flat = tf.tidy(() => forward(network, parameters, batch.inputs).top.dataSync());
  return Array.from({ length: SHARD_SAMPLES }, (_, row) => [
    ...flat.slice(row * HIDDEN_UNITS, (row + 1) * HIDDEN_UNITS),
    1,
  ]);
}

/** argmin ½ Σ ‖[h_T, 1] [V; c] − target‖² over all shards: V above c, row by row. */
function globalSolution(problem: Problem, z0: Vector): number[] {
  const parameters = parametersOf(problem, z0);
  const [rows, targets]: [number[][], number[][]] = [[], []];
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const batch = problem.drawBatch(shard, 0);
    rows.push(...featuresOf(problem, parameters, batch));
    const flat = batch.targets.dataSync();
    for (let i = 0; i < flat.length; i += OUTPUTS) targets.push([...flat.slice(i, i + OUTPUTS)]);
    batch.inputs.dispose();
    batch.targets.dispose();
  }
  disposeParameters(parameters);
  return solve(new Matrix(rows), new Matrix(targets), true).to1DArray();
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));

/** Rounds until the readout is the least-squares solution, within the tolerance; null: not within 2,000. */
export function roundsToSolution(backend: Backend, scheme: Scheme, seed: number): number | null {
  const problem = createProblem(backend, seed);
  const z0 = Float32Array.from([...problem.initial.values()].flatMap(({ data }) => [...data]));
  const solution = globalSolution(problem, z0);
  const size = distance(solution, []);
  let rounds = 0;
  for (const z of consensusRounds(problem, scheme.start().mix)) {
    rounds += 1;
    if (distance(solution, [...z.slice(-READOUT_SIZE)]) <= TOLERANCE * size) return rounds;
    if (rounds >= MAX_ROUNDS) return null;
  }
  return null;
}
