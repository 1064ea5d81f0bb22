import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadMnist } from '../../lib/data/mnist.ts';
import { DataError, UsageError } from '../../lib/errors.ts';
import { freshDirectory, idxBytes, type MnistFiles, smallMnist, writeFiles } from './idxFiles.ts';

const config = { kind: 'mnist', pixelsPerStep: 28, validationFraction: 0.1, sharding: 'iid' } as const;

async function load(files: MnistFiles) {
  const directory = await freshDirectory();
  await writeFiles(directory, files);
  return loadMnist(config, { directory });
}

describe('loadMnist', () => {
  it('finds plain files in the directory and gzipped ones in its folder mnist', async () => {
    const directory = await freshDirectory();
    await mkdir(join(directory, 'mnist'));
    await writeFiles(join(directory, 'mnist'), smallMnist(), true);
    const gzipped = await loadMnist(config, { directory });
    expect(gzipped).toEqual(await load(smallMnist()));
    expect(gzipped.train.count).toBe(40);
    expect(gzipped.test.count).toBe(12);
    expect(gzipped.train.inputs[784 + 3]).toBe(4);
    expect([...gzipped.test.targets.subarray(8)]).toEqual([8, 9, 0, 1]);
  });

  it.each([
    [28, 28],
    [14, 56],
    [7, 112],
    [1, 784],
  ] as const)('cuts pictures in steps of %i pixels: %i steps', async (pixelsPerStep, timeSteps) => {
    const directory = await freshDirectory();
    await writeFiles(directory, smallMnist());
    const { shape } = await loadMnist({ ...config, pixelsPerStep }, { directory });
    expect(shape).toMatchObject({ timeSteps, input: { features: pixelsPerStep, scale: 1 / 255 } });
  });

  it('says which directory it wants where none is given', async () => {
    const loading = loadMnist(config, {});
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(/--data DIR with train-images-idx3-ubyte, .* plain or \.gz/);
  });

  it('names the files that are missing', async () => {
    const { 't10k-labels-idx1-ubyte': _, ...files } = smallMnist();
    await expect(load(files)).rejects.toThrow(/received no t10k-labels-idx1-ubyte$/);
    const absent = join(await freshDirectory(), 'absent');
    await expect(loadMnist(config, { directory: absent })).rejects.toThrow(/absent: file: .*ENOENT/);
  });

  it.each([
    [
      'a label out of range',
      'train-labels-idx1-ubyte',
      idxBytes([40], [...Array(39).fill(1), 17]),
      /labels\[39\]: expected 0 to 9, received 17/,
    ],
    [
      'fewer labels than images',
      't10k-labels-idx1-ubyte',
      idxBytes([3], [1, 2, 3]),
      /expected 12 labels.*t10k-images.* received 3/,
    ],
    [
      'pictures of another size',
      'train-images-idx3-ubyte',
      idxBytes([40, 2, 2], Array(160).fill(0)),
      /expected 28 × 28 pixels an image, received 2 × 2/,
    ],
    [
      'labels in place of images',
      'train-images-idx3-ubyte',
      idxBytes([40], Array(40).fill(0)),
      /train-images.*for images, received 0x00000801/,
    ],
  ])('refuses %s', async (_, name, bytes, message) => {
    const loading = load({ ...smallMnist(), [name]: bytes });
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(name);
  });
});
