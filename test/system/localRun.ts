/** A small run on real processes in the embedded emulator, for tests of the whole path. */
import { fileURLToPath } from 'node:url';
import { followRun } from '../../lib/client/follow.ts';
import { submitRun } from '../../lib/client/submit.ts';
import { type LocalDeployment, openLocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { type RunView, readRun } from '../../lib/observe/runView.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import { type RunConfig, runConfigSchema } from '../../lib/protocol/config.ts';
import type { RunState } from '../../lib/protocol/state.ts';

const entry = (name: string) => fileURLToPath(new URL(`../../functions/${name}/index.ts`, import.meta.url));

export const smallConfig = (overrides: Record<string, unknown> = {}): RunConfig =>
  runConfigSchema.parse({
    name: 'small',
    dataset: { kind: 'digits', trainSamples: 1200, testSamples: 200 },
    model: { hiddenUnits: 16 },
    solver: { batchSize: 60 },
    shards: 4,
    stop: { maxRounds: 12 },
    evaluation: { everyRounds: 4 },
    ...overrides,
  });

export interface Finished {
  readonly view: RunView;
  /** SHA-256 of the chosen model's parameters. */
  readonly digest: string | null;
}

export interface SmallRun {
  readonly directory: string;
  readonly workers: number;
  readonly config?: RunConfig;
  /** Looks at every state on the way; may do harm. */
  readonly onState?: (state: RunState, local: LocalDeployment) => void;
}

/** Runs to the end and closes the deployment. */
export async function runSmall({
  directory,
  workers,
  config = smallConfig(),
  onState,
}: SmallRun): Promise<Finished> {
  const local = await openLocalDeployment({
    directory,
    workers,
    threads: config.worker.threads,
    coordinatorEntry: entry('coordinator'),
    watchdogEntry: entry('watchdog'),
    workerEntry: entry('worker'),
  });
  try {
    const { store } = local.connection;
    const { run } = await submitRun(local.connection, { config });
    for await (const state of followRun(store, run, { intervalMs: 20 })) onState?.(state, local);
    const view = await readRun(store, run);
    return { view, digest: modelDigest(view.state) };
  } finally {
    await local.close();
  }
}
