/**
 * The gradient of the mean loss by back-propagation through time (Werbos, Proceedings of the IEEE 78, 1990), written out
 * by hand on the network of lib/rnn: the weights of all steps in one product each.
 */
import * as tf from '@tensorflow/tfjs-core';
import { activationOf } from '../rnn/activation.ts';
import type { Batch } from '../rnn/batch.ts';
import { type ForwardPass, forward } from '../rnn/forward.ts';
import { sumLoss, targetRows } from '../rnn/loss.ts';
import type { Network } from '../rnn/network.ts';
import { inputSize } from '../rnn/shape.ts';
import { add, matMulTransposed, mul, selectRows, sub } from '../tensors/arithmetic.ts';
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

/** ∂L/∂s of all steps: (T·B, H), time-major. A padded step has none, and hands ∂L/∂h on as it is. */
function preActivationGradients(
  network: Network,
  parameters: ParameterSet,
  { states, mask }: ForwardPass,
  dOutputs: tf.Tensor2D,
): tf.Tensor2D {
  const T = states.length - 1;
  const { pullBack } = activationOf(network.model.cell);
  const read = fromOutputs(network, parameters, dOutputs, T);
  const zeros = tf.zerosLike(states[0] as tf.Tensor);
  const gradients: tf.Tensor[] = new Array(T);
  let dh = read.at(-1) as tf.Tensor;
  for (let t = T - 1; t >= 0; t -= 1) {
    const isStep = mask?.isStep[t] ?? null;
    const through = pullBack(states[t + 1] as tf.Tensor, dh);
    const ds = isStep === null ? through : selectRows(isStep, through, zeros);
    gradients[t] = ds;
    if (t === 0) break;
    const back = matMulTransposed(ds, parameters.W);
    const carried = isStep === null ? back : selectRows(isStep, back, dh);
    dh = network.shape.readout === 'last' ? carried : add(carried, read[t - 1] as tf.Tensor);
  }
  return tf.concat(gradients as tf.Tensor2D[], 0);
}

/** ∂L/∂U (n, H): xᵀ ∂L/∂s, which for one-hot inputs is a sum by id. */
function inputGradient({ shape }: Network, inputs: tf.Tensor, ds: tf.Tensor2D): tf.Tensor {
  const n = inputSize(shape);
  if (shape.input.kind === 'oneHot') {
    return tf.scatterND(tf.reshape(inputs, [-1, 1]), ds, [n, ds.shape[1]]);
  }
  return tf.matMul(tf.reshape(inputs, [-1, n]) as tf.Tensor2D, ds, true, false);
}

function parameterGradients(
  network: Network,
  inputs: tf.Tensor,
  { states, top }: ForwardPass,
  dOutputs: tf.Tensor2D,
  ds: tf.Tensor2D,
): ParameterSet {
  const previous = tf.concat(states.slice(0, -1), 0) as tf.Tensor2D;
  return {
    U: inputGradient(network, inputs, ds),
    W: tf.matMul(previous, ds, true, false),
    b: tf.sum(ds, 0),
    V: tf.matMul(top, dOutputs, true, false),
    c: tf.sum(dOutputs, 0),
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
    const ds = preActivationGradients(network, parameters, pass, dOutputs);
    return { ...parameterGradients(network, batch.inputs, pass, dOutputs, ds) };
  });
  return { gradient, ...figures };
}
