/** What a worker keeps between tasks: run configs, parts of datasets and parameter sets, all of them immutable objects. */

import { getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { encodeParameterSet, readParameterSet, storeParameterSet } from '../codec/parameterSets.ts';
import { decodePart } from '../data/part.ts';
import { IntegrityError, PadmmError } from '../errors.ts';
import { type RunConfig, runConfigSchema } from '../protocol/config.ts';
import { type DatasetManifest, datasetReferenceSchema, manifestSchema } from '../protocol/dataset.ts';
import { datasetKeys, runKeys, type SplitName } from '../protocol/keys.ts';
import type { StoredVersion } from '../protocol/messages.ts';
import type { Network } from '../rnn/network.ts';
import { parameterShapes } from '../rnn/shape.ts';
import type { Backend } from '../tensors/backend.ts';
import {
  disposeParameters,
  downloadParameters,
  type ParameterSet,
  uploadParameters,
} from '../tensors/parameters.ts';
import { ByteCache } from './byteCache.ts';
import { type PartTensors, uploadPart } from './partTensors.ts';

/** A run as a worker knows it. */
export interface RunContext {
  readonly run: string;
  readonly config: RunConfig;
  readonly manifest: DatasetManifest;
  readonly network: Network;
}

/** The run of a task is not in the store (any more). */
export class UnknownRunError extends PadmmError {}

export interface WorkspaceOptions {
  /** Bound on parts of datasets held on the backend. */
  readonly partsBytes: number;
  /** Bound on parameter sets held on the backend. */
  readonly parametersBytes: number;
}

const GIB = 2 ** 30;
const DEFAULTS: WorkspaceOptions = { partsBytes: 4 * GIB, parametersBytes: GIB };

export class Workspace {
  readonly backend: Backend;
  readonly #store: ObjectStore;
  readonly #runs = new Map<string, Promise<RunContext>>();
  readonly #parts: ByteCache<PartTensors>;
  readonly #parameters: ByteCache<ParameterSet>;
  readonly #reading = new Map<string, Promise<ParameterSet>>();

  constructor(store: ObjectStore, backend: Backend, options: WorkspaceOptions = DEFAULTS) {
    this.#store = store;
    this.backend = backend;
    this.#parts = new ByteCache(options.partsBytes);
    this.#parameters = new ByteCache(options.parametersBytes);
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
    const keys = runKeys(context.run);
    if (which === 'broadcast' && stored.broadcastDigest !== null) {
      return this.#read(context, keys.broadcast(stored.version, stored.commitId), stored.broadcastDigest);
    }
    return this.#read(context, keys.consensus(stored.version, stored.commitId), stored.digest);
  }

  /** w_i as a shard last contributed it; it stays the workspace's. */
  contribution(context: RunContext, shard: number, taken: { version: number; digest: string }) {
    return this.#read(
      context,
      runKeys(context.run).contribution(shard, taken.version, taken.digest),
      taken.digest,
    );
  }

  /** Two who ask for the same object at once share one read: z is its own anchor where there is no momentum. */
  #read(context: RunContext, key: string, digest: string): Promise<ParameterSet> {
    const known = this.#parameters.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const reading = this.#reading.get(key) ?? this.#readSet(context, key, digest);
    this.#reading.set(key, reading);
    return reading.finally(() => this.#reading.delete(key));
  }

  async #readSet({ network, config }: RunContext, key: string, digest: string): Promise<ParameterSet> {
    const { blocks } = config.consensus;
    const tensors = await readParameterSet(this.#store, { key, digest, blocks });
    const parameters = uploadParameters(tensors, parameterShapes(network.shape, network.model));
    const sizeBytes = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    return this.#hold(key, parameters, sizeBytes);
  }

  /** Stores w_i of a shard and keeps it, since the shard's next dual is made from it. The workspace takes it over. */
  async storeContribution(
    { run, config }: RunContext,
    shard: number,
    version: number,
    contribution: ParameterSet,
  ) {
    const encoded = encodeParameterSet(downloadParameters(contribution), config.consensus.blocks);
    const { digest, sizeBytes, checksum } = encoded;
    const key = runKeys(run).contribution(shard, version, digest);
    this.#hold(key, contribution, sizeBytes);
    await storeParameterSet(this.#store, key, encoded);
    return { digest, sizeBytes, ...(checksum === undefined ? {} : { checksum }) };
  }

  #hold(key: string, parameters: ParameterSet, sizeBytes: number): ParameterSet {
    return this.#parameters.set(key, {
      value: parameters,
      sizeBytes,
      release: () => disposeParameters(parameters),
    });
  }

  /** Lets go of what is over the bounds; called between tasks, when nothing got from here is in use. */
  trim(): void {
    this.#parts.trim();
    this.#parameters.trim();
  }

  /** Lets go of everything; the workspace may be used again, and reads anew. */
  clear(): void {
    this.#parts.clear();
    this.#parameters.clear();
  }
}
