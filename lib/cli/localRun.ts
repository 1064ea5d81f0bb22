/** A run in the embedded emulator: deployment up, run followed to its end, what it left written beside it. */
import { fileURLToPath } from 'node:url';
import { followRun } from '../client/follow.ts';
import type { LocalDeployment } from '../emulator/localDeployment.ts';
import { openLocalDeployment } from '../emulator/localDeployment.ts';
import { RunFailedError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { RunState } from '../protocol/state.ts';
import type { ProgressView } from './progress.ts';

export interface LocalOptions {
  readonly dir: string;
  readonly workers: number;
  readonly port?: number;
}

/** Time between two looks at the state of a run on this machine. */
const LOCAL_POLL_MS = 100;

const entryPoint = (name: string): string =>
  fileURLToPath(new URL(`../../functions/${name}/index.ts`, import.meta.url));

/** Opens the directory's deployment, does `work` with it, and closes it whatever comes. */
export async function withLocalDeployment<T>(
  { dir, workers, port = 0 }: LocalOptions,
  config: RunConfig,
  work: (local: LocalDeployment) => Promise<T>,
): Promise<T> {
  const backend = process.env.PADMM_BACKEND;
  const local = await openLocalDeployment({
    directory: dir,
    port,
    workers,
    coordinatorEntry: entryPoint('coordinator'),
    workerEntry: entryPoint('worker'),
    threads: config.worker.threads,
    ...(backend ? { backend } : {}),
  });
  try {
    return await work(local);
  } finally {
    await local.close();
  }
}

/**
 * Follows a run to its end.
 *
 * @throws RunFailedError where it ended without a model, EnvironmentError where no worker can be kept up.
 */
export async function followToEnd(
  { connection, failure }: LocalDeployment,
  run: string,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<void> {
  let last: RunState | undefined;
  const follow = async () => {
    for await (const state of followRun(connection.store, run, { intervalMs: LOCAL_POLL_MS, signal })) {
      last = state;
      progress.show(state);
    }
  };
  const hopeless = failure.then((error) => Promise.reject(error));
  await Promise.race([follow(), hopeless]);
  if (last?.status === 'failed') throw new RunFailedError(`run ${run} failed: ${last.reason}`);
}
