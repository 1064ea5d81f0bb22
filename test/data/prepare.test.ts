import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodePart } from '../../lib/data/part.ts';
import { type PreparedDataset, prepareDataset } from '../../lib/data/prepare.ts';
import { ConfigError } from '../../lib/errors.ts';
import { type DatasetConfig, datasetSchema } from '../../lib/protocol/config.ts';
import { manifestSchema } from '../../lib/protocol/dataset.ts';
import { datasetKeys } from '../../lib/protocol/keys.ts';
import { freshDirectory, smallMnist, writeFiles } from './idxFiles.ts';

const digits = (more: object = {}): DatasetConfig =>
  datasetSchema.parse({ kind: 'digits', trainSamples: 101, testSamples: 17, ...more });
const prepare = (config: DatasetConfig, shards = 3, seed = 0) => prepareDataset(config, { shards, seed });

function decodeAll({ manifest, parts }: PreparedDataset) {
  const described = [...manifest.train, manifest.validation, manifest.test];
  return [...parts].map(({ key, bytes }, at) => {
    const part = described[at];
    if (part === undefined) throw new Error(`${key} is not in the manifest`);
    return { key, ...decodePart(bytes, part, manifest.shape, key) };
  });
}

describe('prepareDataset', () => {
  it('describes what it stores: three splits that share no sample', async () => {
    const prepared = await prepare(digits());
    expect(manifestSchema.parse(prepared.manifest)).toEqual(prepared.manifest);
    const decoded = decodeAll(prepared);
    const keys = datasetKeys(prepared.manifest.digest);
    expect(decoded.map(({ key }) => key)).toEqual([
      keys.part('train', 0),
      keys.part('train', 1),
      keys.part('train', 2),
      keys.part('validation', 0),
      keys.part('test', 0),
    ]);
    expect(decoded.map(({ samples }) => samples)).toEqual([30, 30, 31, 10, 17]);
    const pictures = decoded.flatMap(({ inputs, samples }) =>
      Array.from({ length: samples }, (_, i) => inputs.slice(i * 784, (i + 1) * 784).join()),
    );
    expect(new Set(pictures).size).toBe(118);
  });

  it('keeps each picture with its label', async () => {
    const directory = await freshDirectory();
    await writeFiles(directory, smallMnist());
    const prepared = await prepareDataset(datasetSchema.parse({ kind: 'mnist' }), {
      shards: 4,
      seed: 5,
      directory,
    });
    for (const { inputs, targets, samples } of decodeAll(prepared)) {
      for (let i = 0; i < samples; i++) expect(targets[i]).toBe((inputs[i * 784] as number) % 10);
    }
  });

  it('gives parts of the sizes it states, again and again', async () => {
    const { parts } = await prepare(digits());
    const [first, second] = [[...parts], [...parts]];
    expect(second).toEqual(first);
    for (const { bytes, sizeBytes } of first) expect(sizeBytes).toBe(bytes.length);
  });

  it('has one digest for equal data, and another for each thing that differs', async () => {
    const digest = async (...args: Parameters<typeof prepare>) => (await prepare(...args)).manifest.digest;
    expect(await digest(digits())).toBe(await digest(digits()));
    const digests = await Promise.all([
      digest(digits()),
      digest(digits(), 4),
      digest(digits(), 3, 1),
      digest(digits({ generatorSeed: 1 })),
      digest(digits({ validationFraction: 0.2 })),
      digest(digits({ sharding: 'label' })),
      digest(digits({ sharding: 'hash' })),
    ]);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('does not let the place of the files enter the digest, but the steps they are cut in', async () => {
    const prepared = async (pixelsPerStep: number) => {
      const directory = await freshDirectory();
      await writeFiles(directory, smallMnist());
      const config = datasetSchema.parse({ kind: 'mnist', pixelsPerStep });
      return (await prepareDataset(config, { shards: 2, seed: 0, directory })).manifest.digest;
    };
    expect(await prepared(28)).toBe(await prepared(28));
    expect(await prepared(28)).not.toBe(await prepared(14));
  });

  it('stores texts with their alphabet, by sequence', async () => {
    const directory = await freshDirectory();
    const text = Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + ((i * i) % 19))).join('');
    await writeFile(join(directory, 'a.txt'), text);
    const config = datasetSchema.parse({ kind: 'characters', file: 'a.txt', timeSteps: 5 });
    const prepared = await prepareDataset(config, { shards: 2, seed: 0, directory });
    expect(manifestSchema.parse(prepared.manifest)).toEqual(prepared.manifest);
    const { vocabulary = [] } = prepared.manifest;
    const decoded = decodeAll(prepared);
    expect(decoded.map(({ samples }) => samples)).toEqual([24, 24, 5, 6]);
    for (const { inputs, targets, samples } of decoded) {
      for (let i = 0; i < samples; i++) {
        const [input, target] = [inputs, targets].map((ids) =>
          [...ids.slice(5 * i, 5 * i + 5)].map((id) => vocabulary[id]).join(''),
        ) as [string, string];
        expect(text).toContain(input + target.slice(-1));
      }
    }
    const byLabel = prepareDataset({ ...config, sharding: 'label' }, { shards: 2, seed: 0, directory });
    await expect(byLabel).rejects.toThrow(/dataset\.sharding: expected iid or hash/);
  });

  it('does not need the files any more once it has prepared', async () => {
    const directory = await freshDirectory();
    const files = smallMnist();
    await writeFiles(directory, files);
    const config = datasetSchema.parse({ kind: 'mnist' });
    const prepared = await prepareDataset(config, { shards: 2, seed: 0, directory });
    await Promise.all(Object.keys(files).map((name) => rm(join(directory, name))));
    expect(decodeAll(prepared)).toHaveLength(4);
  });

  it('refuses more shards than training samples', async () => {
    await expect(prepare(digits(), 92)).rejects.toThrow(ConfigError);
    await expect(prepare(digits(), 92)).rejects.toThrow(/shards: expected at most 91, .* received 92/);
  });

  it('reports progress up to its total', async () => {
    const activities = new Map<string, number>();
    await prepareDataset(digits(), {
      shards: 3,
      seed: 0,
      onProgress: ({ activity, done, total }) => activities.set(activity, done / total),
    });
    expect([...activities]).toEqual([
      ['drawing digits', 1],
      ['encoding shards', 1],
    ]);
  });
});
