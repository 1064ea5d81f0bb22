/**
 * The registry of datasets. To add one: write its options into `datasetSchema` of `lib/protocol/config.ts`, a loader in
 * a file of its own here, and one line below; the compiler asks for the line once the schema knows the kind.
 */
import type { DatasetConfig } from '../protocol/config.ts';
import { loadCharacters } from './characters.ts';
import { loadDigits } from './digits.ts';
import { loadImdb } from './imdb.ts';
import { loadMnist } from './mnist.ts';
import type { DatasetLoader, LoadedDataset, LoadOptions } from './samples.ts';
import { loadSequences } from './sequences.ts';
import { loadText } from './text.ts';

type Kind = DatasetConfig['kind'];

const loaders: { readonly [K in Kind]: DatasetLoader<K> } = {
  digits: loadDigits,
  mnist: loadMnist,
  imdb: loadImdb,
  text: loadText,
  characters: loadCharacters,
  sequences: loadSequences,
};

/** Loads the dataset that a config names. @throws as its loader does: UsageError, DataError. */
export function loadDataset(config: DatasetConfig, options: LoadOptions): Promise<LoadedDataset> {
  const load = loaders[config.kind] as DatasetLoader<Kind>;
  return load(config, options);
}
