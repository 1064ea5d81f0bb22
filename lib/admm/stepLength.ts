/**
 * How far a shard goes along its step: θ_i = z̃ + α δ. The loss decides, at 2α, α and α/2 of the α
 * that the shard took last, so that it follows the problem without knowing its scale. It is weighed over samples that
 * the step was made for and as many that it was not: on the former alone a network with many words learns them by heart
 * and the steps grow, on the latter alone the noise of one batch makes them shrink.
 *
 * Not the best of the three is taken but the largest that reaches a fixed share of the best one's decrease: the batch's
 * own minimum along the step is too near, and always taking it ends in the next narrow valley.
 *
 * α over-relaxes the subproblem (Boyd et al. 2011, section 3.4.3) and is bounded likewise: in a direction that a batch
 * knows nothing of δ is −y_i, and the dual after the round (1 − α) y_i, which swings ever wider from α = 2 on.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Batch, batchSamples, disposeBatch, firstSamples } from '../rnn/batch.ts';
import { computeOutputs } from '../rnn/forward.ts';
import { sumLoss, targetRows } from '../rnn/loss.ts';
import type { Network } from '../rnn/network.ts';
import { add, mul } from '../tensors/arithmetic.ts';
import { disposeParameters, mapParameters, type ParameterSet } from '../tensors/parameters.ts';
import { LONGEST_STEP } from './longestStep.ts';

/** Bounds of α. */
const [SHORTEST, LONGEST] = [2 ** -10, LONGEST_STEP];
/** Share of the best trial's decrease that a longer step has to reach. */
const SUFFICIENT_SHARE = 0.3;
/** A step is bad that multiplies the loss by more than this at every trial: it is halved until it does not. */
const LARGEST_INCREASE = 1.5;
/** Weight of the samples that the step was made for, against those that it was not. */
const OWN_WEIGHT = 1 / 3;
/** Share of a batch that judges a step, and the fewest samples that do: a sixteenth of a sweep's work a trial. */
const [JUDGING_SHARE, FEWEST_JUDGES] = [1 / 4, 32];

/** A step along which to go. */
export interface Direction {
  readonly broadcast: ParameterSet;
  /** δ = θ − z̃ of the closed-form steps. */
  readonly step: ParameterSet;
}

/** Samples that judge a step. */
export interface Judges {
  readonly batch: Batch;
  /** Samples of the same shard that the step was not made for; null: the batch alone decides. */
  readonly probe: Batch | null;
}

/** How far to go, and what is found there. */
export interface Distance {
  /** α. */
  readonly length: number;
  /** Mean loss there of those samples of the batch that judge. */
  readonly own: number;
}

/** A distance with the loss that decides about it. */
interface Trial extends Distance {
  readonly loss: number;
}

/** z̃ + α δ. The caller disposes of it. */
export function pointAlong({ broadcast, step }: Direction, length: number): ParameterSet {
  return tf.tidy(() => {
    const factor = tf.scalar(length);
    return mapParameters((name) => add(broadcast[name], length === 1 ? step[name] : mul(step[name], factor)));
  });
}

function batchLoss(network: Network, point: ParameterSet, { inputs, targets }: Batch): number {
  return tf.tidy(() => {
    const outputs = computeOutputs(network, point, inputs);
    const sums = sumLoss(network.shape, outputs, targetRows(network.shape, targets));
    return sums.loss / sums.outputs;
  });
}

function lossAt(network: Network, direction: Direction, { batch, probe }: Judges, length: number): Trial {
  const point = pointAlong(direction, length);
  const own = batchLoss(network, point, batch);
  const loss = probe === null ? own : OWN_WEIGHT * own + (1 - OWN_WEIGHT) * batchLoss(network, point, probe);
  disposeParameters(point);
  return { length, own, loss };
}

const withinBounds = (length: number): number => Math.min(LONGEST, Math.max(SHORTEST, length));

function search(tryAt: (length: number) => Trial, last: number): Distance {
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

/**
 * Chooses α.
 *
 * @param judges a batch and a probe, of which the first quarter is looked at.
 * @param last α that the shard took last; 1 at first.
 * @returns a trial that is not bad, or the shortest step there is.
 */
export function chooseStepLength(
  network: Network,
  direction: Direction,
  { batch, probe }: Judges,
  last: number,
): Distance {
  const some = (samples: Batch): Batch =>
    firstSamples(
      network.shape,
      samples,
      Math.max(FEWEST_JUDGES, Math.ceil(JUDGING_SHARE * batchSamples(samples))),
    );
  const judges = { batch: some(batch), probe: probe === null ? null : some(probe) };
  const distance = search((length) => lossAt(network, direction, judges, length), last);
  disposeBatch(judges.batch);
  if (judges.probe !== null) disposeBatch(judges.probe);
  return distance;
}
