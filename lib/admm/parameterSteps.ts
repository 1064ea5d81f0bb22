/** The closed-form steps of (U, W, b) and (V, c) from the moved targets of one sweep. */
import * as tf from '@tensorflow/tfjs-core';
import type { GroupPenalties } from '../protocol/figures.ts';
import type { ForwardPass } from '../rnn/forward.ts';
import type { Network } from '../rnn/network.ts';
import { inputSize } from '../rnn/shape.ts';
import { matMul, sub } from '../tensors/arithmetic.ts';
import type { ParameterName, ParameterSet } from '../tensors/parameters.ts';
import { normalEquations, oneHotNormalEquations, solveDiagonalRidge, solveRidge, sumById } from './ridge.ts';

/** What the parameter steps start from. */
export interface Targets {
  readonly pass: ForwardPass;
  readonly inputs: tf.Tensor;
  /** δs (T·B, H), with the gain. */
  readonly recurrent: tf.Tensor2D;
  /** δo (M, K). */
  readonly outputs: tf.Tensor2D;
}

/** What holds the solution near the consensus. */
export interface ConsensusTerm {
  readonly penalty: GroupPenalties;
  readonly dual: ParameterSet | null;
}

/** Rows of several parameters as one matrix; a vector is one row. */
function stackRows(parameters: ParameterSet | null, names: readonly ParameterName[]): tf.Tensor2D | null {
  if (parameters === null) return null;
  const rows = names.map((name) => tf.reshape(parameters[name], [-1, parameters[name].shape.at(-1) ?? 0]));
  return tf.concat(rows as tf.Tensor2D[], 0);
}

const ones = (rows: number): tf.Tensor2D => tf.ones([rows, 1]);

/** h_{t−1} of all steps, (T·B, H), and 1, (T·B, 1); both zero where a step is padding. */
function stateColumns({ states, mask }: ForwardPass): { previous: tf.Tensor2D; counted: tf.Tensor2D } {
  const previous = tf.concat(states.slice(0, -1), 0);
  if (mask === null) return { previous, counted: ones(previous.shape[0]) };
  const counted = tf.reshape(mask.weights, [-1, 1]) as tf.Tensor2D;
  return { previous: tf.mul(previous, counted), counted };
}

/** Steps of V (H, K) and c (K), against δo. */
export function stepReadout({ pass, outputs }: Targets, { penalty, dual }: ConsensusTerm) {
  const [M, H] = pass.top.shape;
  const Z = tf.concat([pass.top, ones(M)], 1);
  const weights = { outputs: M, penalty: penalty.readout, dual: stackRows(dual, ['V', 'c']) };
  const step = solveRidge(normalEquations(Z, outputs), weights);
  return { V: tf.slice(step, [0, 0], [H, -1]), c: tf.reshape(tf.slice(step, [H, 0], [1, -1]), [-1]) };
}

/** Cuts a step of stacked rows into U (n, H), W (H, H) and b (H). */
function cutRecurrent(step: tf.Tensor2D, n: number) {
  const H = step.shape[1];
  return {
    U: tf.slice(step, [0, 0], [n, H]),
    W: tf.slice(step, [n, 0], [H, H]),
    b: tf.reshape(tf.slice(step, [n + H, 0], [1, H]), [H]),
  };
}

/** Steps of U, W and b in one system, against δs. */
export function stepRecurrent(network: Network, targets: Targets, { penalty, dual }: ConsensusTerm) {
  const n = inputSize(network.shape);
  const { previous, counted } = stateColumns(targets.pass);
  const flat = (size: number[]): tf.Tensor => tf.reshape(targets.inputs, size);
  const rows = (...inputs: tf.Tensor2D[]): tf.Tensor2D => tf.concat([...inputs, previous, counted], 1);
  const equations =
    network.shape.input.kind === 'oneHot'
      ? oneHotNormalEquations(flat([-1]) as tf.Tensor1D, n, rows(), targets.recurrent)
      : normalEquations(rows(flat([-1, n]) as tf.Tensor2D), targets.recurrent);
  const outputs = targets.outputs.shape[0];
  const weights = { outputs, penalty: penalty.recurrent, dual: stackRows(dual, ['U', 'W', 'b']) };
  return cutRecurrent(solveRidge(equations, weights), n);
}

/**
 * Steps of W and b, against δs, then of U by itself against what they leave: with a large vocabulary, where one system
 * of all three would be too large.
 */
export function stepRecurrentThenInput(network: Network, targets: Targets, { penalty, dual }: ConsensusTerm) {
  const n = inputSize(network.shape);
  const { previous, counted } = stateColumns(targets.pass);
  const rows = tf.concat([previous, counted], 1);
  const outputs = targets.outputs.shape[0];
  const weights = { outputs, penalty: penalty.recurrent, dual: stackRows(dual, ['W', 'b']) };
  const step = solveRidge(normalEquations(rows, targets.recurrent), weights);
  const left = sub(targets.recurrent, matMul(rows, step)) as tf.Tensor2D;
  const ids = tf.reshape(targets.inputs, [-1]) as tf.Tensor1D;
  const U = solveDiagonalRidge(sumById(left, ids, n), sumById(counted, ids, n), {
    outputs,
    penalty: penalty.input,
    dual: stackRows(dual, ['U']),
  });
  const { W, b } = cutRecurrent(step, 0);
  return { U, W, b };
}
