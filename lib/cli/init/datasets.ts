/** What `padmm init` wants to know for each kind of dataset. */
import { UsageError } from '../../errors.ts';
import type { RunConfigInput } from '../../protocol/config.ts';
import { askChoice, askText } from '../ask.ts';

type Dataset = RunConfigInput['dataset'];
type Kind = Dataset['kind'];

/** What was given as options; each is asked for where it is wanted and missing. */
export interface DatasetAnswers {
  readonly file?: string;
  readonly testFile?: string;
  readonly targets?: string;
  readonly inputColumns?: readonly string[];
  readonly targetColumns?: readonly string[];
  readonly task?: 'classification' | 'regression';
}

/** What has been found to suit a kind, as a beginning. */
export interface Preset {
  readonly description: string;
  readonly hiddenUnits: number;
  readonly batchSize: number;
  readonly rounds: number;
}

export const presets: Readonly<Record<Kind, Preset>> = {
  digits: {
    description: 'generated pictures of digits, no files',
    hiddenUnits: 64,
    batchSize: 250,
    rounds: 160,
  },
  mnist: { description: 'handwritten digits, four IDX files', hiddenUnits: 128, batchSize: 250, rounds: 120 },
  imdb: { description: 'film reviews, the folder aclImdb', hiddenUnits: 64, batchSize: 250, rounds: 90 },
  text: { description: 'labelled texts, CSV or JSON lines', hiddenUnits: 64, batchSize: 250, rounds: 90 },
  characters: { description: 'the next character of any text', hiddenUnits: 128, batchSize: 50, rounds: 192 },
  sequences: {
    description: 'sequences of numbers, CSV or NPY',
    hiddenUnits: 64,
    batchSize: 250,
    rounds: 120,
  },
};

export const datasetKinds = Object.keys(presets) as Kind[];

/** Asks, or says which option is missing where there is nobody to ask. */
export type Wanted = <T>(given: T | undefined, option: string, ask: () => Promise<T>) => Promise<T>;

/** @param asks whether there is a terminal. */
export const wantedOn =
  (asks: boolean): Wanted =>
  async (given, option, ask) => {
    if (given !== undefined) return given;
    if (asks) return ask();
    throw new UsageError(`init: expected ${option} where there is no terminal to ask on, received nothing`);
  };

const list = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const columns = async (message: string): Promise<readonly string[]> => list(await askText(message));

/** Of an option that takes a comma list. */
export const parseList = (text: string): readonly string[] => list(text);

const TASKS = [
  { value: 'classification', description: 'targets are classes' },
  { value: 'regression', description: 'targets are values' },
] as const;

async function sequences(answers: DatasetAnswers, wanted: Wanted): Promise<Dataset> {
  const { inputColumns, targetColumns, targets, testFile } = answers;
  const file = await wanted(answers.file, '--file FILE', () =>
    askText('File of the inputs: .csv, .tsv, .jsonl or .npy'),
  );
  const task = await wanted(answers.task, '--task', () => askChoice('What is to be learned?', TASKS));
  if (file.endsWith('.npy')) {
    const labels = await wanted(targets, '--targets FILE', () => askText('File of the targets, .npy'));
    return { kind: 'sequences', source: { format: 'npy', inputs: file, targets: labels }, task };
  }
  const source = {
    format: 'csv' as const,
    file,
    ...(testFile === undefined ? {} : { testFile }),
    inputColumns: [
      ...(await wanted(inputColumns, '--input-columns', () => columns('Columns of the inputs, with commas'))),
    ],
    targetColumns: [
      ...(await wanted(targetColumns, '--target-columns', () =>
        columns('Columns of the targets, with commas'),
      )),
    ],
  };
  return { kind: 'sequences', source, task };
}

/**
 * The dataset of a config.
 *
 * @throws UsageError naming the option that is missing; InterruptedError on Ctrl-C.
 */
export async function describeDataset(kind: Kind, answers: DatasetAnswers, wanted: Wanted): Promise<Dataset> {
  const { testFile } = answers;
  const test = testFile === undefined ? {} : { testFile };
  switch (kind) {
    case 'text': {
      const ask = () => askText('File of the documents: .csv, .tsv or .jsonl');
      return { kind, file: await wanted(answers.file, '--file FILE', ask), ...test };
    }
    case 'characters':
      return {
        kind,
        file: await wanted(answers.file, '--file FILE', () => askText('Text file, in UTF-8')),
      };
    case 'sequences':
      return sequences(answers, wanted);
    default:
      return { kind };
  }
}
