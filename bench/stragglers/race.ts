/** One training on four real worker processes, one of them slow, timed until the validation accuracy reaches a target. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { followRun } from '../../lib/client/follow.ts';
import { submitRun } from '../../lib/client/submit.ts';
import { openLocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { type RunView, readRun } from '../../lib/observe/runView.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';

export interface Race {
  readonly config: RunConfig;
  readonly dataDirectory: string;
  readonly workers: number;
  /** Least time of a subproblem on a fast worker. */
  readonly solveMs: number;
  readonly slowFactor: number;
  readonly targetAccuracy: number;
}

export interface Finish {
  /** From the begin of the first subproblem to the version that reached the target. */
  readonly seconds: number;
  readonly version: number;
  readonly samples: number;
  readonly accuracy: number;
  /** Mean and largest staleness of what was taken in. */
  readonly meanStaleness: number;
  readonly largestStaleness: number;
  /** Share of subproblems that took longer than the least time of a fast worker: the machine's doing. */
  readonly overran: number;
}

const POLL_MS = 100;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

function finishOf({ rounds, evaluations }: RunView, { targetAccuracy, solveMs }: Race): Finish {
  const reached = evaluations.find(({ metrics }) => (metrics.accuracy ?? 0) >= targetAccuracy);
  const round = rounds.find(({ version }) => version === reached?.version);
  if (reached === undefined || round === undefined) {
    throw new Error(`accuracy ${targetAccuracy}: not reached within ${rounds.length} rounds`);
  }
  const arrivals = rounds.slice(0, round.version).flatMap((each) => each.arrivals);
  const startedAtMs = Math.min(...arrivals.map((arrival) => arrival.startedAtMs));
  const staleness = arrivals.map((arrival) => arrival.staleness);
  const late = arrivals.filter(({ startedAtMs: from, finishedAtMs: to }) => to - from > solveMs);
  return {
    seconds: (round.formedAtMs - startedAtMs) / 1000,
    ...{ version: round.version, samples: round.samplesSeen, accuracy: reached.metrics.accuracy ?? 0 },
    meanStaleness: staleness.reduce((sum, each) => sum + each, 0) / staleness.length,
    largestStaleness: Math.max(...staleness),
    overran: late.length / arrivals.length,
  };
}

/** Trains until the target is reached. @throws Error where the run ends without. */
export async function race(options: Race): Promise<Finish> {
  const { config, dataDirectory, workers, solveMs, slowFactor, targetAccuracy } = options;
  const directory = await mkdtemp(join(tmpdir(), 'padmm-stragglers-'));
  // Worker processes get the environment of this one.
  Object.assign(process.env, { BENCH_SOLVE_MS: String(solveMs), BENCH_SLOW_FACTOR: String(slowFactor) });
  const local = await openLocalDeployment({
    ...{ directory, workers, threads: config.worker.threads },
    coordinatorEntry: path('../../functions/coordinator/index.ts'),
    workerEntry: path('paddedWorker.ts'),
  });
  try {
    const { store } = local.connection;
    const { run } = await submitRun(local.connection, { config, dataDirectory });
    const watch = async () => {
      for await (const { evaluations } of followRun(store, run, { intervalMs: POLL_MS })) {
        if ((evaluations.latest?.metrics.accuracy ?? 0) >= targetAccuracy) return;
      }
    };
    await Promise.race([watch(), local.failure.then((error) => Promise.reject(error))]);
    return finishOf(await readRun(store, run), options);
  } finally {
    await local.close();
    await rm(directory, { recursive: true, force: true });
  }
}
