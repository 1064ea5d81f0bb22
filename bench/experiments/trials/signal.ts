/**
 * What reaches each time step from the output, in a network that was not trained yet: the gradient, which vanishes or
 * explodes with the powers of W, and the targets of the subproblem, whose penalty is balanced step by step.
 */

import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { proxOfLoss } from '../../../lib/admm/prox.ts';
import { createBalance, sweepBackwards } from '../../../lib/admm/sweep.ts';
import { drawBatchIndices } from '../../../lib/data/draw.ts';
import { disposeBatch } from '../../../lib/rnn/batch.ts';
import { type ForwardPass, forward } from '../../../lib/rnn/forward.ts';
import { drawInitialParameters } from '../../../lib/rnn/initialize.ts';
import { targetRows } from '../../../lib/rnn/loss.ts';
import type { Network } from '../../../lib/rnn/network.ts';
import { parameterShapes } from '../../../lib/rnn/shape.ts';
import type { Backend } from '../../../lib/tensors/backend.ts';
import { disposeParameters, type ParameterSet, uploadParameters } from '../../../lib/tensors/parameters.ts';
import type { Signal, SignalTrial } from '../trial.ts';
import type { PreparedData } from './preparedData.ts';
import { UploadedData } from './uploadedData.ts';

/** ‖δs_t‖ for each of the T steps, of the pre-activations that δo moves. Run it within `tf.tidy`. */
function movedNorms(
  network: Network,
  parameters: ParameterSet,
  { states, mask }: ForwardPass,
  outputStep: Tensor,
  balanceLimit: number,
): number[] {
  const start = {
    ...{ states, activated: states.slice(1), mask, residuals: null },
    outputResidual: outputStep as Tensor2D,
  };
  const moves = sweepBackwards(
    network,
    parameters,
    start,
    createBalance(network.shape.readout, balanceLimit),
  );
  return [...moves].map(({ squaredNorm }) => Math.sqrt(squaredNorm)).reverse();
}

/** Measures one batch of the first shard at the initial weights. */
export async function runSignal(
  backend: Backend,
  data: PreparedData,
  { config }: SignalTrial,
): Promise<Signal> {
  const { tf } = backend;
  const { solver, model, seed } = config;
  const prepared = await data.prepare(config.dataset, 1, seed);
  const { shape } = prepared.manifest;
  const network: Network = { backend, shape, model };
  const parameters = uploadParameters(
    drawInitialParameters(shape, model, seed),
    parameterShapes(shape, model),
  );
  const uploaded = new UploadedData(network, prepared);
  const { count, take } = uploaded.training;
  const batch = take(
    drawBatchIndices({ seed, shard: 0, version: 0, batchSize: solver.batchSize, samples: count }),
  );
  const norms = { gradientNorms: [] as number[], targetNorms: [] as number[] };
  tf.tidy(() => {
    const pass = forward(network, parameters, batch.inputs);
    const rows = targetRows(shape, batch.targets);
    const predicted = shape.target.kind === 'classes' ? tf.softmax(pass.outputs) : pass.outputs;
    const descent = tf.div(tf.sub(rows, predicted), pass.outputs.shape[0]);
    // Without balance the sweep is linear in δo, and −∂L/∂o gives −∂L/∂s.
    norms.gradientNorms = movedNorms(network, parameters, pass, descent, 0);
    const step = tf.sub(proxOfLoss(shape, pass.outputs, rows, solver.outputPenalty), pass.outputs);
    norms.targetNorms = movedNorms(network, parameters, pass, step, solver.balanceLimit);
  });
  disposeBatch(batch);
  uploaded.dispose();
  disposeParameters(parameters);
  return { kind: 'signal', ...norms };
}
