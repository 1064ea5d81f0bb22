/**
 * How far a shard goes along its step: θ_i = z̃ + α δ. The loss decides, at 2α, α and α/2 of the α that the shard took
 * last, so that it follows the problem without knowing its scale. It is the mean over the batch that the step was made
 * for and as many samples that it was not: on its own batch alone a network with many words learns them by heart and
 * the steps grow, on others alone the noise of one batch makes them shrink.
 *
 * Not the best of the three is taken but the largest that reaches a fixed share of the best one's decrease: the batch's
 * own minimum along the step is too near, and always taking it ends in the next narrow valley.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../rnn/batch.ts';
import { computeOutputs } from '../rnn/forward.ts';
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
  /** Samples of the same shard that the step was not made for; null: the batch alone decides. */
  readonly probe: Batch | null;
}

/** How far to go, and what is found there. */
export interface Distance {
  /** α. */
  readonly length: number;
  /** Mean loss of the batch at z̃ + α δ. */
  readonly own: number;
}

/** A distance with the loss that decides about it. */
interface Trial extends Distance {
  readonly loss: number;
}

/** z̃ + α δ. The caller disposes of it. */
export function pointAlong(broadcast: ParameterSet, step: ParameterSet, length: number): ParameterSet {
  return tf.tidy(() => {
    const factor = tf.scalar(length);
    return mapParameters((name) => add(broadcast[name], length === 1 ? step[name] : mul(step[name], factor)));
  });
}

function batchLoss(network: Network, point: ParameterSet, { inputs, targets }: Batch): number {
  return tf.tidy(() => {
    const sums = sumLoss(
      network.shape,
      computeOutputs(network, point, inputs),
      targetRows(network.shape, targets),
    );
    return sums.loss / sums.outputs;
  });
}

function lossAt(network: Network, { broadcast, step, batch, probe }: Direction, length: number): Trial {
  const point = pointAlong(broadcast, step, length);
  const own = batchLoss(network, point, batch);
  const loss = probe === null ? own : (own + batchLoss(network, point, probe)) / 2;
  disposeParameters(point);
  return { length, own, loss };
}

const withinBounds = (length: number): number => Math.min(LONGEST, Math.max(SHORTEST, length));

/**
 * Chooses α.
 *
 * @param last α that the shard took last; 1 at first.
 * @returns a trial that is not bad, or the shortest step there is.
 */
export function chooseStepLength(network: Network, direction: Direction, last: number): Distance {
  const tryAt = (length: number): Trial => lossAt(network, direction, length);
  const start = tryAt(0);
  const lengths = new Set([2 * last, last, last / 2].map(withinBounds));
  const trials = [...lengths].map(tryAt).filter(({ loss }) => Number.isFinite(loss));
  const lowest = Math.min(...trials.map(({ loss }) => loss));
  // Where no trial lowers the loss, no share of a decrease bounds it: then the lowest is taken.
  const decrease = Math.max(0, start.loss - lowest);
  const bound = decrease === 0 ? lowest : start.loss - SUFFICIENT_SHARE * decrease;
  let chosen = trials.find(({ loss }) => loss <= bound);
  let length = Math.min(...lengths);
  while (chosen === undefined || !(chosen.loss <= LARGEST_INCREASE * start.loss)) {
    if (length <= SHORTEST) return chosen ?? { length, own: start.own };
    length = withinBounds(length / 2);
    chosen = tryAt(length);
  }
  return chosen;
}
