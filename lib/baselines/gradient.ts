/**
 * The gradient of the mean loss by back-propagation through time (Werbos, Proceedings of the IEEE 78, 1990), written out
 * by hand on the network of lib/rnn.
 */
import * as tf from '@tensorflow/tfjs-core';
import { activationOf } from '../rnn/activation.ts';
import { cutRecurrent } from '../rnn/affine.ts';
import type { Batch } from '../rnn/batch.ts';
import { type ForwardPass, forward } from '../rnn/forward.ts';
import { sumLoss, targetRows } from '../rnn/loss.ts';
import type { Network } from '../rnn/network.ts';
import { inputSize } from '../rnn/shape.ts';
import {
  add,
  matMulTransposed,
  mul,
  selectRows,
  sub,
  sumAll,
  transposedMatMul,
} from '../tensors/arithmetic.ts';
import type { ParameterSet } from '../tensors/parameters.ts';

/** The gradient of a batch and what the forward pass measured. */
export interface LossGradient {
  /** ∂L/∂θ of the mean loss L a supervised output. The caller disposes of it. */
  readonly gradient: ParameterSet;
  /** L, in nats or squared units. */
  readonly loss: number;
  /** Share of right answers; null for regression. */
  readonly accuracy: number | null;
}

/** ∂L/∂o (M, K): softmax(o) − y or o − y, over M. */
function outputGradient({ shape }: Network, outputs: tf.Tensor2D, rows: tf.Tensor2D): tf.Tensor2D {
  const predicted = shape.target.kind === 'classes' ? tf.softmax(outputs) : outputs;
  return mul(sub(predicted, rows), tf.scalar(1 / outputs.shape[0])) as tf.Tensor2D;
}

/** What reaches h_t from the outputs: (B, H) a step where they are read at every one, else of the last step alone. */
function fromOutputs(network: Network, { V }: ParameterSet, dOutputs: tf.Tensor2D, T: number): tf.Tensor[] {
  const rows = matMulTransposed(dOutputs, V);
  if (network.shape.readout === 'last') return [rows];
  return tf.unstack(tf.reshape(rows, [T, -1, network.model.hiddenUnits]));
}

/** ∂L/∂s_t (B, H) of one step. */
interface StepGradient {
  /** From 0. */
  readonly t: number;
  readonly ds: tf.Tensor2D;
}

/** ∂L/∂s_t of all steps, from the last. A padded step has none, and hands ∂L/∂h on as it is. */
function* preActivationGradients(
  network: Network,
  parameters: ParameterSet,
  { states, mask }: ForwardPass,
  dOutputs: tf.Tensor2D,
): Generator<StepGradient, void> {
  const T = states.length - 1;
  const { pullBack } = activationOf(network.model.cell);
  const read = fromOutputs(network, parameters, dOutputs, T);
  const zeros = tf.zerosLike(states[0] as tf.Tensor);
  let dh = read.at(-1) as tf.Tensor;
  for (let t = T - 1; t >= 0; t -= 1) {
    const isStep = mask?.isStep[t] ?? null;
    const through = pullBack(states[t + 1] as tf.Tensor, dh);
    const ds = (isStep === null ? through : selectRows(isStep, through, zeros)) as tf.Tensor2D;
    if (t > 0) {
      const back = matMulTransposed(ds, parameters.W);
      const carried = isStep === null ? back : selectRows(isStep, back, dh);
      dh.dispose();
      dh = network.shape.readout === 'last' ? carried : add(carried, read[t - 1] as tf.Tensor);
    }
    yield { t, ds };
  }
}

type RecurrentGradient = Pick<ParameterSet, 'U' | 'W' | 'b'>;

/** Σ_t [x_t, h_{t−1}, 1]ᵀ ∂L/∂s_t; each product is made while ∂L/∂s_t is in the processor's cache. */
function ofDense(
  { shape }: Network,
  rows: ForwardPass['rows'],
  steps: Iterable<StepGradient>,
): RecurrentGradient {
  const products: tf.Tensor[] = [];
  for (const { t, ds } of steps) {
    products.push(transposedMatMul(rows[t] as tf.Tensor, ds));
    ds.dispose();
  }
  return cutRecurrent(sumAll(products) as tf.Tensor2D, inputSize(shape));
}

/** The gradient of U is a sum by id of all steps at once. */
function ofOneHot(
  { shape }: Network,
  rows: ForwardPass['rows'],
  steps: Iterable<StepGradient>,
  ids: tf.Tensor,
): RecurrentGradient {
  const list: tf.Tensor2D[] = [];
  for (const { t, ds } of steps) list[t] = ds;
  const ds = tf.concat(list, 0);
  return {
    U: tf.scatterND(tf.reshape(ids, [-1, 1]), ds, [inputSize(shape), ds.shape[1]]),
    W: transposedMatMul(tf.concat([...rows], 0), ds),
    b: tf.sum(ds, 0),
  };
}

/** The mean loss of a batch and its gradient. Neither the parameters nor the batch are changed or disposed of. */
export function lossGradient(network: Network, parameters: ParameterSet, batch: Batch): LossGradient {
  let figures = { loss: Number.NaN, accuracy: null as number | null };
  const gradient = tf.tidy(() => {
    const pass = forward(network, parameters, batch.inputs);
    const rows = targetRows(network.shape, batch.targets);
    const sums = sumLoss(network.shape, pass.outputs, rows);
    figures = {
      loss: sums.loss / sums.outputs,
      accuracy: sums.correct === null ? null : sums.correct / sums.outputs,
    };
    const dOutputs = outputGradient(network, pass.outputs, rows);
    const steps = preActivationGradients(network, parameters, pass, dOutputs);
    const isDense = network.shape.input.kind === 'dense';
    const recurrent = isDense
      ? ofDense(network, pass.rows, steps)
      : ofOneHot(network, pass.rows, steps, batch.inputs);
    return { ...recurrent, V: transposedMatMul(pass.top, dOutputs), c: tf.sum(dOutputs, 0) };
  });
  return { gradient, ...figures };
}
