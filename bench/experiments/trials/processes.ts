/** A run on real processes, one worker of which is stopped and continued by signals: a straggler that works in bursts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { followRun } from '../../../lib/client/follow.ts';
import { submitRun } from '../../../lib/client/submit.ts';
import { openLocalDeployment } from '../../../lib/emulator/localDeployment.ts';
import { type RunView, readRun } from '../../../lib/observe/runView.ts';
import type { ProcessesTrial, Training } from '../trial.ts';
import { trainingOf } from './padmm.ts';

/** Stopped and continued so often: well above a subproblem's time, so that a task meets a stop whole. */
const PERIOD_MS = 1000;
const POLL_MS = 50;

const entry = (name: string): string =>
  fileURLToPath(new URL(`../../../functions/${name}/index.ts`, import.meta.url));

/** Stops a process for a share of every period, until the answer is called. */
function holdUp(pid: () => number | undefined, stoppedShare: number): () => void {
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    const target = pid();
    if (target !== undefined) process.kill(target, name);
  };
  let timer: NodeJS.Timeout;
  const cycle = (stopped: boolean): void => {
    signal(stopped ? 'SIGSTOP' : 'SIGCONT');
    const share = stopped ? stoppedShare : 1 - stoppedShare;
    timer = setTimeout(() => cycle(!stopped), share * PERIOD_MS);
  };
  if (stoppedShare > 0) cycle(true);
  return () => {
    clearTimeout(timer);
    if (stoppedShare > 0) signal('SIGCONT');
  };
}

/** Times of the run's history from its first task on, as a run in one process has them. */
function fromStart(view: RunView): RunView {
  const start = Math.min(...(view.rounds[0]?.arrivals.map((arrival) => arrival.startedAtMs) ?? [0]));
  return {
    ...view,
    rounds: view.rounds.map((round) => ({ ...round, formedAtMs: round.formedAtMs - start })),
  };
}

/** Trains on an embedded deployment of its own, in a temporary directory. */
export async function runProcesses(
  dataDirectory: string | undefined,
  { config, workers, stoppedShare }: ProcessesTrial,
): Promise<Training> {
  const directory = await mkdtemp(join(tmpdir(), 'padmm-experiment-'));
  const local = await openLocalDeployment({
    ...{ directory, workers, threads: config.worker.threads },
    coordinatorEntry: entry('coordinator'),
    workerEntry: entry('worker'),
  });
  const release = holdUp(() => local.workerPids[0], stoppedShare);
  try {
    const { store } = local.connection;
    const data = dataDirectory === undefined ? {} : { dataDirectory };
    const { run } = await submitRun(local.connection, { config, ...data });
    const end = (async () => {
      for await (const _state of followRun(store, run, { intervalMs: POLL_MS }));
    })();
    await Promise.race([end, local.failure.then((error) => Promise.reject(error))]);
    return trainingOf(fromStart(await readRun(store, run)), null);
  } finally {
    release();
    await local.close();
    await rm(directory, { recursive: true, force: true });
  }
}
