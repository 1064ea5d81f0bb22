/** What a worker keeps between tasks: run configs, parts of datasets and parameter sets, all of them immutable objects. */

import { getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { freeMemory } from '../codec/freeMemory.ts';
import { encodeParameterSet, type StoredSet, storeParameterSet } from '../codec/parameterSets.ts';
import { decodeSafetensors, type FloatDtype, type NamedArrays } from '../codec/safetensors.ts';
import { decodePart } from '../data/part.ts';
import { IntegrityError, PadmmError } from '../errors.ts';
import { type RunConfig, runConfigSchema } from '../protocol/config.ts';
import { type DatasetManifest, datasetReferenceSchema, manifestSchema } from '../protocol/dataset.ts';
import type { ContributionName } from '../protocol/foldPlan.ts';
import { datasetKeys, runKeys, type SplitName } from '../protocol/keys.ts';
import type { StoredVersion } from '../protocol/messages.ts';
import type { Network } from '../rnn/network.ts';
import { parameterShapes } from '../rnn/shape.ts';
import type { Backend } from '../tensors/backend.ts';
import { disposeParameters, handOver, type ParameterSet, viewParameters } from '../tensors/parameters.ts';
import { ByteCache } from './byteCache.ts';
import type { HostCache } from './hostCache.ts';
import { HostSets } from './hostSets.ts';
import { type PartTensors, uploadPart } from './partTensors.ts';
import { SetCache, type SetRole } from './setCache.ts';

/** A run as a worker knows it. */
export interface RunContext {
  readonly run: string;
  readonly config: RunConfig;
  readonly manifest: DatasetManifest;
  readonly network: Network;
}

/** The run of a task is not in the store (any more). */
export class UnknownRunError extends PadmmError {}

/** What the bytes of a set are known by. */
type SetName = Pick<StoredSet, 'digest' | 'checksum'>;

export interface WorkspaceOptions {
  /** Bound on parts of datasets held on the backend. */
  readonly partsBytes: number;
  /** Bound on parameter sets held on the backend, of which there are few unless shards are many. */
  readonly parametersBytes: number;
  /** What other workers of this host have made; null where this one is alone. */
  readonly hostCache: HostCache | null;
}

const GIB = 2 ** 30;
/** What the wire's numbers are called in a file. */
const FLOAT_DTYPES: Readonly<Record<RunConfig['consensus']['wire'], FloatDtype>> = {
  ...{ float32: 'F32', bfloat16: 'BF16', float16: 'F16' },
};
const DEFAULTS: WorkspaceOptions = { partsBytes: 4 * GIB, parametersBytes: GIB, hostCache: null };

export class Workspace {
  readonly backend: Backend;
  readonly #store: ObjectStore;
  readonly #runs = new Map<string, Promise<RunContext>>();
  readonly #parts: ByteCache<PartTensors>;
  readonly #sets: SetCache;
  readonly #hostSets: HostSets;
  readonly #reading = new Map<string, Promise<ParameterSet>>();

  constructor(store: ObjectStore, backend: Backend, options: Partial<WorkspaceOptions> = {}) {
    const { partsBytes, parametersBytes, hostCache } = { ...DEFAULTS, ...options };
    this.#store = store;
    this.backend = backend;
    this.#parts = new ByteCache(partsBytes);
    this.#sets = new SetCache(parametersBytes);
    this.#hostSets = new HostSets(store, hostCache);
  }

  /** @throws UnknownRunError where the run was deleted. */
  context(run: string): Promise<RunContext> {
    const known = this.#runs.get(run) ?? this.#readContext(run);
    this.#runs.set(run, known);
    known.catch(() => this.#runs.delete(run));
    return known;
  }

  async #readContext(run: string): Promise<RunContext> {
    const keys = runKeys(run);
    const [config, reference] = await Promise.all([
      getJson(this.#store, keys.config, runConfigSchema),
      getJson(this.#store, keys.dataset, datasetReferenceSchema),
    ]);
    if (config === null || reference === null) throw new UnknownRunError(`run ${run} is not in the store`);
    const key = datasetKeys(reference.value.digest).manifest;
    const manifest = await getJson(this.#store, key, manifestSchema);
    if (manifest === null) {
      throw new IntegrityError(key, {
        field: 'object',
        expected: 'a dataset manifest',
        received: 'no object',
      });
    }
    const network = { backend: this.backend, shape: manifest.value.shape, model: config.value.model };
    return { run, config: config.value, manifest: manifest.value, network };
  }

  /** A part of the run's dataset on the backend; it stays the workspace's. */
  async part({ manifest, network }: RunContext, split: SplitName, index: number): Promise<PartTensors> {
    const key = datasetKeys(manifest.digest).part(split, index);
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const part = split === 'train' ? manifest.train[index] : manifest[split];
    const object = part && (await this.#store.get(key));
    if (!part || !object) {
      throw new IntegrityError(key, {
        field: 'object',
        expected: 'a part of the dataset',
        received: 'no object',
      });
    }
    return this.#parts.set(key, uploadPart(network, decodePart(object.body, part, manifest.shape, key)));
  }

  /** z (`consensus`) or z̃ (`broadcast`) of a version; it stays the workspace's. */
  version(
    context: RunContext,
    stored: StoredVersion,
    which: 'consensus' | 'broadcast',
  ): Promise<ParameterSet> {
    const { run } = context;
    const { version, commitId, digest, broadcastDigest, checksum, broadcastChecksum } = stored;
    const keys = runKeys(run);
    const role = { run, shard: null, version };
    if (which === 'broadcast' && broadcastDigest !== null) {
      const broadcast = { digest: broadcastDigest, checksum: broadcastChecksum };
      return this.#read(context, keys.broadcast(version, commitId), broadcast, role);
    }
    return this.#read(context, keys.consensus(version, commitId), { digest, checksum }, role);
  }

  /** w_i as a shard last contributed it; it stays the workspace's. */
  contribution(
    context: RunContext,
    shard: number,
    { version, ...name }: ContributionName,
  ): Promise<ParameterSet> {
    const { run } = context;
    const key = runKeys(run).contribution(shard, version, name.digest);
    return this.#read(context, key, name, { run, shard, version });
  }

  /** Two who ask for the same object at once share one read: z is its own anchor where there is no momentum. */
  #read(context: RunContext, key: string, name: SetName, role: SetRole): Promise<ParameterSet> {
    const known = this.#sets.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const reading = this.#reading.get(key) ?? this.#readSet(context, key, name, role);
    this.#reading.set(key, reading);
    return reading.finally(() => this.#reading.delete(key));
  }

  async #readSet(context: RunContext, key: string, name: SetName, role: SetRole): Promise<ParameterSet> {
    const set = { key, ...name, blocks: context.config.consensus.blocks };
    return this.#upload(context, key, await this.#hostSets.read(context.config, set, role), role);
  }

  /** Stores w_i of a shard and keeps it, since the shard's next dual is made from it. The workspace takes it over. */
  async storeContribution(context: RunContext, shard: number, version: number, contribution: ParameterSet) {
    const { run, config } = context;
    const { blocks, wire } = config.consensus;
    const encoded = encodeParameterSet(viewParameters(contribution), blocks, FLOAT_DTYPES[wire]);
    const { sizeBytes, whole } = encoded;
    const digest = whole?.checksum ?? encoded.digest();
    const key = runKeys(run).contribution(shard, version, digest);
    const role = { run, shard, version };
    // What a dual is made from is what was averaged: the rounded numbers, for whoever makes it.
    if (whole === null || wire === 'float32') this.#sets.set(key, contribution, sizeBytes, role, config);
    else {
      disposeParameters(contribution);
      this.#upload(context, key, decodeSafetensors(whole.bytes, key).tensors, role);
    }
    const stored = storeParameterSet(this.#store, key, encoded);
    if (whole !== null) this.#hostSets.leave(role, digest, whole.bytes);
    await stored;
    if (whole !== null) freeMemory(whole.bytes);
    return { digest, sizeBytes };
  }

  /** Puts decoded tensors, whose arrays are nobody else's, on the backend and keeps them. */
  #upload({ network, config }: RunContext, key: string, tensors: NamedArrays, role: SetRole): ParameterSet {
    const parameters = handOver(tensors, parameterShapes(network.shape, network.model));
    const sizeBytes = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    return this.#sets.set(key, parameters, sizeBytes, role, config);
  }

  /** Lets go of what is superseded or over the bounds; called between tasks, when nothing got from here is in use. */
  trim(): void {
    this.#parts.trim();
    this.#sets.trim();
  }

  /** Lets go of everything; the workspace may be used again, and reads anew. */
  clear(): void {
    this.#parts.clear();
    this.#sets.clear();
  }
}
