/** A small run on real processes in the embedded emulator, for tests of the whole path. */
import { fileURLToPath } from 'node:url';
import { followRun } from '../../lib/client/follow.ts';
import { submitRun } from '../../lib/client/submit.ts';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { readParameterSet } from '../../lib/codec/parameterSets.ts';
import type { NamedArrays } from '../../lib/codec/safetensors.ts';
import { type LocalDeployment, openLocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { type RunView, readRun } from '../../lib/observe/runView.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import { type RunConfig, runConfigSchema } from '../../lib/protocol/config.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { RunState } from '../../lib/protocol/state.ts';

/** File that exports a function's handler, or that a worker runs. */
export const functionEntry = (name: string): string =>
  fileURLToPath(new URL(`../../functions/${name}/index.ts`, import.meta.url));

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
  /** z of the newest version. */
  readonly consensus: NamedArrays;
}

function readConsensus(store: ObjectStore, { state, config }: RunView): Promise<NamedArrays> {
  const { run, version, versions } = state;
  const { commitId = '', digest = '' } = versions[version] ?? {};
  const key = runKeys(run).consensus(version, commitId);
  return readParameterSet(store, { key, digest, blocks: config.consensus.blocks });
}

export interface SmallRun {
  readonly directory: string;
  readonly workers: number;
  readonly config?: RunConfig;
  /** Where the files of the config's dataset are, for one that has files. */
  readonly dataDirectory?: string;
  /** Looks at every state on the way; may do harm. */
  readonly onState?: (state: RunState, local: LocalDeployment) => void;
}

/** Runs to the end and closes the deployment. */
export async function runSmall({
  directory,
  workers,
  config = smallConfig(),
  dataDirectory,
  onState,
}: SmallRun): Promise<Finished> {
  const local = await openLocalDeployment({
    directory,
    workers,
    threads: config.worker.threads,
    coordinatorEntry: functionEntry('coordinator'),
    watchdogEntry: functionEntry('watchdog'),
    workerEntry: functionEntry('worker'),
  });
  try {
    const { store } = local.connection;
    const data = dataDirectory === undefined ? {} : { dataDirectory };
    const { run } = await submitRun(local.connection, { config, ...data });
    for await (const state of followRun(store, run, { intervalMs: 20 })) onState?.(state, local);
    const view = await readRun(store, run);
    return { view, digest: modelDigest(view.state), consensus: await readConsensus(store, view) };
  } finally {
    await local.close();
  }
}
