/** What a person writes to name a model: a run, or a file that `padmm download` wrote. */
import { Argument } from 'commander';
import { loadModel } from '../api/loadModel.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { Model } from '../models/model.ts';
import { type RunModel, readModel } from '../models/readModel.ts';
import { type PlaceOptions, withRuns } from './place.ts';
import { findRun } from './runArgument.ts';

const FILE_ENDING = '.safetensors';

export const modelArgument = (): Argument =>
  new Argument('<model>', `run (its id, a beginning of it, or "latest") or a ${FILE_ENDING} file`);

export const isModelFile = (word: string): boolean => word.endsWith(FILE_ENDING);

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

/** The model that a word names. @throws as {@link loadModel}; UsageError where there is no such run. */
export function readNamedModel(word: string, place: PlaceOptions): Promise<Model> {
  return isModelFile(word) ? loadModel(word) : withRunModel(word, place, async (model) => model);
}
