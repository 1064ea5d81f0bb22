import { DataError } from '../errors.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import type { ConfigOf, LoadedDataset, LoadOptions, Samples } from './samples.ts';
import { readSequenceArrays } from './sequenceArrays.ts';
import { readSequenceTables } from './sequenceTable.ts';
import { holdOutTest } from './split.ts';

/** The samples of one source file, all of `timeSteps` steps. */
export interface SequenceSet extends Samples {
  readonly path: string;
  readonly timeSteps: number;
}

/** What a source holds. */
export interface Sequences {
  /** The training set and, where the source has one, the test set. */
  readonly sets: readonly SequenceSet[];
  /** n. */
  readonly features: number;
  readonly target: TaskShape['target'];
  readonly classNames?: readonly string[];
}

function readSource(config: ConfigOf<'sequences'>, options: LoadOptions): Promise<Sequences> {
  const { source } = config;
  return source.format === 'csv'
    ? readSequenceTables({ ...config, source }, options)
    : readSequenceArrays({ ...config, source }, options);
}

/**
 * Reads sequences of numbers, for classification or regression, with targets at the last step or at every one. The
 * network sees inputs and targets as they are, the inputs times `scale`.
 *
 * @throws DataError where the files are wrong, or the test set's sequences are not as long as the training set's.
 */
export async function loadSequences(
  config: ConfigOf<'sequences'>,
  options: LoadOptions,
): Promise<LoadedDataset> {
  const { sets, features, target, classNames } = await readSource(config, options);
  const [train, test] = sets as [SequenceSet, SequenceSet?];
  if (test && test.timeSteps !== train.timeSteps) {
    const expected = `${train.timeSteps}, as in ${train.path}`;
    throw new DataError(test.path, { field: 'time steps', expected, received: `${test.timeSteps}` });
  }
  const input = { kind: 'dense', features, scale: config.scale } as const;
  return {
    name: 'sequences',
    shape: { timeSteps: train.timeSteps, input, target, readout: config.readout },
    ...(test ? { train, test } : holdOutTest(train.path, train, config.testFraction)),
    ...(classNames && { classNames }),
  };
}
