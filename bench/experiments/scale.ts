/** How much is done: all of it, or a quick pass over generated data that shows that everything works. */
import { type MethodName, methodNames } from '../../lib/baselines/rules.ts';
import type { RunConfigInput } from '../../lib/protocol/config.ts';
import type { Task } from './tasks.ts';
import type { TuningSpace } from './tuning.ts';

export interface Scale {
  readonly name: 'full' | 'quick';
  /** Of the comparison by task. */
  readonly tasks: readonly Task[];
  /** Task that the other experiments are done on. */
  readonly pictures: Task;
  readonly methods: readonly MethodName[];
  /** Of the comparison by task and of the goals; of all others. */
  readonly seeds: { readonly tasks: Seeds; readonly others: Seeds };
  /** Batch sizes tried besides the samples of a round of P-ADMMiRNN. */
  readonly tuning: TuningSpace;
  /** Epochs by initial weights, and of the runs that tune for them. */
  readonly initialWeights: { readonly epochs: number; readonly tuningEpochs: number };
  /** Pictures read so many pixels a step, with the epochs that are affordable. */
  readonly sequences: readonly SequenceBudget[];
  readonly shardCounts: readonly number[];
  readonly shardEpochs: number;
  readonly stragglers: {
    /** Length of the simulated runs. */
    readonly taskTimes: number;
    /** Rounds on processes. */
    readonly rounds: number;
    /** A: arrivals that an asynchronous update waits for. */
    readonly arrivals: readonly number[];
  };
}

type Seeds = readonly number[];

export interface SequenceBudget {
  readonly dataset: RunConfigInput['dataset'];
  readonly timeSteps: number;
  readonly epochs: number;
  readonly tuningEpochs: number;
}

const mnist: Task = {
  id: 'mnist',
  title: 'MNIST by rows',
  dataset: { kind: 'mnist' },
  model: { hiddenUnits: 128 },
  roundSamples: 1000,
  epochs: 10,
  tuningEpochs: 1 / 3,
  roundsAPoint: 10,
  measure: 'accuracy',
};

const imdb: Task = {
  id: 'imdb',
  title: 'IMDb, last 120 words',
  dataset: { kind: 'imdb' },
  model: { hiddenUnits: 64 },
  roundSamples: 1000,
  epochs: 4,
  tuningEpochs: 1 / 3,
  roundsAPoint: 5,
  measure: 'accuracy',
};

const text: Task = {
  id: 'text',
  title: 'Next character',
  dataset: { kind: 'characters', file: 'text/metamorphosis.txt' },
  model: { hiddenUnits: 128 },
  roundSamples: 200,
  epochs: 10,
  tuningEpochs: 3,
  roundsAPoint: 10,
  measure: 'loss',
};

const mnistBy = (pixelsPerStep: 28 | 14 | 7 | 1, epochs: number, tuningEpochs: number): SequenceBudget => ({
  dataset: { kind: 'mnist', pixelsPerStep },
  timeSteps: 784 / pixelsPerStep,
  epochs,
  tuningEpochs,
});

export const full: Scale = {
  name: 'full',
  tasks: [mnist, imdb, text],
  pictures: mnist,
  methods: methodNames,
  seeds: { tasks: [0, 1, 2], others: [0] },
  tuning: { batchSizes: [32, 128], clipNorms: [1] },
  initialWeights: { epochs: 5, tuningEpochs: 1 / 6 },
  sequences: [
    mnistBy(28, 1, 1 / 4),
    mnistBy(14, 1, 1 / 8),
    mnistBy(7, 1 / 2, 1 / 16),
    mnistBy(1, 1 / 8, 1 / 40),
  ],
  shardCounts: [1, 2, 4, 8, 16, 64],
  shardEpochs: 1,
  stragglers: { taskTimes: 120, rounds: 120, arrivals: [1, 2] },
};

const digits: Task = {
  id: 'digits',
  title: 'Generated digits by rows',
  dataset: { kind: 'digits', trainSamples: 700, testSamples: 200 },
  model: { hiddenUnits: 12 },
  roundSamples: 210,
  epochs: 2,
  tuningEpochs: 1,
  roundsAPoint: 10,
  measure: 'accuracy',
};

export const quick: Scale = {
  name: 'quick',
  tasks: [digits],
  pictures: digits,
  methods: ['adam'],
  seeds: { tasks: [0, 1], others: [0] },
  tuning: { batchSizes: [], clipNorms: [1] },
  initialWeights: { epochs: 1, tuningEpochs: 1 },
  sequences: [{ dataset: digits.dataset, timeSteps: 28, epochs: 1, tuningEpochs: 1 }],
  shardCounts: [1, 4],
  shardEpochs: 1,
  stragglers: { taskTimes: 4, rounds: 3, arrivals: [1] },
};
