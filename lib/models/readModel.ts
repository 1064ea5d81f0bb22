import type { z } from 'zod';
import { encodeParameterSet, readParameterSet } from '../codec/parameterSets.ts';
import type { ObjectReader } from '../codec/verified.ts';
import { IntegrityError, RunFailedError, UsageError } from '../errors.ts';
import type { BlockCount } from '../protocol/blocks.ts';
import { runConfigSchema } from '../protocol/config.ts';
import { type DatasetManifest, datasetReferenceSchema, manifestSchema } from '../protocol/dataset.ts';
import { runIdSchema } from '../protocol/ids.ts';
import { datasetKeys, runKeys } from '../protocol/keys.ts';
import type { StoredVersion } from '../protocol/messages.ts';
import { isEnded, type RunState, runStateSchema } from '../protocol/state.ts';
import { parameterShapes } from '../rnn/shape.ts';
import { checkParameters, type ParameterArrays, type ParameterShapes } from '../tensors/parameters.ts';
import type { Model, ModelMetrics } from './model.ts';
import { parseStoredJson, readObject } from './storedJson.ts';

/** A model as its run keeps it, with the dataset that it was trained on. */
export interface RunModel extends Model {
  readonly manifest: DatasetManifest;
}

async function readJson<S extends z.ZodType>(
  store: ObjectReader,
  key: string,
  schema: S,
  holds: string,
): Promise<z.output<S>> {
  return parseStoredJson(schema, new TextDecoder().decode(await readObject(store, key, holds)), key);
}

async function readState(store: ObjectReader, run: string): Promise<RunState> {
  if (!runIdSchema.safeParse(run).success) {
    throw new UsageError(
      `run: expected NAME-ULID, as \`padmm list\` shows it, received ${JSON.stringify(run)}`,
    );
  }
  const key = runKeys(run).state;
  const object = await store.get(key);
  if (object === null) throw new UsageError(`run ${run}: expected an object ${key}, received nothing`);
  return parseStoredJson(runStateSchema, new TextDecoder().decode(object.body), key);
}

/** The model that the run chose or, while it runs, the best that was evaluated. */
function chosenVersion({ run, status, reason, model, evaluations }: RunState): {
  readonly version: number;
  readonly metrics: ModelMetrics;
} {
  if (model !== null) {
    return { version: model.version, metrics: { validation: model.validation, test: model.test } };
  }
  const { best } = evaluations;
  if (best !== null) return { version: best.version, metrics: { validation: best.metrics, test: null } };
  if (isEnded(status)) throw new RunFailedError(`run ${run} ended (${status}) without a model. ${reason}`);
  throw new UsageError(`run ${run}: expected a version that was evaluated, received none: it is ${status}`);
}

function storedVersion({ run, versions }: RunState, version: number): StoredVersion {
  const stored = versions[version];
  if (stored !== undefined) return stored;
  throw new IntegrityError(runKeys(run).state, {
    field: `versions.${version}`,
    expected: 'the version of the model',
    received: 'nothing',
  });
}

async function readParameters(
  store: ObjectReader,
  run: string,
  { version, commitId, digest }: StoredVersion,
  blocks: BlockCount,
  shapes: ParameterShapes,
): Promise<ParameterArrays> {
  const key = runKeys(run).consensus(version, commitId);
  return checkParameters(await readParameterSet(store, { key, digest, blocks }), shapes, key);
}

/**
 * Reads the model of a run: the one it chose, or the best evaluated so far while it has not chosen.
 *
 * @throws UsageError where there is no such run, or it has no evaluated version yet; RunFailedError where it ended
 *   without a model; IntegrityError naming the object that is missing or damaged.
 */
export async function readModel(store: ObjectReader, run: string): Promise<RunModel> {
  const keys = runKeys(run);
  const state = await readState(store, run);
  const { version, metrics } = chosenVersion(state);
  const stored = storedVersion(state, version);
  const [config, reference] = await Promise.all([
    readJson(store, keys.config, runConfigSchema, 'the run config'),
    readJson(store, keys.dataset, datasetReferenceSchema, 'the digest of the dataset'),
  ]);
  const manifestKey = datasetKeys(reference.digest).manifest;
  const manifest = await readJson(store, manifestKey, manifestSchema, 'the manifest of the dataset');
  const shapes = parameterShapes(manifest.shape, config.model);
  const parameters = await readParameters(store, run, stored, config.consensus.blocks, shapes);
  return {
    run,
    version,
    digest: encodeParameterSet(parameters, 1).digest(),
    dataset: { name: manifest.name, digest: manifest.digest },
    source: { dataset: config.dataset, shards: config.shards, seed: config.seed },
    config: config.model,
    shape: manifest.shape,
    ...(manifest.vocabulary && { vocabulary: manifest.vocabulary }),
    ...(manifest.classNames && { classNames: manifest.classNames }),
    metrics,
    parameters,
    manifest,
  };
}
