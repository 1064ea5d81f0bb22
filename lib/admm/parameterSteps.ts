/** The closed-form steps of (U, W, b) and (V, c) from the moved targets of one sweep. */
import * as tf from '@tensorflow/tfjs-core';
import type { GroupPenalties } from '../protocol/figures.ts';
import type { ParameterName } from '../protocol/parameters.ts';
import type { StepMask } from '../rnn/forward.ts';
import type { Network } from '../rnn/network.ts';
import { inputSize } from '../rnn/shape.ts';
import { matMul, sub, sumOfSquares } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import { normalEquations, oneHotNormalEquations, solveDiagonalRidge, solveRidge, sumById } from './ridge.ts';

/** What the parameter steps start from: what a sweep began with, and the targets that it moved. */
export interface Targets {
  /** What the recurrent parameters multiply at each of the T steps: (B, m), as `ForwardPass` of lib/rnn has it. */
  readonly rows: readonly tf.Tensor2D[];
  readonly mask: StepMask | null;
  /** What is read out: (M, H). */
  readonly top: tf.Tensor2D;
  readonly inputs: tf.Tensor;
  /** By how much x_t U + h_{t−1} W + b is to differ from what it is at z̃: T of (B, H), zero where a step is padding. */
  readonly recurrent: readonly tf.Tensor[];
  readonly recurrentSquaredNorm: number;
  /** The same of h V + c: (M, K). */
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

/** Of one-hot inputs over all steps: [h_{t−1}, 1], zero where a step is padding, 1 alone, δs and ids, a row a sample and step. */
function flatten({ rows, mask, recurrent, inputs }: Targets) {
  const states = tf.concat([...rows], 0);
  const counted = mask === null ? ones(states.shape[0]) : (tf.reshape(mask.weights, [-1, 1]) as tf.Tensor2D);
  const dense = tf.concat([mask === null ? states : tf.mul(states, counted), counted], 1) as tf.Tensor2D;
  const moves = tf.concat(recurrent as tf.Tensor2D[], 0);
  return { dense, counted, moves, ids: tf.reshape(inputs, [-1]) as tf.Tensor1D };
}

/** Steps of V (H, K) and c (K), and what they leave of the outputs' targets. */
export function stepReadout({ top, outputs }: Targets, { penalty, dual }: ConsensusTerm) {
  const [M, H] = top.shape;
  const Z = tf.concat([top, ones(M)], 1);
  const weights = { outputs: M, penalty: penalty.readout, dual: stackRows(dual, ['V', 'c']) };
  const { step, residual } = solveRidge(normalEquations([Z], [outputs], sumOfSquares(outputs)), weights);
  const [V, c] = [tf.slice(step, [0, 0], [H, -1]), tf.reshape(tf.slice(step, [H, 0], [1, -1]), [-1])];
  return { step: { V, c }, residual };
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

/** Steps of U, W and b in one system, and what they leave of the pre-activations' targets. */
export function stepRecurrent(network: Network, targets: Targets, { penalty, dual }: ConsensusTerm) {
  const n = inputSize(network.shape);
  const { rows, recurrent, recurrentSquaredNorm } = targets;
  const equations =
    network.shape.input.kind === 'oneHot'
      ? oneHotNormalEquations(flatten(targets), n, recurrentSquaredNorm)
      : normalEquations(rows, recurrent, recurrentSquaredNorm);
  const outputs = targets.outputs.shape[0];
  const weights = { outputs, penalty: penalty.recurrent, dual: stackRows(dual, ['U', 'W', 'b']) };
  const { step, residual } = solveRidge(equations, weights);
  return { step: cutRecurrent(step, n), residual };
}

/**
 * Steps of W and b, then of U by itself against what they leave, and what all leave: with a large vocabulary, where one
 * system of all three would be too large.
 */
export function stepRecurrentThenInput(network: Network, targets: Targets, { penalty, dual }: ConsensusTerm) {
  const n = inputSize(network.shape);
  const { dense, counted, moves, ids } = flatten(targets);
  const outputs = targets.outputs.shape[0];
  const weights = { outputs, penalty: penalty.recurrent, dual: stackRows(dual, ['W', 'b']) };
  const { step } = solveRidge(normalEquations([dense], [moves], targets.recurrentSquaredNorm), weights);
  const left = sub(moves, matMul(dense, step)) as tf.Tensor2D;
  const input = solveDiagonalRidge(sumById(left, ids, n), sumById(counted, ids, n), sumOfSquares(left), {
    outputs,
    penalty: penalty.input,
    dual: stackRows(dual, ['U']),
  });
  const { W, b } = cutRecurrent(step, 0);
  return { step: { U: input.step, W, b }, residual: input.residual };
}
