/** A whole deployment on this machine: embedded AWS, the coordinator's function and its event source, workers. */
import { appendFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection, connect, type Deployment, toEnvironment } from '../cloud/deployment.ts';
import { FOLDS_VARIABLE } from '../cloud/foldQueue.ts';
import { EnvironmentError } from '../errors.ts';
import { ClosingStack } from './closingStack.ts';
import { COORDINATOR_TIMEOUT_SECONDS } from './coordinatorTimeout.ts';
import { type EmbeddedAws, startEmbeddedAws, TASKS_VISIBILITY_SECONDS } from './embeddedAws.ts';
import { EventSourcePoller } from './eventSourcePoller.ts';
import { requireFreePort } from './freePort.ts';
import { LambdaFunction } from './lambdaFunction.ts';
import type { LambdaOptions } from './lambdaProcess.ts';
import { Schedule } from './schedule.ts';
import { enterDirectory } from './session.ts';
import { WorkerProcesses } from './workerProcesses.ts';

export interface LocalDeploymentOptions {
  /** Holds the objects, the logs and the lock; made if it is not there. */
  readonly directory: string;
  /** Of the embedded AWS; 0, the default, takes a free one. */
  readonly port?: number;
  /** Worker processes. */
  readonly workers: number;
  /** File that exports the coordinator's `handler`. */
  readonly coordinatorEntry: string;
  /** Time-out of one invocation of it, where 9 s are too few for a fold of many large shards; a crash costs a second more. */
  readonly coordinatorTimeoutSeconds?: number;
  /** File that exports the watchdog's `handler`; nobody looks after the runs without. */
  readonly watchdogEntry?: string;
  /** File that a worker process runs. */
  readonly workerEntry: string;
  /** Threads a worker computes with. */
  readonly threads: number;
  /** tfjs backend of the workers; the best that is there without. */
  readonly backend?: string;
}

export interface LocalDeployment {
  readonly deployment: Deployment;
  readonly connection: Connection;
  /** Process ids of the coordinator's function, as far as they are up. */
  readonly coordinatorPids: readonly number[];
  readonly workerPids: readonly number[];
  /** Resolves if the workers cannot be kept up, or the disk is full; stays pending otherwise. */
  readonly failure: Promise<EnvironmentError>;
  /** Ends everything in order; the directory can be opened again afterwards. */
  close(): Promise<void>;
}

/** The queues hide messages for longer than an invocation lasts, as AWS Lambda demands: none comes back while it runs. */
const VISIBILITY_MARGIN_SECONDS = 1;
/** AWS Lambda's least: two runs never wait for each other. */
const COORDINATOR_CONCURRENCY = 2;
/** ECS gives 120 s; a local task takes less. */
const WORKER_GRACE_MS = 10_000;
const COORDINATOR_NAME = 'padmm-coordinator';
const WATCHDOG_NAME = 'padmm-watchdog';
/** A minute on AWS; less here, since everything is nearer. A short run ends before the first round. */
const WATCHDOG_INTERVAL_MS = 5_000;
const WATCHDOG_TIMEOUT_MS = 55_000;

/** Where the workers share contributions while the directory is open. */
const cacheDirectory = (directory: string): string => join(directory, 'cache');

/** What the worker's entry reads besides the deployment. */
function workerEnvironment({ threads, backend, directory }: LocalDeploymentOptions): Record<string, string> {
  return {
    PADMM_THREADS: String(threads),
    PADMM_TASK_VISIBILITY_SECONDS: String(TASKS_VISIBILITY_SECONDS),
    ...(backend === undefined ? {} : { PADMM_BACKEND: backend }),
    PADMM_CACHE_DIR: cacheDirectory(directory),
  };
}

interface Processes {
  readonly coordinator: LambdaFunction;
  readonly pollers: readonly EventSourcePoller[];
  readonly workers: WorkerProcesses;
  readonly watchdog: Watchdog | null;
  /** Resolves if the log cannot be written; stays pending otherwise. */
  readonly logFailure: Promise<EnvironmentError>;
}

interface Watchdog {
  readonly lambda: LambdaFunction;
  readonly schedule: Schedule;
}

/** The watchdog's function on its rule. */
function startWatchdog(
  entry: string,
  shared: Pick<LambdaOptions, 'environment'> & { readonly logDirectory: string },
  log: (line: string) => void,
): Watchdog {
  const lambda = new LambdaFunction({
    entry,
    functionName: WATCHDOG_NAME,
    timeoutMs: WATCHDOG_TIMEOUT_MS,
    environment: { ...shared.environment, AWS_LAMBDA_FUNCTION_NAME: WATCHDOG_NAME },
    logFile: join(shared.logDirectory, 'watchdog.log'),
  });
  const schedule = new Schedule({ everyMs: WATCHDOG_INTERVAL_MS, invoke: () => lambda.invoke({}), log });
  schedule.start();
  return { lambda, schedule };
}

