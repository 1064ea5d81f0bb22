import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { requireDirectory, unreadable } from './files.ts';
import { type IdxArray, readIdx } from './idx.ts';
import { DIGIT_NAMES, PICTURE_SIDE, pictureShape } from './pictures.ts';
import type { ConfigOf, LoadedDataset, LoadOptions, Samples } from './samples.ts';

const FOLDER = 'mnist';
const FILE_NAMES = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const;
const ALL_NAMES = Object.values(FILE_NAMES).flatMap(({ images, labels }) => [images, labels]);
const LOOKED_FOR = `${ALL_NAMES.join(', ')}, each plain or .gz, in it or in its folder ${FOLDER}`;

/** Paths of the files by name, found in one folder. */
function pick(folder: string, entries: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of ALL_NAMES) {
    const entry = [name, `${name}.gz`].find((candidate) => entries.includes(candidate));
    if (entry !== undefined) found.set(name, join(folder, entry));
  }
  return found;
}

async function findFiles(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory).catch((error: unknown) => {
    throw unreadable(directory, error);
  });
  const here = pick(directory, entries);
  const below = join(directory, FOLDER);
  const found = here.size > 0 || !entries.includes(FOLDER) ? here : pick(below, await readdir(below));
  const missing = ALL_NAMES.filter((name) => !found.has(name));
  if (missing.length > 0) {
    const mismatch = { field: 'files', expected: LOOKED_FOR, received: `no ${missing.join(', no ')}` };
    throw new DataError(directory, mismatch);
  }
  return found;
}

function checkImages({ path, dimensions }: IdxArray): void {
  const [, rows, columns] = dimensions;
  if (rows === PICTURE_SIDE && columns === PICTURE_SIDE) return;
  const expected = `${PICTURE_SIDE} × ${PICTURE_SIDE} pixels an image`;
  throw new DataError(path, { field: 'dimensions', expected, received: `${rows} × ${columns}` });
}

function checkLabels({ path, data }: IdxArray, images: IdxArray): void {
  const expectedCount = images.dimensions[0];
  if (data.length !== expectedCount) {
    const expected = `${expectedCount} labels, as many as images in ${images.path}`;
    throw new DataError(path, { field: 'labels', expected, received: `${data.length}` });
  }
  const wrong = data.findIndex((label) => label >= DIGIT_NAMES.length);
  if (wrong >= 0) {
    const mismatch = { field: `labels[${wrong}]`, expected: '0 to 9', received: `${data[wrong]}` };
    throw new DataError(path, mismatch);
  }
}

async function readSplit(
  split: keyof typeof FILE_NAMES,
  files: ReadonlyMap<string, string>,
  { onProgress }: LoadOptions,
): Promise<Samples> {
  const names = FILE_NAMES[split];
  onProgress?.({ activity: `reading MNIST (${split})`, done: split === 'train' ? 0 : 1, total: 2 });
  const images = await readIdx(files.get(names.images) as string, 'images', 3);
  const labels = await readIdx(files.get(names.labels) as string, 'labels', 1);
  checkImages(images);
  checkLabels(labels, images);
  return { count: labels.data.length, inputs: images.data, targets: Int32Array.from(labels.data) };
}

/**
 * Reads the four MNIST files (or others of the same form, such as Fashion-MNIST), one row of pixels or a part of one a
 * time step, from the top left to the bottom right.
 *
 * @throws UsageError without a directory; DataError where a file is missing, damaged, mislabelled, or holds labels
 *   outside 0 … 9.
 */
export async function loadMnist(config: ConfigOf<'mnist'>, options: LoadOptions): Promise<LoadedDataset> {
  const files = await findFiles(requireDirectory(options.directory, 'mnist', LOOKED_FOR));
  const { pixelsPerStep } = config;
  return {
    name: 'mnist',
    shape: pictureShape(pixelsPerStep),
    train: await readSplit('train', files, options),
    test: await readSplit('test', files, options),
    classNames: DIGIT_NAMES,
  };
}
