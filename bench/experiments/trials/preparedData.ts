import { loadDataset } from '../../../lib/data/datasets.ts';
import { type PreparedDataset, prepareLoaded } from '../../../lib/data/prepare.ts';
import type { LoadedDataset } from '../../../lib/data/samples.ts';
import type { DatasetConfig } from '../../../lib/protocol/config.ts';

/** Loads and prepares data for one trial after another; what the last one used is kept, since the next one likely does. */
export class PreparedData {
  readonly #directory: string | undefined;
  #loaded: { readonly key: string; readonly dataset: Promise<LoadedDataset> } | null = null;

  /** @param directory of data files; without it only generated data can be had. */
  constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  /** @throws as `loadDataset` and `prepareLoaded` of lib/data. */
  async prepare(config: DatasetConfig, shards: number, seed: number): Promise<PreparedDataset> {
    const key = JSON.stringify(config);
    if (this.#loaded?.key !== key) {
      this.#loaded = { key, dataset: loadDataset(config, { directory: this.#directory }) };
    }
    return prepareLoaded(await this.#loaded.dataset, config, { shards, seed });
  }
}
