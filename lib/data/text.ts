import { DataError } from '../errors.ts';
import { resolveDataFile } from './files.ts';
import type { GrowingArray } from './growingArray.ts';
import { Labels } from './labels.ts';
import { nameIn, readRecords, textIn } from './records.ts';
import type { ConfigOf, LoadedDataset, LoadOptions, Samples } from './samples.ts';
import { holdOutTest } from './split.ts';
import { Corpus, type Documents, tokenizers } from './words.ts';

interface LabelledDocuments {
  readonly documents: Documents;
  readonly labels: GrowingArray<Int32Array<ArrayBuffer>>;
}

/** Reads one table; that of training data makes words and classes known. */
async function readTable(
  path: string,
  isTraining: boolean,
  known: { readonly corpus: Corpus; readonly classes: Labels },
  config: ConfigOf<'text'>,
  options: LoadOptions,
): Promise<LabelledDocuments> {
  const documents = known.corpus.newDocuments();
  const labels = known.classes.newList();
  for await (const record of readRecords(path, options)) {
    const label = nameIn(path, record, config.labelField);
    if (isTraining) known.classes.add(labels, label);
    else known.classes.addKnown(labels, label, path, record.line);
    known.corpus.add(documents, textIn(path, record, config.textField), isTraining);
  }
  if (documents.count === 0) {
    throw new DataError(path, { field: 'records', expected: 'at least 1', received: 'none' });
  }
  return { documents, labels };
}

const samplesOf = ({ documents, labels }: LabelledDocuments): Samples => ({
  count: documents.count,
  inputs: documents.words.view(),
  targets: labels.view(),
});

/**
 * Reads labelled documents, the last T words of each. The vocabulary is made of the words of all documents of `file`,
 * the classes of their labels: numbers by size, then names in alphabetical order.
 *
 * @throws DataError naming the file and line where a record is malformed, a field is missing, or a test label is of no
 *   known class; where there are fewer than two classes.
 */
export async function loadText(config: ConfigOf<'text'>, options: LoadOptions): Promise<LoadedDataset> {
  const { timeSteps, vocabularySize, testFraction } = config;
  const known = { corpus: new Corpus(timeSteps, tokenizers.text), classes: new Labels() };
  const file = resolveDataFile(options, config.file);
  const tables = [await readTable(file, true, known, config, options)];
  if (config.testFile !== undefined) {
    const testFile = resolveDataFile(options, config.testFile);
    tables.push(await readTable(testFile, false, known, config, options));
  }
  const classNames = known.classes.finish(file, ...tables.map(({ labels }) => labels));
  const vocabulary = known.corpus.finish(vocabularySize, ...tables.map(({ documents }) => documents));
  const [first, second] = tables.map(samplesOf) as [Samples, Samples?];
  return {
    name: 'text',
    shape: {
      timeSteps,
      input: { kind: 'oneHot', vocabulary: vocabulary.length, padded: true },
      target: { kind: 'classes', classes: classNames.length },
      readout: 'last',
    },
    ...(second ? { train: first, test: second } : holdOutTest(file, first, testFraction)),
    vocabulary,
    classNames,
  };
}
