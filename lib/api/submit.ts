import { ASSUMED_CAPACITY } from '../client/commitSize.ts';
import { controlRun } from '../client/control.ts';
import { followRun } from '../client/follow.ts';
import { prepareRun, submitPrepared } from '../client/submit.ts';
import { type Connection, connect } from '../cloud/deployment.ts';
import { currentRegion } from '../cloud/region.ts';
import { DEFAULT_STACK, findStack, type StackDeployment } from '../cloud/stack.ts';
import type { DataProgress } from '../data/samples.ts';
import type { RunConfig, RunConfigInput } from '../protocol/config.ts';
import { parseRunConfig } from '../protocol/parseConfig.ts';
import { progressOf, type TrainingProgress } from './progress.ts';
import { readResult, type TrainingResult } from './result.ts';
import { wantWorkers } from './wantWorkers.ts';

/** Options of {@link submit}. */
export interface SubmitToStackOptions {
  /** CloudFormation stack of the deployment. Default: `padmm`. */
  readonly stack?: string;
  /** AWS region of the stack; as environment and profile say without. */
  readonly region?: string;
  /** Profile of the AWS configuration. */
  readonly profile?: string;
  /** Endpoint of an AWS emulator, such as LocalStack. */
  readonly endpoint?: string;
  /** Where the files of the dataset are: a directory, or `s3://BUCKET/PREFIX`. */
  readonly data?: string;
  /** Ends the preparation of the data. */
  readonly signal?: AbortSignal;
  /** Hears how far the preparation of the data is. */
  readonly onData?: (progress: DataProgress) => void;
}

/** For what watches a run. */
export interface WatchOptions {
  /** Ends the watching, not the run. */
  readonly signal?: AbortSignal;
  /** Time between two looks. Default: 2000. */
  readonly pollMs?: number;
}

const POLL_MS = 2000;

/** A run on a deployment; it goes on when this process ends. */
export class SubmittedRun {
  readonly run: string;
  readonly stack: string;
  readonly region: string;
  readonly #config: RunConfig;
  readonly #connection: Connection;

  /** For {@link submit}. @internal */
  constructor(run: string, config: RunConfig, deployment: StackDeployment, connection: Connection) {
    this.run = run;
    this.stack = deployment.stack;
    this.region = deployment.region;
    this.#config = config;
    this.#connection = connection;
  }

  /** The progress of the run each time it has changed, until it has ended. */
  async *watch({ signal, pollMs = POLL_MS }: WatchOptions = {}): AsyncGenerator<TrainingProgress> {
    const follow = { intervalMs: pollMs, ...(signal && { signal }) };
    for await (const state of followRun(this.#connection.store, this.run, follow)) {
      yield progressOf(this.#config, state);
    }
  }

  /** Waits for the end of the run, and reads what it came to. @throws RunFailedError where it ended without a model. */
  async result(options: WatchOptions = {}): Promise<TrainingResult> {
    for await (const _ of this.watch(options));
    return readResult(this.#connection.store, this.run);
  }

  /** Holds the run until it is resumed. */
  pause(): Promise<void> {
    return controlRun(this.#connection.results, this.run, 'pause');
  }

  resume(): Promise<void> {
    return controlRun(this.#connection.results, this.run, 'resume');
  }

  /** Ends the run early, with the best model so far. */
  stop(): Promise<void> {
    return controlRun(this.#connection.results, this.run, 'stop');
  }

  /** Closes the sockets to the deployment; the run goes on. */
  close(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Submits a run to a deployment on AWS and wants workers for it, as `padmm submit CONFIG` does; does not wait for its end.
 *
 * @example
 * ```ts
 * import { submit } from 'padmm';
 *
 * using submitted = await submit({ name: 'digits', dataset: { kind: 'digits' } }, { region: 'eu-west-1' });
 * for await (const { round, loss } of submitted.watch()) console.log(round, loss);
 * const { model } = await submitted.result();
 * ```
 * @throws ConfigError naming every field that is wrong; EnvironmentError where there is no such deployment; DataError or
 *   UsageError where data are wrong, with nothing stored.
 */
export async function submit(
  config: RunConfigInput,
  options: SubmitToStackOptions = {},
): Promise<SubmittedRun> {
  const { stack = DEFAULT_STACK, profile, endpoint, data, signal, onData } = options;
  const parsed = parseRunConfig(config, 'run config');
  const region = options.region ?? (await currentRegion(profile));
  const deployment = await findStack(stack, {
    region,
    ...(profile && { profile }),
    ...(endpoint && { endpoint }),
  });
  const connection = connect(deployment);
  try {
    const prepared = await prepareRun({
      ...{ config: parsed, cloud: deployment, dataDirectory: data, signal, onProgress: onData },
    });
    const capacity = { ...ASSUMED_CAPACITY, ...deployment.coordinator };
    const { run } = await submitPrepared(connection, parsed, prepared, { capacity });
    await wantWorkers(deployment, parsed.shards);
    return new SubmittedRun(run, parsed, deployment, connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}
