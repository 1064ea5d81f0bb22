/** The closed-form step of V and c from the moved outputs of one sweep. */
import * as tf from '@tensorflow/tfjs-core';
import { sumOfSquares } from '../tensors/arithmetic.ts';
import { type ConsensusTerm, stackRows } from './consensusTerm.ts';
import { normalEquations, solveRidge } from './ridge.ts';

/** Steps of V (H, K) and c (K), and what they leave of the outputs' targets, by how much h V + c is to differ: (M, K). */
export function stepReadout(top: tf.Tensor2D, targets: tf.Tensor2D, { penalty, dual }: ConsensusTerm) {
  const [M, H] = top.shape;
  const Z = tf.concat([top, tf.fill([M, 1], 1)], 1);
  const weights = { outputs: M, penalty: penalty.readout, dual: stackRows(dual, ['V', 'c']) };
  const { step, residual } = solveRidge(normalEquations(Z, targets, sumOfSquares(targets)), weights);
  const [V, c] = [tf.slice(step, [0, 0], [H, -1]), tf.reshape(tf.slice(step, [H, 0], [1, -1]), [-1])];
  return { step: { V, c }, residual };
}