function startProcesses(
  options: LocalDeploymentOptions,
  aws: EmbeddedAws,
  logDirectory: string,
  timeoutSeconds: number,
): Processes {
  const { deployment } = aws;
  const environment = {
    ...process.env,
    ...toEnvironment(deployment),
    [FOLDS_VARIABLE]: deployment.foldsQueueUrl,
  };
  const logFailure = Promise.withResolvers<EnvironmentError>();
  const log = (line: string): void => {
    try {
      appendFileSync(join(logDirectory, 'local.log'), `${new Date().toISOString()} ${line}\n`);
    } catch (error) {
      const message = `${logDirectory}: expected a disk that takes what is stored, received ${error}`;
      logFailure.resolve(new EnvironmentError(message, { cause: error }));
    }
  };
  const coordinator = new LambdaFunction({
    entry: options.coordinatorEntry,
    functionName: COORDINATOR_NAME,
    timeoutMs: 1000 * timeoutSeconds,
    environment: { ...environment, AWS_LAMBDA_FUNCTION_NAME: COORDINATOR_NAME },
    logFile: join(logDirectory, 'coordinator.log'),
  });
  const pollerOf = (queueUrl: string, batchRecords: number): EventSourcePoller =>
    new EventSourcePoller({
      ...{ queue: aws.eventSource(queueUrl), batchRecords, log },
      invoke: (event) => coordinator.invoke(event),
      maxConcurrency: COORDINATOR_CONCURRENCY,
    });
  const pollers = [pollerOf(deployment.resultsQueueUrl, 10), pollerOf(deployment.foldsQueueUrl, 1)];
  const workers = new WorkerProcesses({
    count: options.workers,
    entry: options.workerEntry,
    environment: { ...environment, ...workerEnvironment(options) },
    logDirectory,
    graceMs: WORKER_GRACE_MS,
    log,
  });
  for (const poller of pollers) poller.start();
  workers.start();
  const { watchdogEntry } = options;
  const watchdog =
    watchdogEntry === undefined ? null : startWatchdog(watchdogEntry, { environment, logDirectory }, log);
  return { coordinator, pollers, workers, watchdog, logFailure: logFailure.promise };
}

/**
 * Opens a directory for training: nobody else can until it is closed.
 *
 * @throws EnvironmentError where another process has the directory open, it cannot be written, or the port is taken.
 */
export async function openLocalDeployment(options: LocalDeploymentOptions): Promise<LocalDeployment> {
  const { directory, port = 0 } = options;
  const timeoutSeconds = Math.max(options.coordinatorTimeoutSeconds ?? 0, COORDINATOR_TIMEOUT_SECONDS);
  if (port !== 0) await requireFreePort(port);
  const lock = await enterDirectory(directory);
  if (!('release' in lock)) {
    throw new EnvironmentError(
      `${directory}: in use by process ${lock.pid}; wait until it ends, stop it, or use another directory`,
    );
  }
  const opened = new ClosingStack();
  opened.push(() => lock.release());
  opened.push(() => rm(cacheDirectory(directory), { recursive: true, force: true }));
  try {
    const logDirectory = join(directory, 'logs');
    await mkdir(logDirectory, { recursive: true });
    const resultsVisibilitySeconds = timeoutSeconds + VISIBILITY_MARGIN_SECONDS;
    const aws = await startEmbeddedAws({ directory, port, resultsVisibilitySeconds });
    opened.push(() => aws.close());
    await lock.publish(aws.deployment);
    const connection = connect(aws.deployment);
    opened.push(() => connection.close());
    const { coordinator, pollers, workers, watchdog, logFailure } = startProcesses(
      options,
      aws,
      logDirectory,
      timeoutSeconds,
    );
    // Workers first: what they hand back or report on their way out is still taken.
    opened.push(() => coordinator.close());
    opened.push(async () => void (await Promise.all(pollers.map((poller) => poller.stop()))));
    opened.push(() => workers.stop());
    if (watchdog !== null) {
      opened.push(() => watchdog.lambda.close());
      opened.push(() => watchdog.schedule.stop());
    }
    return {
      deployment: aws.deployment,
      connection,
      get coordinatorPids() {
        return coordinator.pids;
      },
      get workerPids() {
        return workers.pids;
      },
      failure: Promise.race([workers.failure, aws.failure, logFailure]),
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
