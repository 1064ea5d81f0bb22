/** Solves one subproblem of the size of MNIST by rows and prints the digest of its solution: `solveOnce.ts THREADS`. */
import * as tf from '@tensorflow/tfjs-core';
import { solveSubproblem } from '../../lib/admm/subproblem.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { encodeSafetensors } from '../../lib/codec/safetensors.ts';
import { solverSchema } from '../../lib/protocol/config.ts';
import { drawInitialParameters } from '../../lib/rnn/initialize.ts';
import { parameterShapes } from '../../lib/rnn/shape.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { downloadParameters, uploadParameters } from '../../lib/tensors/parameters.ts';
import { scatter, taskShape } from '../support/tasks.ts';

const [T, B, n, H] = [28, 250, 28, 128];
const shape = taskShape({
  timeSteps: T,
  input: { kind: 'dense', features: n, scale: 1 },
  target: { kind: 'classes', classes: 10 },
});
const model = { cell: 'tanh', hiddenUnits: H, initializer: { kind: 'orthogonal', gain: 1 } } as const;
const backend = await loadBackend({ threads: Number(process.argv[2]), prefer: 'tensorflow' });
const broadcast = uploadParameters(
  drawInitialParameters(shape, { ...model, embeddingDeviation: 1 }, 1),
  parameterShapes(shape, model),
);
const labels = scatter(B, 7).map((x) => Math.floor((x + 0.5) * 10));
const batch = { inputs: tf.tensor(scatter(T * B * n), [T, B, n]), targets: tf.tensor1d(labels, 'int32') };
const penalty = { input: 1, recurrent: 0.1, readout: 0.01 };
const { solution } = solveSubproblem({ backend, shape, model }, solverSchema.parse({}), {
  broadcast,
  dual: null,
  penalty,
  batch,
});
process.stdout.write(sha256Hex(encodeSafetensors(downloadParameters(solution))));
