import { sha256Hex } from '../codec/digest.ts';
import type { DatasetConfig } from '../protocol/config.ts';
import type { DatasetManifest, Part } from '../protocol/dataset.ts';
import { datasetKeys, type SplitName } from '../protocol/keys.ts';
import { loadDataset } from './datasets.ts';
import { encodePart } from './part.ts';
import { everySample, type LoadedDataset, type LoadOptions, type Samples } from './samples.ts';
import { dealShards } from './sharding.ts';
import { splitValidation } from './split.ts';

export interface PrepareOptions extends LoadOptions {
  /** N: the training split is dealt out to so many parts. */
  readonly shards: number;
  /** Of the validation split and of the sharding. */
  readonly seed: number;
}

/** One object to store. */
export interface DatasetPart {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizeBytes: number;
}

export interface PreparedDataset {
  /** To be stored last, at `datasetKeys(manifest.digest).manifest`. */
  readonly manifest: DatasetManifest;
  /** Encoded one by one while it is iterated over, as often as wanted: only one part is in memory besides the samples. */
  readonly parts: Iterable<DatasetPart>;
}

/** A part that is not encoded yet. */
interface PlannedPart {
  readonly split: SplitName;
  readonly index: number;
  readonly samples: Samples;
  readonly indices: Int32Array;
}

function plan(loaded: LoadedDataset, config: DatasetConfig, { shards, seed }: PrepareOptions): PlannedPart[] {
  const { name, train, test, shape } = loaded;
  const { kept, heldOut } = splitValidation(name, seed, train.count, config.validationFraction);
  const dealt = dealShards(train, kept, shape, { kind: config.sharding, shards, seed });
  return [
    ...dealt.map((indices, index) => ({ split: 'train' as const, index, samples: train, indices })),
    { split: 'validation', index: 0, samples: train, indices: heldOut },
    { split: 'test', index: 0, samples: test, indices: everySample(test.count) },
  ];
}

function describeParts(
  planned: readonly PlannedPart[],
  { shape }: LoadedDataset,
  { onProgress }: LoadOptions,
): Part[] {
  return planned.map(({ samples, indices }, done) => {
    const bytes = encodePart(samples, indices, shape);
    onProgress?.({ activity: 'encoding shards', done: done + 1, total: planned.length });
    return { samples: indices.length, digest: sha256Hex(bytes), sizeBytes: bytes.length };
  });
}

function manifestOf({ name, shape, vocabulary, classNames }: LoadedDataset, parts: Part[]): DatasetManifest {
  const content = {
    schema: 1 as const,
    name,
    shape,
    train: parts.slice(0, -2),
    validation: parts.at(-2) as Part,
    test: parts.at(-1) as Part,
    ...(vocabulary && { vocabulary: [...vocabulary] }),
    ...(classNames && { classNames: [...classNames] }),
  };
  return { ...content, digest: sha256Hex(JSON.stringify(content)) };
}

/**
 * Holds validation out of a loaded dataset, deals the shards and describes every part. Deterministic: the same config,
 * shards, seed and files give the same bytes on every machine.
 *
 * The manifest's digest is that of its other fields: what the data are (name, shapes, vocabulary, split) and the digest
 * of every part. Where files lie does not enter it, so that equal data are stored once.
 *
 * @param loaded from the same `config`.
 * @throws DataError where nothing is left to train on, ConfigError where the config asks for what the data cannot give
 *   (more shards than samples).
 */
export function prepareLoaded(
  loaded: LoadedDataset,
  config: DatasetConfig,
  options: PrepareOptions,
): PreparedDataset {
  const planned = plan(loaded, config, options);
  const manifest = manifestOf(loaded, describeParts(planned, loaded, options));
  const keys = datasetKeys(manifest.digest);
  return {
    manifest,
    parts: {
      *[Symbol.iterator]() {
        for (const { split, index, samples, indices } of planned) {
          const bytes = encodePart(samples, indices, loaded.shape);
          yield { key: keys.part(split, index), bytes, sizeBytes: bytes.length };
        }
      },
    },
  };
}

/**
 * Loads a dataset and prepares it as {@link prepareLoaded} does.
 *
 * @throws UsageError where the files' directory is not given, DataError where a file is wrong, ConfigError where the
 *   config asks for what the data cannot give.
 */
export async function prepareDataset(
  config: DatasetConfig,
  options: PrepareOptions,
): Promise<PreparedDataset> {
  return prepareLoaded(await loadDataset(config, options), config, options);
}
