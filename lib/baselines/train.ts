/** Training by back-propagation through time, mini-batch after mini-batch. */
import { drawBatchIndices } from '../data/draw.ts';
import { type Batch, disposeBatch } from '../rnn/batch.ts';
import type { Network } from '../rnn/network.ts';
import { NumericalError } from '../tensors/numericalError.ts';
import { disposeParameters, type ParameterSet } from '../tensors/parameters.ts';
import { clipByGlobalNorm } from './clipping.ts';
import { lossGradient } from './gradient.ts';
import { Optimizer, type OptimizerOptions } from './optimizer.ts';

export interface BaselineOptions {
  readonly optimizer: OptimizerOptions;
  /** B: samples of a mini-batch. */
  readonly batchSize: number;
  /** Largest norm of a gradient over all parameters; null does not clip. */
  readonly clipNorm: number | null;
  /** Of the order of the samples, as `seed` of a run config. */
  readonly seed: number;
}

/** The training samples on the backend. */
export interface TrainingSamples {
  readonly count: number;
  /** The samples at `indices` as a batch, which the caller disposes of. */
  take(indices: Int32Array): Batch;
}

/** A step that was taken. */
export interface BaselineStep {
  /** Counted from 1. */
  readonly step: number;
  readonly samplesSeen: number;
  /** θ after the step. It stays the trainer's, and is gone at the next one. */
  readonly parameters: ParameterSet;
  /** Mean loss of the mini-batch before the step. */
  readonly loss: number;
  /** ‖g‖ before clipping. */
  readonly gradientNorm: number;
}

function takeStep(
  network: Network,
  optimizer: Optimizer,
  batch: Batch,
  { clipNorm }: BaselineOptions,
): Pick<BaselineStep, 'loss' | 'gradientNorm'> {
  const { gradient, loss } = lossGradient(network, optimizer.parameters, batch);
  const clipped = clipByGlobalNorm(gradient, clipNorm);
  disposeParameters(gradient);
  try {
    if (!Number.isFinite(loss) || !Number.isFinite(clipped.norm)) {
      throw new NumericalError(
        `back-propagation: expected a finite gradient, received norm ${clipped.norm} of loss ${loss}`,
      );
    }
    optimizer.step(clipped.gradient);
  } finally {
    disposeParameters(clipped.gradient);
  }
  return { loss, gradientNorm: clipped.norm };
}

/**
 * Trains without end: the caller takes as many steps as it wants, and looks at the parameters between them. Batches are
 * drawn without replacement in each epoch, as those of a shard of a run are, and as a function of the seed alone.
 *
 * @param initial is copied.
 * @throws NumericalError where the loss or the gradient is not finite: training has diverged.
 */
export function* trainBaseline(
  network: Network,
  initial: ParameterSet,
  samples: TrainingSamples,
  options: BaselineOptions,
): Generator<BaselineStep, never, undefined> {
  const { seed, batchSize } = options;
  const optimizer = new Optimizer(options.optimizer, initial);
  try {
    for (let version = 0; ; version += 1) {
      const draw = { seed, shard: 0, version, batchSize, samples: samples.count };
      const batch = samples.take(drawBatchIndices(draw));
      try {
        const taken = takeStep(network, optimizer, batch, options);
        const step = version + 1;
        yield { step, samplesSeen: step * batchSize, parameters: optimizer.parameters, ...taken };
      } finally {
        disposeBatch(batch);
      }
    }
  } finally {
    optimizer.dispose();
  }
}
