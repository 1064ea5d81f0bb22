/** Data to measure a model on: a part of a stored dataset, or one prepared from files as for training. */
import { isDeepStrictEqual } from 'node:util';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { type DecodedPart, decodePart } from '../data/part.ts';
import { prepareDataset } from '../data/prepare.ts';
import { DataError, IntegrityError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { DatasetManifest } from '../protocol/dataset.ts';
import { datasetKeys } from '../protocol/keys.ts';

export type HeldOutSplit = 'validation' | 'test';

/**
 * A part of the dataset that a run was trained on.
 *
 * @throws IntegrityError naming the object that is missing or damaged, and the element that must not be there.
 */
export async function readStoredPart(
  store: ObjectStore,
  manifest: DatasetManifest,
  split: HeldOutSplit,
): Promise<DecodedPart> {
  const key = datasetKeys(manifest.digest).part(split, 0);
  const object = await store.get(key);
  if (object !== null) return decodePart(object.body, manifest[split], manifest.shape, key);
  throw new IntegrityError(key, { field: 'object', expected: 'a part of the dataset', received: 'nothing' });
}

/** Numbers and names mean the same to model and data. */
function checkFits(model: Model, manifest: DatasetManifest): void {
  for (const field of ['shape', 'vocabulary', 'classNames'] as const) {
    if (isDeepStrictEqual(model[field], manifest[field])) continue;
    const [expected, received] = [model[field], manifest[field]].map((value) =>
      Array.isArray(value)
        ? `${value.length} names: ${value.slice(0, 5).join(', ')}, …`
        : JSON.stringify(value),
    );
    throw new DataError(`dataset ${manifest.name}`, {
      field,
      expected: `what the model was trained on, ${expected ?? 'none'}`,
      received: received ?? 'none',
    });
  }
}

/**
 * A part of the dataset that a config describes, from its files.
 *
 * @param directory of the files, for datasets that have some.
 * @throws DataError where the data are wrong or not of the model's kind; UsageError where the directory is wanted.
 */
export async function preparePart(
  model: Model,
  { dataset, shards, seed }: Pick<RunConfig, 'dataset' | 'shards' | 'seed'>,
  directory: string | undefined,
  split: HeldOutSplit,
): Promise<DecodedPart> {
  const { manifest, parts } = await prepareDataset(dataset, { shards, seed, directory });
  checkFits(model, manifest);
  const wanted = datasetKeys(manifest.digest).part(split, 0);
  for (const { key, bytes } of parts) {
    if (key === wanted) return decodePart(bytes, manifest[split], manifest.shape, key);
  }
  throw new IntegrityError(wanted, { field: 'part', expected: `the ${split} split`, received: 'nothing' });
}
