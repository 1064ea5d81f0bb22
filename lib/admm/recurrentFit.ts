/** The closed-form step of U, W and b from the moved targets of one sweep. */
import * as tf from '@tensorflow/tfjs-core';
import { cutRecurrent } from '../rnn/affine.ts';
import type { StepMask } from '../rnn/forward.ts';
import type { Network } from '../rnn/network.ts';
import { inputSize } from '../rnn/shape.ts';
import { matMul, sub, sumAll, sumOfSquares, transposedMatMul } from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';
import { type ConsensusTerm, stackRows } from './consensusTerm.ts';
import {
  estimateGram,
  normalEquations,
  oneHotNormalEquations,
  solveDiagonalRidge,
  solveRidge,
  sumById,
} from './ridge.ts';

/**
 * Rows that the Gram matrix of dense inputs is made from, for each of its columns, over all T steps: enough to know it by, and
 * more of them cost as much as a pass of the network (a subsampled Hessian: Byrd et al., SIAM J. Optim. 21, 2011). What a
 * step is to reach, Zᵀd, is of all samples.
 */
const CURVATURE_ROWS_PER_COLUMN = 12;
/** Rows of one sample are alike: never fewer samples than these. */
const LEAST_CURVATURE_SAMPLES = 64;

/** What the recurrent parameters multiply over the T steps of a batch. */
export interface RecurrentRows {
  /** (B, m) a step, as `ForwardPass` of lib/rnn has it. */
  readonly rows: readonly tf.Tensor2D[];
  readonly mask: StepMask | null;
  /** Of the batch. */
  readonly inputs: tf.Tensor;
}

/** Takes the targets of the T steps one by one, then solves for U, W and b. Run it within `tf.tidy`. */
export interface RecurrentFit {
  /** Whether the tensors that were taken have to stay until it solves. */
  readonly keepsTargets: boolean;
  /**
   * @param t from 0; the steps may come in any order.
   * @param target by how much x_t U + h_{t−1} W + b is to differ from what it is at z̃: (B, H), zero where the step is padding.
   * @param squaredNorm its ‖·‖².
   */
  take(t: number, target: tf.Tensor, squaredNorm: number): void;
  /**
   * @param outputs M: supervised outputs.
   * @returns the steps of U, W and b, and ‖·‖² of what they leave of the targets.
   */
  solve(term: ConsensusTerm, outputs: number): RecurrentStep;
}

/** Steps of U (n, H), W (H, H) and b (H), and what they leave of the targets. */
export interface RecurrentStep {
  readonly step: Pick<ParameterSet, 'U' | 'W' | 'b'>;
  readonly residual: number;
}

/** Samples of a batch whose rows of Z the Gram matrix is made from, of T such matrices. */
function samplesInGram([Z, ...others]: readonly tf.Tensor2D[]): number {
  const [samples, columns] = Z?.shape ?? [0, 0];
  const enough = Math.ceil((CURVATURE_ROWS_PER_COLUMN * columns) / (1 + others.length));
  return Math.min(samples, Math.max(LEAST_CURVATURE_SAMPLES, enough));
}

/** Of dense inputs: the products with a step's target are made while it is in the processor's cache. */
function fitDense(network: Network, { rows }: RecurrentRows): RecurrentFit {
  const products: tf.Tensor2D[] = [];
  let squaredNorm = 0;
  return {
    keepsTargets: false,
    take(t, target, norm) {
      products.push(transposedMatMul(rows[t] as tf.Tensor2D, target));
      squaredNorm += norm;
    },
    solve({ penalty, dual }, outputs) {
      const [gram, cross] = [estimateGram(rows, samplesInGram(rows)), sumAll(products) as tf.Tensor2D];
      const weights = { outputs, penalty: penalty.recurrent, dual: stackRows(dual, ['U', 'W', 'b']) };
      const { step, residual } = solveRidge({ gram, cross, squaredNorm }, weights);
      return { step: cutRecurrent(step, inputSize(network.shape)), residual };
    },
  };
}

/** Of one-hot inputs over all steps: [h_{t−1}, 1], zero where a step is padding, and that 1 alone, a row a sample and step. */
function flatten({ rows, mask, inputs }: RecurrentRows) {
  const states = tf.concat([...rows], 0);
  const counted =
    mask === null
      ? (tf.ones([states.shape[0], 1]) as tf.Tensor2D)
      : (tf.reshape(mask.weights, [-1, 1]) as tf.Tensor2D);
  const dense = tf.concat([mask === null ? states : tf.mul(states, counted), counted], 1) as tf.Tensor2D;
  return { dense, counted, ids: tf.reshape(inputs, [-1]) as tf.Tensor1D };
}

/** Solves from the targets of all steps at once: (T·B, H), and their ‖·‖². */
type FlatSolve = (
  network: Network,
  rows: RecurrentRows,
  targets: { readonly moves: tf.Tensor2D; readonly squaredNorm: number },
  term: ConsensusTerm,
  outputs: number,
) => RecurrentStep;

/** U, W and b in one system. */
const solveJointly: FlatSolve = (network, rows, { moves, squaredNorm }, { penalty, dual }, outputs) => {
  const n = inputSize(network.shape);
  const { ids, dense } = flatten(rows);
  const weights = { outputs, penalty: penalty.recurrent, dual: stackRows(dual, ['U', 'W', 'b']) };
  const { step, residual } = solveRidge(
    oneHotNormalEquations({ ids, dense, moves }, n, squaredNorm),
    weights,
  );
  return { step: cutRecurrent(step, n), residual };
};

/**
 * W and b, then U by itself against what they leave: with a large vocabulary, where one system of all three would be
 * too large.
 */
const solveRecurrentThenInput: FlatSolve = (
  network,
  rows,
  { moves, squaredNorm },
  { penalty, dual },
  outputs,
) => {
  const n = inputSize(network.shape);
  const { dense, counted, ids } = flatten(rows);
  const weights = { outputs, penalty: penalty.recurrent, dual: stackRows(dual, ['W', 'b']) };
  const { step } = solveRidge(normalEquations(dense, moves, squaredNorm), weights);
  const left = sub(moves, matMul(dense, step)) as tf.Tensor2D;
  const input = solveDiagonalRidge(sumById(left, ids, n), sumById(counted, ids, n), sumOfSquares(left), {
    outputs,
    penalty: penalty.input,
    dual: stackRows(dual, ['U']),
  });
  const { W, b } = cutRecurrent(step, 0);
  return { step: { U: input.step, W, b }, residual: input.residual };
};

/** Of one-hot inputs: sums by id want all steps at once. */
function fitFlat(network: Network, rows: RecurrentRows, solve: FlatSolve): RecurrentFit {
  const targets: tf.Tensor[] = [];
  let sum = 0;
  return {
    keepsTargets: true,
    take(t, target, squaredNorm) {
      targets[t] = target;
      sum += squaredNorm;
    },
    solve(term, outputs) {
      const moves = tf.concat(targets as tf.Tensor2D[], 0);
      return solve(network, rows, { moves, squaredNorm: sum }, term, outputs);
    },
  };
}

/**
 * Prepares the closed-form step of U, W and b.
 *
 * @param isInputAlone U is solved by itself, after W and b.
 */
export function createRecurrentFit(
  network: Network,
  rows: RecurrentRows,
  isInputAlone: boolean,
): RecurrentFit {
  if (network.shape.input.kind === 'dense') return fitDense(network, rows);
  return fitFlat(network, rows, isInputAlone ? solveRecurrentThenInput : solveJointly);
}
