/**
 * What a run will take, before anything runs: rounds, bytes, time and money. The bytes follow from the protocol; the
 * time rests on assumptions, which are measured on one machine and are given with the result.
 */
import type { DatasetConfig, RunConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import { inputSize, parameterShapes } from '../rnn/shape.ts';
import { ASSUMED_CAPACITY } from './commitSize.ts';
import { type Prices, taskRequestsUsd, workerHourUsd } from './prices.ts';

const MNIST_SIDE = 28;
const CLASSES_OF_DIGITS = 10;
const FLOAT_BYTES = 4;

const pictures = (pixelsPerStep: number): TaskShape => {
  return {
    timeSteps: MNIST_SIDE ** 2 / pixelsPerStep,
    input: { kind: 'dense', features: pixelsPerStep, scale: 1 },
    target: { kind: 'classes', classes: CLASSES_OF_DIGITS },
    readout: 'last',
  };
};

/**
 * The shape of a dataset whose config alone tells it; null where only the files do. A vocabulary counts as full.
 */
export function shapeBeforeData(dataset: DatasetConfig): TaskShape | null {
  switch (dataset.kind) {
    case 'digits':
      return pictures(MNIST_SIDE);
    case 'mnist':
      return pictures(dataset.pixelsPerStep);
    case 'imdb':
      return {
        timeSteps: dataset.timeSteps,
        input: { kind: 'oneHot', vocabulary: dataset.vocabularySize, padded: true },
        target: { kind: 'classes', classes: 2 },
        readout: 'last',
      };
    default:
      return null;
  }
}

/** What the time rests on. */
export const ASSUMPTIONS = {
  /**
   * Products of a subproblem a second: samples × time steps × hidden units × (hidden units + inputs), where a one-hot
   * input counts as one. Of one thread on libtensorflow at 250 samples of MNIST by rows and H = 128, 27 ms.
   */
  productsPerSecond: 5.2e9,
  /** Between S3 and a worker. */
  workerBytesPerSecond: 300e6,
  /** Between S3 and the coordinator. */
  coordinatorBytesPerSecond: ASSUMED_CAPACITY.bytesPerSecond,
  /** Latency of the requests around one subproblem. */
  taskLatencySeconds: 0.2,
  /** One invocation of the coordinator, without its bytes. */
  invocationSeconds: 0.1,
  /** AWS Lambda: records of a FIFO batch. */
  batchRecords: 10,
  coordinatorGigabytes: 2,
} as const;

export interface EstimateOptions {
  readonly shape: TaskShape;
  readonly workers: number;
  readonly prices: Prices;
  /** vCPUs of a Fargate worker; null for GPU instances. */
  readonly vcpus: number | null;
  /** Of one subproblem where it was measured; by the assumptions without. */
  readonly subproblemSeconds?: number;
}

export interface Estimate {
  /** The most: a run may stop earlier. */
  readonly rounds: number;
  readonly tasks: number;
  /** P. */
  readonly parameterBytes: number;
  /** Payload that workers and coordinator read and write. */
  readonly bytes: number;
  readonly subproblemSeconds: number;
  readonly roundSeconds: number;
  readonly seconds: number;
  /** Workers, up for the whole run. */
  readonly workersUsd: number;
  /** Requests to S3, SQS and Lambda. */
  readonly requestsUsd: number;
  readonly usd: number;
}

export const parameterCount = (shape: TaskShape, model: RunConfig['model']): number =>
  Object.values(parameterShapes(shape, model)).reduce(
    (total, sizes) => total + sizes.reduce((product, size) => product * size, 1),
    0,
  );

/** P: bytes of one parameter set. */
export const parameterBytesOf = (shape: TaskShape, model: RunConfig['model']): number =>
  FLOAT_BYTES * parameterCount(shape, model);

function subproblemSecondsOf({ model, solver }: RunConfig, shape: TaskShape): number {
  const inputs = shape.input.kind === 'dense' ? inputSize(shape) : 1;
  const products = solver.batchSize * shape.timeSteps * model.hiddenUnits * (model.hiddenUnits + inputs);
  return (products * solver.innerSweeps) / ASSUMPTIONS.productsPerSecond;
}

/** Estimates a run. @throws ConfigError where the network is not defined for the shape. */
export function estimateRun(config: RunConfig, options: EstimateOptions): Estimate {
  const { shape, workers, prices, vcpus } = options;
  const { shards } = config;
  const rounds = config.stop.maxRounds;
  const parameterBytes = parameterBytesOf(shape, config.model);
  const subproblemSeconds = options.subproblemSeconds ?? subproblemSecondsOf(config, shape);
  const taskSeconds =
    subproblemSeconds +
    ASSUMPTIONS.taskLatencySeconds +
    (3 * parameterBytes) / ASSUMPTIONS.workerBytesPerSecond;
  // docs/SCALING.md: ten results an invocation, and (N + 2) P / K bytes through one function.
  const coordinatorSeconds =
    Math.ceil(shards / ASSUMPTIONS.batchRecords) * ASSUMPTIONS.invocationSeconds +
    ((shards + 2) * parameterBytes) / config.consensus.blocks / ASSUMPTIONS.coordinatorBytesPerSecond;
  const roundSeconds = Math.ceil(shards / workers) * taskSeconds + coordinatorSeconds;
  const seconds = rounds * roundSeconds;
  const evaluations = Math.ceil(rounds / config.evaluation.everyRounds) + 1;
  const tasks = rounds * shards + evaluations;
  const workersUsd = ((workers * seconds) / 3600) * workerHourUsd(prices, vcpus);
  const gigabyteSeconds = (coordinatorSeconds / shards) * ASSUMPTIONS.coordinatorGigabytes;
  const requestsUsd = tasks * taskRequestsUsd(prices, gigabyteSeconds);
  return {
    rounds,
    tasks,
    parameterBytes,
    bytes: rounds * (2 * shards + 1 + workers + shards + 2) * parameterBytes,
    subproblemSeconds,
    roundSeconds,
    seconds,
    workersUsd,
    requestsUsd,
    usd: workersUsd + requestsUsd,
  };
}
