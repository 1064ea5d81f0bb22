/**
 * How far a shard goes along its step: θ_i = z̃ + α δ. As far as α = 1.2, unless the loss says that this step is bad.
 *
 * A shard does not look for the length that is best for itself. What is noise in its own step is averaged away over shards
 * and rounds, so that steps which raise the loss of any single shard's samples can be right for all together; lengths that
 * suit the loss of a few samples shrink until nothing moves any more. Only a step that multiplies the loss is shortened:
 * by half as often as it takes, and from then on the shard goes at most twice as far as the last time.
 *
 * α over-relaxes the subproblem (Boyd et al. 2011, section 3.4.3) and is bounded likewise: in a direction that a batch
 * knows nothing of δ is −y_i, and the dual after the round (1 − α) y_i, which swings ever wider from α = 2 on.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Batch, batchSamples, disposeBatch, firstOutputs, firstSamples } from '../rnn/batch.ts';
import { computeOutputs } from '../rnn/forward.ts';
import { targetRows, totalLoss } from '../rnn/loss.ts';
import type { Network } from '../rnn/network.ts';
import { add, mul } from '../tensors/arithmetic.ts';
import { disposeParameters, mapParameters, type ParameterSet } from '../tensors/parameters.ts';
import { LONGEST_STEP } from './longestStep.ts';

/** Bounds of α. */
const [SHORTEST, LONGEST] = [2 ** -10, LONGEST_STEP];
/** A step is bad that multiplies the loss by more than this. */
const LARGEST_INCREASE = 1.5;
/** Share of a batch that judges a step, and the fewest and the most samples that do. */
const [JUDGING_SHARE, FEWEST_JUDGES, MOST_JUDGES] = [1 / 4, 32, 64];

/** A step along which to go. */
export interface Direction {
  readonly broadcast: ParameterSet;
  /** δ = θ − z̃ of the closed-form steps. */
  readonly step: ParameterSet;
}

/** A batch and what the network answers to it at z̃. */
export interface Answered {
  readonly batch: Batch;
  /** (M, K), as a forward pass has them. */
  readonly outputs: tf.Tensor2D;
}

/** How far to go, and what is found there. */
export interface Distance {
  /** α. */
  readonly length: number;
  /** θ_i = z̃ + α δ. The caller disposes of it. */
  readonly point: ParameterSet;
  /** Mean loss there of the samples that judge. */
  readonly loss: number;
}

/** z̃ + α δ. The caller disposes of it. */
export function pointAlong({ broadcast, step }: Direction, length: number): ParameterSet {
  return tf.tidy(() => {
    const factor = tf.scalar(length);
    return mapParameters((name) => add(broadcast[name], length === 1 ? step[name] : mul(step[name], factor)));
  });
}

/** Samples that judge, with their targets in the form of the outputs. */
interface Judges {
  readonly inputs: tf.Tensor;
  /** (M, K). */
  readonly targets: tf.Tensor2D;
}

const meanLoss = ({ shape }: Network, outputs: tf.Tensor2D, { targets }: Judges): number =>
  totalLoss(shape, outputs, targets) / targets.shape[0];

const lossAt = (network: Network, point: ParameterSet, judges: Judges): number =>
  tf.tidy(() => meanLoss(network, computeOutputs(network, point, judges.inputs), judges));

const withinBounds = (length: number): number => Math.min(LONGEST, Math.max(SHORTEST, length));

/** How many samples of a batch judge. */
const judgesOf = (batch: Batch): number =>
  Math.min(MOST_JUDGES, Math.max(FEWEST_JUDGES, Math.ceil(JUDGING_SHARE * batchSamples(batch))));

/** α, from twice the last one downwards; `before` is the judges' mean loss at z̃. */
function search(
  network: Network,
  direction: Direction,
  judges: Judges,
  { before, last }: { readonly before: number; readonly last: number },
): Distance {
  const tryAt = (length: number): Distance => {
    const point = pointAlong(direction, length);
    return { length, point, loss: lossAt(network, point, judges) };
  };
  const bound = LARGEST_INCREASE * before;
  let distance = tryAt(withinBounds(2 * last));
  // Written so that a loss which is no number is bad.
  while (!(distance.loss <= bound) && distance.length > SHORTEST) {
    disposeParameters(distance.point);
    distance = tryAt(withinBounds(distance.length / 2));
  }
  return distance;
}

/**
 * Chooses α.
 *
 * @param answered the batch that the step was made for; its first samples judge: a quarter of them, 32 to 64.
 * @param last α that the shard took last; 1 at first.
 * @returns a step that is not bad, or the shortest there is.
 */
export function chooseStepLength(
  network: Network,
  direction: Direction,
  { batch, outputs }: Answered,
  last: number,
): Distance {
  const { shape } = network;
  const size = judgesOf(batch);
  const first = firstSamples(shape, batch, size);
  const judges: Judges = { inputs: first.inputs, targets: targetRows(shape, first.targets) };
  const before = tf.tidy(() => meanLoss(network, firstOutputs(shape, batch, outputs, size), judges));
  const distance = search(network, direction, judges, { before, last });
  judges.targets.dispose();
  disposeBatch(first);
  return distance;
}
