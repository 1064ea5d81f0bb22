import { followRun, LOCAL_POLL_MS } from '../client/follow.ts';
import { localCapacity } from '../client/localCapacity.ts';
import { prepareRun, submitPrepared } from '../client/submit.ts';
import type { DataProgress } from '../data/samples.ts';
import type { LocalDeployment } from '../emulator/localDeployment.ts';
import type { RunConfig, RunConfigInput } from '../protocol/config.ts';
import { parseRunConfig } from '../protocol/parseConfig.ts';
import type { BackendName } from '../tensors/backend.ts';
import { LatestValue } from './latestValue.ts';
import { withOwnDeployment } from './openDeployment.ts';
import { progressOf, type TrainingProgress } from './progress.ts';
import { readResult, type TrainingResult } from './result.ts';

/** Options of {@link train}. */
export interface TrainOptions {
  /** Where runs are kept, made if it is not there; one process at a time trains in it. Default: `.padmm`. */
  readonly directory?: string;
  /** Worker processes. Default: 2. */
  readonly workers?: number;
  /** Where the files of the dataset are: a directory, or `s3://BUCKET/PREFIX`. */
  readonly data?: string;
  /** Backend of the workers; the best that is there without. */
  readonly backend?: BackendName;
  /** Interrupts the training: the run stays as it is, and `padmm resume` goes on with it. */
  readonly signal?: AbortSignal;
  /** Hears how far the preparation of the data is. */
  readonly onData?: (progress: DataProgress) => void;
}

const DEFAULTS = { directory: '.padmm', workers: 2 } as const;

/**
 * A run that trains on this machine. It goes on whether anybody looks or not; iterating gives its progress, the newest each
 * time, until it ends or fails.
 */
export class Training implements AsyncIterable<TrainingProgress> {
  /**
   * Resolves to what the run came to.
   *
   * Rejects with RunFailedError where it ended without a model; ConfigError, DataError or UsageError where config or data
   * are wrong, with nothing stored; EnvironmentError where the machine lacks something; the signal's reason where it was aborted.
   */
  readonly result: Promise<TrainingResult>;
  readonly #progress = new LatestValue<TrainingProgress>();
  readonly #options: TrainOptions & typeof DEFAULTS;
  #local: LocalDeployment | null = null;

  /** For {@link train}. @internal */
  constructor(config: RunConfig, options: TrainOptions) {
    this.#options = { ...DEFAULTS, ...options } as TrainOptions & typeof DEFAULTS;
    this.result = this.#train(config);
    this.result.then(
      () => this.#progress.end(),
      (error) => this.#progress.end({ error }),
    );
  }

  [Symbol.asyncIterator](): AsyncGenerator<TrainingProgress> {
    return this.#progress[Symbol.asyncIterator]();
  }

  /** Process ids of the workers that are up. */
  get workerPids(): readonly number[] {
    return this.#local?.workerPids ?? [];
  }

  async #train(config: RunConfig): Promise<TrainingResult> {
    const { data, directory, workers, backend, signal, onData } = this.#options;
    try {
      signal?.throwIfAborted();
      const prepared = await prepareRun({ config, dataDirectory: data, signal, onProgress: onData });
      const { threads } = config.worker;
      const capacity = localCapacity(config, prepared.manifest.shape);
      const deployment = {
        ...{ directory, workers, threads, coordinatorTimeoutSeconds: capacity.timeoutSeconds },
        ...(backend && { backend }),
      };
      return await withOwnDeployment(deployment, async (local) => {
        this.#local = local;
        const { run } = await submitPrepared(local.connection, config, prepared, { capacity });
        return this.#follow(local, config, run);
      });
    } catch (error) {
      // What is under way when the signal comes ends in errors of its own.
      throw signal?.aborted ? signal.reason : error;
    } finally {
      this.#local = null;
    }
  }

  async #follow(local: LocalDeployment, config: RunConfig, run: string): Promise<TrainingResult> {
    const { workers, signal } = this.#options;
    const { store } = local.connection;
    const startedAtMs = performance.now();
    for await (const state of followRun(store, run, {
      intervalMs: LOCAL_POLL_MS,
      ...(signal && { signal }),
    })) {
      this.#progress.set(progressOf(config, state));
    }
    return readResult(store, run, { workers, seconds: (performance.now() - startedAtMs) / 1000 });
  }
}

/**
 * Trains a model on this machine, in the embedded emulator, as `padmm train CONFIG --local` does.
 *
 * @example
 * ```ts
 * import { train } from 'padmm';
 *
 * const training = train({ name: 'digits', dataset: { kind: 'digits' } });
 * for await (const { round, loss } of training) console.log(round, loss);
 * const { summary, model } = await training.result;
 * ```
 * @param config as a config file has it; what is left out has its default.
 * @throws ConfigError naming every field that is wrong.
 */
export function train(config: RunConfigInput, options: TrainOptions = {}): Training {
  return new Training(parseRunConfig(config, 'run config'), options);
}
