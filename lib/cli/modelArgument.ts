/** What a person writes to name a model: a run, or a file that `padmm download` wrote. */
import { readFile } from 'node:fs/promises';
import { Argument } from 'commander';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { DataError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { type RunModel, readModel } from '../models/readModel.ts';
import { importSafetensors } from '../models/safetensorsFile.ts';
import { type PlaceOptions, withRuns } from './place.ts';
import { findRun } from './runArgument.ts';

const FILE_ENDING = '.safetensors';

export const modelArgument = (): Argument =>
  new Argument('<model>', `run (its id, a beginning of it, or "latest") or a ${FILE_ENDING} file`);

export const isModelFile = (word: string): boolean => word.endsWith(FILE_ENDING);

/** Reads a model file. @throws DataError where it cannot be read, IntegrityError where it is damaged. */
export async function readModelFile(path: string): Promise<Model> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const received = error.code === 'ENOENT' ? 'no such file' : error.message;
    const mismatch = { field: 'file', expected: 'a model that `padmm download` wrote', received };
    throw new DataError(path, mismatch, { cause: error });
  });
  return importSafetensors(bytes, path);
}

/** Reads the model of a run, and does `work` while its store is open. */
export function withRunModel<T>(
  word: string,
  place: PlaceOptions,
  work: (model: RunModel, store: ObjectStore) => Promise<T>,
): Promise<T> {
  return withRuns(place, async ({ connection: { store } }) =>
    work(await readModel(store, await findRun(store, word)), store),
  );
}

/** The model that a word names. @throws as {@link readModelFile}; UsageError where there is no such run. */
export function readNamedModel(word: string, place: PlaceOptions): Promise<Model> {
  return isModelFile(word) ? readModelFile(word) : withRunModel(word, place, async (model) => model);
}
