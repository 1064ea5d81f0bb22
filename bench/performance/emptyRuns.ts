/** Runs without subproblems: workers wait where they would solve, and everything around that is real. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { followRun, LOCAL_POLL_MS } from '../../lib/client/follow.ts';
import { submitRun } from '../../lib/client/submit.ts';
import type { Connection } from '../../lib/cloud/deployment.ts';
import { openLocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { type RunView, readRun } from '../../lib/observe/runView.ts';
import { type RunConfig, runConfigSchema } from '../../lib/protocol/config.ts';
import { isEnded } from '../../lib/protocol/state.ts';

export const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A network of 28 inputs and 10 outputs, as MNIST by rows has. */
export interface NetworkSize {
  readonly hiddenUnits: number;
  /** (28 + 1) H + H² + 10 (H + 1). */
  readonly parameters: number;
}
export const SMALL: NetworkSize = { hiddenUnits: 128, parameters: 21_386 };
export const LARGE: NetworkSize = { hiddenUnits: 981, parameters: 1_000_630 };

export interface EmptyRun {
  readonly shards: number;
  readonly rounds: number;
  readonly hiddenUnits: number;
  /** μ; 0 by default, where z̃ is z. */
  readonly momentum?: number;
}

/** A run of a few generated samples that evaluates nothing between its first and its last version. */
export const emptyConfig = ({ shards, rounds, hiddenUnits, momentum = 0 }: EmptyRun): RunConfig =>
  runConfigSchema.parse({
    name: 'bench',
    dataset: { kind: 'digits', trainSamples: 20 * shards, testSamples: 10 },
    model: { hiddenUnits, initializer: { kind: 'normal' } },
    solver: { batchSize: 1 },
    consensus: { momentum, averagedVersions: 0 },
    stop: { maxRounds: rounds },
    evaluation: { everyRounds: 10 * rounds },
    // A second worker for a slow task would be work that no round asks for.
    faults: { backupFactor: null },
    shards,
  });

export interface EmptyDeployment {
  /** Submits a run and waits for its end. @throws Error where it fails. */
  run(empty: EmptyRun): Promise<RunView>;
  readonly connection: Connection;
  close(): Promise<void>;
}

/**
 * Opens a deployment whose workers wait for so long where they would solve.
 *
 * @param parent the directory that the deployment's own is made in.
 */
export async function openEmptyDeployment(
  parent: string,
  { workers, solveMs }: { readonly workers: number; readonly solveMs: number },
): Promise<EmptyDeployment> {
  // Worker processes get the environment of this one.
  process.env.BENCH_SOLVE_MS = String(solveMs);
  const local = await openLocalDeployment({
    ...{ directory: await mkdtemp(join(parent, 'deployment-')), workers, threads: 1 },
    coordinatorEntry: projectFile('functions/coordinator/index.ts'),
    workerEntry: projectFile('bench/performance/processes/waitingWorker.ts'),
  });
  const { connection } = local;
  const finish = async (run: string): Promise<RunView> => {
    for await (const { status, reason } of followRun(connection.store, run, { intervalMs: LOCAL_POLL_MS })) {
      if (isEnded(status) && status !== 'done') throw new Error(`run ${run}: ${status}: ${reason}`);
    }
    return readRun(connection.store, run);
  };
  return {
    connection,
    async run(empty) {
      const { run } = await submitRun(connection, { config: emptyConfig(empty) });
      return Promise.race([finish(run), local.failure.then((error) => Promise.reject(error))]);
    },
    close: () => local.close(),
  };
}

/** Opens, uses and closes a deployment, whatever happens. */
export async function withEmptyDeployment<T>(
  parent: string,
  options: { readonly workers: number; readonly solveMs: number },
  use: (deployment: EmptyDeployment) => Promise<T>,
): Promise<T> {
  const deployment = await openEmptyDeployment(parent, options);
  try {
    return await use(deployment);
  } finally {
    await deployment.close();
  }
}

/** Rounds at the beginning that are not counted: connections open, code is compiled. */
export const WARM_UP_ROUNDS = 10;

/** Seconds of each round after the first ones. */
export function roundSeconds({ rounds }: RunView): number[] {
  const formed = rounds.map(({ formedAtMs }) => formedAtMs).slice(WARM_UP_ROUNDS - 1);
  return formed.slice(1).map((formedAtMs, i) => (formedAtMs - (formed[i] ?? Number.NaN)) / 1000);
}

/** Mean seconds of a round, the first ones left out. */
export function meanRoundSeconds(view: RunView): number {
  const seconds = roundSeconds(view);
  return seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
}
