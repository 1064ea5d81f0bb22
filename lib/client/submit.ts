/**
 * Submission of a run: data, z_0 and config first, then the state that makes it a run, then its first tasks. A crash
 * before the state leaves objects that nothing refers to, and after it a run that `padmm resume` sets going.
 */
import type { ClientOptions } from '../cloud/clients.ts';
import { createJson, getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { TaskQueue } from '../cloud/queues.ts';
import { type EncodedSet, encodeParameterSet, storeParameterSet } from '../codec/parameterSets.ts';
import { initialState } from '../coordinator/initialState.ts';
import { outboxOf } from '../coordinator/outbox.ts';
import { type PreparedDataset, prepareDataset } from '../data/prepare.ts';
import type { DataProgress } from '../data/samples.ts';
import type { RunConfig } from '../protocol/config.ts';
import { type DatasetManifest, type DatasetReference, manifestSchema } from '../protocol/dataset.ts';
import { newCommitId, newRunId } from '../protocol/ids.ts';
import { datasetKeys, runKeys } from '../protocol/keys.ts';
import type { StoredVersion } from '../protocol/messages.ts';
import { resolveConfig } from '../protocol/resolve.ts';
import { drawInitialParameters } from '../rnn/initialize.ts';
import { parameterShapes } from '../rnn/shape.ts';
import { checkParameters } from '../tensors/parameters.ts';
import {
  ASSUMED_CAPACITY,
  type CoordinatorCapacity,
  requireCommitFits,
  requireMemoryFits,
} from './commitSize.ts';
import { withDataDirectory } from './dataDirectory.ts';

/** Parts that are on their way to the store at once: each is in memory as long. */
const UPLOADS_AT_ONCE = 4;

export interface SubmitOptions {
  readonly config: RunConfig;
  /** Where the files of the dataset are, for those that have files: a directory, or `s3://BUCKET/PREFIX`. */
  readonly dataDirectory?: string | undefined;
  /** How S3 is reached for data there; as environment and profile say without. */
  readonly cloud?: ClientOptions | undefined;
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
  /** Ends the preparation of the data: it is looked at whenever there is progress. */
  readonly signal?: AbortSignal | undefined;
}

export interface Submitted {
  readonly run: string;
  readonly manifest: DatasetManifest;
}

/** Stores a dataset unless it is there already: the manifest is written last, so its presence means that it is whole. */
export async function storeDataset(
  store: ObjectStore,
  { manifest, parts }: PreparedDataset,
): Promise<'created' | 'exists'> {
  const key = datasetKeys(manifest.digest).manifest;
  if ((await getJson(store, key, manifestSchema)) !== null) return 'exists';
  const uploads = new Set<Promise<unknown>>();
  for (const part of parts) {
    const upload = store.create(part.key, part.bytes).finally(() => uploads.delete(upload));
    uploads.add(upload);
    if (uploads.size >= UPLOADS_AT_ONCE) await Promise.race(uploads);
  }
  await Promise.all(uploads);
  return createJson(store, key, manifest);
}

/** z_0: drawn, or given by a fork. @throws IntegrityError where what is given has other shapes than the network. */
function initialParameters(config: RunConfig, { shape }: DatasetManifest, given: NamedTensors | undefined) {
  if (given === undefined) return drawInitialParameters(shape, config.model, config.seed);
  return checkParameters(given, parameterShapes(shape, config.model), 'parameters of the fork');
}

async function storeInitial(store: ObjectStore, run: string, set: EncodedSet) {
  const commitId = newCommitId();
  await storeParameterSet(store, runKeys(run).consensus(0, commitId), set);
  const { whole } = set;
  const named = { version: 0, commitId, digest: set.digest(), broadcastDigest: null };
  return { ...named, ...(whole !== null && { checksum: whole.checksum }) } satisfies StoredVersion;
}

/** Where a run is submitted to. */
export interface Destination {
  readonly store: ObjectStore;
  readonly tasks: TaskQueue;
}

type NamedTensors = Parameters<typeof checkParameters>[0];

export interface BeginOptions {
  /** z_0 where it is not drawn. */
  readonly initial?: NamedTensors;
  /** What the coordinator is taken to be capable of. */
  readonly capacity?: CoordinatorCapacity;
}

/**
 * Submits a run on data that are prepared already, for the config's shards and seed.
 *
 * @throws ConfigError where the config asks for a network that the data do not allow, or for more shards of it than the
 * coordinator can average in time and memory, with no run stored.
 */
export async function submitPrepared(
  { store, tasks }: Destination,
  given: RunConfig,
  prepared: PreparedDataset,
  { initial: fork, capacity = ASSUMED_CAPACITY }: BeginOptions = {},
): Promise<Submitted> {
  const { manifest } = prepared;
  const config = resolveConfig(given, manifest.shape);
  const parameters = encodeParameterSet(initialParameters(config, manifest, fork), config.consensus.blocks);
  requireCommitFits(config, parameters.sizeBytes, capacity);
  requireMemoryFits(config, parameters.sizeBytes, capacity);
  const run = newRunId(config.name);
  const keys = runKeys(run);
  await storeDataset(store, prepared);
  const initial = await storeInitial(store, run, parameters);
  await createJson(store, keys.config, config);
  await createJson(store, keys.dataset, { schema: 1, digest: manifest.digest } satisfies DatasetReference);
  const shardSamples = manifest.train.map((part) => part.samples);
  const state = initialState({ run, config, initial, shardSamples, nowMs: Date.now() });
  await createJson(store, keys.state, state);
  await tasks.send(
    outboxOf(state).map((task) => JSON.stringify(task)),
    run,
  );
  return { run, manifest };
}

/**
 * Reads, checks, splits and shards the data of a run; nothing is stored.
 *
 * @throws ConfigError, DataError or UsageError where config or data are wrong; the signal's reason where it was aborted.
 */
export function prepareRun(options: SubmitOptions): Promise<PreparedDataset> {
  const { config, dataDirectory, cloud, signal } = options;
  const onProgress = (progress: DataProgress): void => {
    signal?.throwIfAborted();
    options.onProgress?.(progress);
  };
  return withDataDirectory({ data: dataDirectory, cloud, onProgress }, (directory) =>
    prepareDataset(config.dataset, { shards: config.shards, seed: config.seed, directory, onProgress }),
  );
}

/**
 * Submits a run.
 *
 * @throws as {@link prepareRun}, with nothing stored, and {@link submitPrepared}.
 */
export async function submitRun(destination: Destination, options: SubmitOptions): Promise<Submitted> {
  return submitPrepared(destination, options.config, await prepareRun(options));
}
