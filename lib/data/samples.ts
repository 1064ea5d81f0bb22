import type { DatasetConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';

/** Elements of `inputs`: pixels, token ids or measured values. */
export type InputArray = Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
/** Elements of `targets`: class ids or values. */
export type TargetArray = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** Samples of one split in memory, one sample after the other, in the shapes that `TaskShape` states. */
export interface Samples {
  readonly count: number;
  readonly inputs: InputArray;
  readonly targets: TargetArray;
}

/** Indices of all of `count` samples, in their order. */
export const everySample = (count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, index) => index);

/** A new array of the rows at `indices`, in that order, of an array of `count` rows of equal length. */
function gatherRows<A extends InputArray | TargetArray>(array: A, count: number, indices: Int32Array): A {
  const size = array.length / count;
  const gathered = new (array.constructor as new (length: number) => A)(indices.length * size);
  indices.forEach((index, row) => {
    gathered.set(array.subarray(index * size, (index + 1) * size), row * size);
  });
  return gathered;
}

/** A copy of the samples at `indices`, in that order. */
export const selectSamples = ({ count, inputs, targets }: Samples, indices: Int32Array): Samples => ({
  count: indices.length,
  inputs: gatherRows(inputs, count, indices),
  targets: gatherRows(targets, count, indices),
});

/** What a loader makes of its source: validation is not held out yet, shards are not dealt yet. */
export interface LoadedDataset {
  readonly name: string;
  readonly shape: TaskShape;
  readonly train: Samples;
  readonly test: Samples;
  /** Tokens or characters by id. */
  readonly vocabulary?: readonly string[];
  /** Names of the classes by id. */
  readonly classNames?: readonly string[];
}

/** How far the preparation has come. */
export interface DataProgress {
  /** What is done at the moment, for a person: `reading train-images-idx3-ubyte.gz`. */
  readonly activity: string;
  readonly done: number;
  /** Of the same unit as `done`. */
  readonly total: number;
}

export interface LoadOptions {
  /** Where the dataset's files lie: `--data DIR`. */
  readonly directory?: string | undefined;
  readonly onProgress?: ((progress: DataProgress) => void) | undefined;
}

export type ConfigOf<K extends DatasetConfig['kind']> = Extract<DatasetConfig, { kind: K }>;

/** Reads or generates a dataset; a pure function of the config and of the files' contents. */
export type DatasetLoader<K extends DatasetConfig['kind']> = (
  config: ConfigOf<K>,
  options: LoadOptions,
) => Promise<LoadedDataset>;
