import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { readParameterSet } from '../codec/parameterSets.ts';
import { loadState } from '../coordinator/stateObject.ts';
import type { PreparedDataset } from '../data/prepare.ts';
import { IntegrityError, UsageError } from '../errors.ts';
import { type RunConfig, runConfigSchema } from '../protocol/config.ts';
import { type DatasetManifest, datasetReferenceSchema, manifestSchema } from '../protocol/dataset.ts';
import { datasetKeys, runKeys } from '../protocol/keys.ts';
import type { RunState } from '../protocol/state.ts';
import type { CoordinatorCapacity } from './commitSize.ts';
import {
  type Destination,
  prepareRun,
  type SubmitOptions,
  type Submitted,
  submitPrepared,
} from './submit.ts';

export interface ForkOptions extends SubmitOptions {
  /** The run to begin from. */
  readonly run: string;
  /** Its version; the best by validation loss where none is given. */
  readonly version?: number;
  /** What the coordinator is taken to be capable of. */
  readonly capacity?: CoordinatorCapacity;
}

function chosenVersion({ run, versions, evaluations, version: newest }: RunState, asked: number | undefined) {
  const version = asked ?? evaluations.best?.version ?? newest;
  const entry = versions[version];
  if (entry !== undefined) return entry;
  const kept = Object.keys(versions).join(', ');
  throw new UsageError(`version of ${run}: expected one that is kept (${kept}), received ${version}`);
}

async function readParameters(store: ObjectStore, state: RunState, asked: number | undefined) {
  const { version, commitId, digest } = chosenVersion(state, asked);
  const key = runKeys(state.run).consensus(version, commitId);
  const { blocks } = (await readConfigOf(store, state.run)).consensus;
  return readParameterSet(store, { key, digest, blocks });
}

/** The config of a stored run, its defaults filled in. @throws IntegrityError where it is missing or damaged. */
export async function readConfigOf(store: ObjectStore, run: string): Promise<RunConfig> {
  return readStored(store, runKeys(run).config, runConfigSchema);
}

/** What a stored run trains on. @throws IntegrityError where it is missing or damaged. */
export async function readDatasetOf(store: ObjectStore, run: string): Promise<DatasetManifest> {
  const { digest } = await readStored(store, runKeys(run).dataset, datasetReferenceSchema);
  return readStored(store, datasetKeys(digest).manifest, manifestSchema);
}

async function readStored<S extends z.ZodType>(
  store: ObjectStore,
  key: string,
  schema: S,
): Promise<z.output<S>> {
  const stored = await getJson(store, key, schema);
  if (stored !== null) return stored.value;
  throw new IntegrityError(key, { field: 'object', expected: 'a stored object', received: 'nothing' });
}

/** What of a config decides the parts of a dataset. */
const dealtBy = ({ dataset, shards, seed }: RunConfig) => ({ dataset, shards, seed });

/** The dataset as it is stored for the run, where the fork deals it out alike; else prepared from its files. */
async function datasetOf(store: ObjectStore, options: ForkOptions): Promise<PreparedDataset> {
  const before = await readConfigOf(store, options.run);
  if (!isDeepStrictEqual(dealtBy(before), dealtBy(options.config))) return prepareRun(options);
  return { manifest: await readDatasetOf(store, options.run), parts: [] };
}

/**
 * Submits a run that begins from z of a version of another, under a config of its own. Its duals begin at zero: they
 * belong to the shards and penalties of the run that they come from. The new run refers to nothing of the old one. Files
 * of the dataset are read only where its kind, the number of shards or the seed differ.
 *
 * @throws UnknownRunError or UsageError where the run or its version is not stored; ConfigError where the config is for a
 * network of other shapes; and as `submitRun`.
 */
export async function forkRun(destination: Destination, options: ForkOptions): Promise<Submitted> {
  const { state } = await loadState(destination.store, options.run);
  const initial = await readParameters(destination.store, state, options.version);
  return submitPrepared(destination, options.config, await datasetOf(destination.store, options), {
    initial,
    ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
  });
}
