/**
 * How far a shard goes along its step: θ_i = z̃ + α δ. The batch loss decides, at 2α, α and α/2 of the α that the shard
 * took last, so that it follows the problem without knowing its scale.
 *
 * Not the best of the three is taken but the largest that reaches a fixed share of the best one's decrease: the batch's
 * own minimum along the step is too near, and always taking it ends in the next narrow valley.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../rnn/batch.ts';
import { forward } from '../rnn/forward.ts';
import { sumLoss, targetRows } from '../rnn/loss.ts';
import type { Network } from '../rnn/network.ts';
import { add, mul } from '../tensors/arithmetic.ts';
import { disposeParameters, mapParameters, type ParameterSet } from '../tensors/parameters.ts';

/** Bounds of α. */
const [SHORTEST, LONGEST] = [2 ** -10, 2 ** 4];
/** Share of the best trial's decrease that a longer step has to reach. */
const SUFFICIENT_SHARE = 0.3;
/** A step is bad that multiplies the loss by more than this at every trial: it is halved until it does not. */
const LARGEST_INCREASE = 1.5;

/** A step along which to go. */
export interface Direction {
  readonly broadcast: ParameterSet;
  /** δ = θ − z̃ of the closed-form steps. */
  readonly step: ParameterSet;
  readonly batch: Batch;
  /** Mean loss at z̃. */
  readonly loss: number;
}

/** How far to go, and what is found there. */
export interface Distance {
  /** α. */
  readonly length: number;
  /** Mean loss at z̃ + α δ. */
  readonly loss: number;
}

/** z̃ + α δ. The caller disposes of it. */
export function pointAlong(broadcast: ParameterSet, step: ParameterSet, length: number): ParameterSet {
  return tf.tidy(() => {
    const factor = tf.scalar(length);
    return mapParameters((name) => add(broadcast[name], length === 1 ? step[name] : mul(step[name], factor)));
  });
}

function lossAt(network: Network, { broadcast, step, batch }: Direction, length: number): number {
  return tf.tidy(() => {
    const point = pointAlong(broadcast, step, length);
    const { outputs } = forward(network, point, batch.inputs);
    disposeParameters(point);
    const sums = sumLoss(network.shape, outputs, targetRows(network.shape, batch.targets));
    return sums.loss / sums.outputs;
  });
}

const withinBounds = (length: number): number => Math.min(LONGEST, Math.max(SHORTEST, length));

/**
 * Chooses α.
 *
 * @param last α that the shard took last; 1 at first.
 * @returns a trial that is not bad, or the shortest step there is.
 */
export function chooseStepLength(network: Network, direction: Direction, last: number): Distance {
  const tryAt = (length: number): Distance => ({ length, loss: lossAt(network, direction, length) });
  const lengths = new Set([2 * last, last, last / 2].map(withinBounds));
  const trials = [...lengths].map(tryAt).filter(({ loss }) => Number.isFinite(loss));
  const lowest = Math.min(...trials.map(({ loss }) => loss));
  const share = direction.loss - SUFFICIENT_SHARE * (direction.loss - lowest);
  // Where no trial lowers the loss, the share of a decrease is no bound: then the lowest is taken.
  let chosen = trials.find(({ loss }) => loss <= Math.max(lowest, Math.min(share, direction.loss)));
  let length = Math.min(...lengths);
  while (chosen === undefined || !(chosen.loss <= LARGEST_INCREASE * direction.loss)) {
    if (length <= SHORTEST) return chosen ?? { length, loss: direction.loss };
    length = withinBounds(length / 2);
    chosen = tryAt(length);
  }
  return chosen;
}
