import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors.ts';
import { decodeText, newDecoder, requireDirectory, unreadable } from './files.ts';
import { byCodeUnits } from './interner.ts';
import type { ConfigOf, LoadedDataset, LoadOptions, Samples } from './samples.ts';
import { Corpus, type Documents, tokenizers } from './words.ts';

const FOLDER = 'aclImdb';
/** Folders of the classes; a class's id is its place here. */
const CLASSES = ['neg', 'pos'] as const;
const LOOKED_FOR = `train/neg, train/pos, test/neg and test/pos with the reviews, in it or in its folder ${FOLDER}`;
/** Files read at the same time, to hide the file system's latency. */
const READ_AHEAD = 64;

type SplitFolder = 'train' | 'test';

async function findRoot(directory: string): Promise<string> {
  const entries = await readdir(directory).catch((error: unknown) => {
    throw unreadable(directory, error);
  });
  if (entries.includes('train') || !entries.includes(FOLDER)) return directory;
  return join(directory, FOLDER);
}

async function listReviews(root: string, split: SplitFolder, label: string): Promise<string[]> {
  const folder = join(root, split, label);
  const names = await readdir(folder).catch((error: unknown) => {
    const mismatch = { field: `${split}/${label}`, expected: LOOKED_FOR, received: String(error) };
    throw new DataError(root, mismatch, { cause: error });
  });
  const reviews = names.filter((name) => name.endsWith('.txt')).sort(byCodeUnits);
  if (reviews.length === 0) {
    throw new DataError(folder, { field: 'files', expected: 'reviews named *.txt', received: 'none' });
  }
  return reviews.map((name) => join(folder, name));
}

async function readReview(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const decoder = newDecoder();
  return decodeText(decoder, path, bytes) + decodeText(decoder, path);
}

async function readSplit(
  root: string,
  split: SplitFolder,
  corpus: Corpus,
  { onProgress }: LoadOptions,
): Promise<{ documents: Documents; labels: Int32Array<ArrayBuffer> }> {
  const lists = await Promise.all(CLASSES.map((label) => listReviews(root, split, label)));
  const paths = lists.flat();
  const documents = corpus.newDocuments();
  for (let done = 0; done < paths.length; done += READ_AHEAD) {
    onProgress?.({ activity: `reading reviews (${split})`, done, total: paths.length });
    const reviews = await Promise.all(paths.slice(done, done + READ_AHEAD).map(readReview));
    for (const review of reviews) corpus.add(documents, review, split === 'train');
  }
  onProgress?.({ activity: `reading reviews (${split})`, done: paths.length, total: paths.length });
  return { documents, labels: Int32Array.from(lists.flatMap((list, id) => list.map(() => id))) };
}

const samplesOf = ({ documents, labels }: Awaited<ReturnType<typeof readSplit>>): Samples => ({
  count: documents.count,
  inputs: documents.words.view(),
  targets: labels,
});

/**
 * Reads the reviews of the Large Movie Review Dataset (Maas et al., ACL 2011), the last T words of each. The vocabulary
 * is made of the words of the training reviews, whole.
 *
 * @throws UsageError without a directory; DataError where a folder or its reviews are missing, or a review is not UTF-8.
 */
export async function loadImdb(config: ConfigOf<'imdb'>, options: LoadOptions): Promise<LoadedDataset> {
  const root = await findRoot(requireDirectory(options.directory, 'imdb', LOOKED_FOR));
  const { timeSteps, vocabularySize } = config;
  const corpus = new Corpus(timeSteps, tokenizers.imdb);
  const train = await readSplit(root, 'train', corpus, options);
  const test = await readSplit(root, 'test', corpus, options);
  const vocabulary = corpus.finish(vocabularySize, train.documents, test.documents);
  return {
    name: 'imdb',
    shape: {
      timeSteps,
      input: { kind: 'oneHot', vocabulary: vocabulary.length, padded: true },
      target: { kind: 'classes', classes: CLASSES.length },
      readout: 'last',
    },
    train: samplesOf(train),
    test: samplesOf(test),
    vocabulary,
    classNames: CLASSES,
  };
}
