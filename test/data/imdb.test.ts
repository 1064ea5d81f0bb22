import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadImdb } from '../../lib/data/imdb.ts';
import { DataError, UsageError } from '../../lib/errors.ts';
import { datasetSchema } from '../../lib/protocol/config.ts';
import { freshDirectory } from './idxFiles.ts';

const config = {
  ...datasetSchema.parse({ kind: 'imdb', timeSteps: 5, vocabularySize: 6 }),
  kind: 'imdb',
} as Parameters<typeof loadImdb>[0];

const reviews: Record<string, string> = {
  'train/neg/0_1.txt': 'bad bad film',
  'train/neg/1_2.txt': 'bad<br />film',
  'train/pos/0_9.txt': 'good good film',
  'train/pos/1_8.txt': 'a good film',
  'test/neg/0_1.txt': 'so bad a film',
  'test/pos/0_9.txt': 'Good, good, good: so very very good',
};

async function writeReviews(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(reviews)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function reviewDirectory(): Promise<string> {
  const directory = await freshDirectory();
  await writeReviews(join(directory, 'aclImdb'));
  return directory;
}

describe('loadImdb', () => {
  it('reads the reviews of both classes, in the order of their names', async () => {
    const { train, test, vocabulary, classNames, shape } = await loadImdb(config, {
      directory: await reviewDirectory(),
    });
    expect(vocabulary).toEqual(['<padding>', '<unknown>', 'film', 'bad', 'good', 'a']);
    expect(classNames).toEqual(['neg', 'pos']);
    expect(shape.input).toEqual({ kind: 'oneHot', vocabulary: 6, padded: true });
    expect([...train.targets]).toEqual([0, 0, 1, 1]);
    expect([...train.inputs]).toEqual([0, 0, 3, 3, 2, 0, 0, 0, 3, 2, 0, 0, 4, 4, 2, 0, 0, 5, 4, 2]);
    expect([...test.inputs]).toEqual([0, 1, 3, 5, 2, 4, 1, 1, 1, 4]);
  });

  it('takes the folder aclImdb itself as well', async () => {
    const directory = await reviewDirectory();
    expect(await loadImdb(config, { directory: join(directory, 'aclImdb') })).toEqual(
      await loadImdb(config, { directory }),
    );
  });

  it('says what it looks for where it has no directory or a folder is missing', async () => {
    await expect(loadImdb(config, {})).rejects.toThrow(UsageError);
    await expect(loadImdb(config, {})).rejects.toThrow(/--data DIR with train\/neg, .* aclImdb/);
    await expect(loadImdb(config, { directory: '/does/not/exist' })).rejects.toThrow(/exist: file: .*ENOENT/);
    const directory = await reviewDirectory();
    await rm(join(directory, 'aclImdb/test/pos'), { recursive: true });
    await expect(loadImdb(config, { directory })).rejects.toThrow(/aclImdb: test\/pos: expected train\/neg/);
  });

  it('refuses an empty folder and a review that is not UTF-8', async () => {
    const directory = await reviewDirectory();
    const review = join(directory, 'aclImdb/train/pos/0_9.txt');
    await writeFile(review, Uint8Array.of(0x67, 0xff, 0x6f));
    await expect(loadImdb(config, { directory })).rejects.toThrow(/0_9\.txt: encoding: expected UTF-8/);
    await rm(review);
    await rm(join(directory, 'aclImdb/train/pos/1_8.txt'));
    await expect(loadImdb(config, { directory })).rejects.toThrow(DataError);
    await expect(loadImdb(config, { directory })).rejects.toThrow(
      /pos: files: expected reviews named \*\.txt/,
    );
  });
});
