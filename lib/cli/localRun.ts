/** A run in the embedded emulator: deployment up, run followed to its end, what it leaves written beside it. */
import { withOwnDeployment } from '../api/openDeployment.ts';
import { followRun, LOCAL_POLL_MS } from '../client/follow.ts';
import type { LocalDeployment } from '../emulator/localDeployment.ts';
import { RunFailedError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { RunState } from '../protocol/state.ts';
import { noteOutcome, readSummary } from './outcome.ts';
import { note, printJson } from './output.ts';
import { writeOutputs } from './outputs.ts';
import { createProgress, type ProgressView } from './progress.ts';

export interface LocalOptions {
  readonly dir: string;
  readonly workers: number;
  readonly port?: number;
}

/** What a run that is trained here wants of the coordinator. */
export interface LocalNeeds {
  readonly config: RunConfig;
  /** Time-out of one of its invocations. */
  readonly timeoutSeconds: number;
}

/** Opens the directory's deployment, does `work` with it, and closes it whatever comes. */
export function withLocalDeployment<T>(
  { dir, workers, port = 0 }: LocalOptions,
  { config, timeoutSeconds }: LocalNeeds,
  work: (local: LocalDeployment) => Promise<T>,
): Promise<T> {
  const backend = process.env.PADMM_BACKEND;
  const deployment = {
    ...{ directory: dir, port, workers, threads: config.worker.threads },
    coordinatorTimeoutSeconds: timeoutSeconds,
    ...(backend ? { backend } : {}),
  };
  return withOwnDeployment(deployment, work);
}

async function followToEnd(
  { connection }: LocalDeployment,
  run: string,
  progress: ProgressView,
  signal: AbortSignal,
): Promise<void> {
  let last: RunState | undefined;
  for await (const state of followRun(connection.store, run, { intervalMs: LOCAL_POLL_MS, signal })) {
    last = state;
    progress.show(state);
  }
  if (last?.status === 'failed') throw new RunFailedError(`run ${run} failed: ${last.reason}`);
}

/**
 * Follows a run to its end, writes model and report, and says or prints what it came to.
 *
 * @throws RunFailedError where it ended without a model, EnvironmentError where no worker can be kept up.
 */
export async function finishLocally(
  local: LocalDeployment,
  config: RunConfig,
  run: string,
  options: LocalOptions & { readonly json?: true },
  signal: AbortSignal,
): Promise<void> {
  const progress = createProgress(config);
  const startedAtMs = performance.now();
  try {
    await followToEnd(local, run, progress, signal);
  } finally {
    progress.end();
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { store } = local.connection;
  const summary = await readSummary(store, run, { workers: options.workers, seconds });
  const { model, report } = await writeOutputs(store, run, options.dir);
  noteOutcome(summary);
  note(`model:  ${model}`);
  note(`report: ${report}`);
  if (options.json) printJson(summary);
}
