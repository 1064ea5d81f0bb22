import type { DatasetConfig, ModelConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import type { Metrics } from '../protocol/figures.ts';
import type { ParameterArrays } from '../tensors/parameters.ts';

/** What was measured of a model; null where it was not. */
export interface ModelMetrics {
  readonly validation: Metrics | null;
  readonly test: Metrics | null;
}

/** A trained network with all that is needed to use it. */
export interface Model {
  /** The run that it comes from, and the consensus variable's version. */
  readonly run: string;
  readonly version: number;
  /** SHA-256 of the parameters' object in the store: names the very bytes that were trained. */
  readonly digest: string;
  /** The dataset that it was trained on. */
  readonly dataset: { readonly name: string; readonly digest: string };
  /**
   * How that dataset was made from its files; not known of files of older versions. Paths in it are as the run's config
   * has them.
   */
  readonly source?: { readonly dataset: DatasetConfig; readonly shards: number; readonly seed: number };
  readonly config: ModelConfig;
  readonly shape: TaskShape;
  /** Names of tokens and classes by id, where the data has them. */
  readonly vocabulary?: readonly string[];
  readonly classNames?: readonly string[];
  readonly metrics: ModelMetrics;
  /** U (n, H), W (H, H), b (H), V (H, K), c (K). */
  readonly parameters: ParameterArrays;
}
