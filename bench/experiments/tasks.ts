/** The learning tasks of the paper, and how much of them the experiments use. */
import type { DatasetConfig, RunConfig, RunConfigInput } from '../../lib/protocol/config.ts';
import { datasetSchema, runConfigSchema } from '../../lib/protocol/config.ts';
import { PreparedData } from './trials/preparedData.ts';

/** A task and its budget. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly dataset: RunConfigInput['dataset'];
  readonly model: NonNullable<RunConfigInput['model']>;
  /** Samples of a whole round of P-ADMMiRNN, over all shards. */
  readonly roundSamples: number;
  /** Epochs of a full run, and of one that tunes. */
  readonly epochs: number;
  readonly tuningEpochs: number;
  /** Rounds of P-ADMMiRNN between two measurements on validation data; every method is measured as often. */
  readonly roundsAPoint: number;
  /** What the task is told by: accuracy where higher is better, or the loss. */
  readonly measure: 'accuracy' | 'loss';
  /** What the solver is told beyond its defaults, and why. */
  readonly solver?: RunConfigInput['solver'];
}

/** A task with the size of its training split. */
export interface SizedTask extends Task {
  readonly trainSamples: number;
}

/** What a run of P-ADMMiRNN may differ in. */
export interface RunVariation {
  readonly seed: number;
  readonly epochs: number;
  /** Measurements on validation data on the way. */
  readonly points: number;
  readonly shards?: number;
  readonly model?: RunConfigInput['model'];
  readonly dataset?: RunConfigInput['dataset'];
  readonly consensus?: RunConfigInput['consensus'];
}

/** Samples that a number of epochs has. */
export const samplesOf = ({ trainSamples }: SizedTask, epochs: number): number =>
  Math.round(trainSamples * epochs);

/** Run config of P-ADMMiRNN on a task: its budget in rounds, the same samples a round whatever the shards. */
export function runConfigOf(task: SizedTask, variation: RunVariation): RunConfig {
  const { seed, epochs, points, shards = 4, consensus } = variation;
  const maxRounds = Math.max(1, Math.round(samplesOf(task, epochs) / task.roundSamples));
  return runConfigSchema.parse({
    name: task.id,
    dataset: variation.dataset ?? task.dataset,
    model: { ...task.model, ...variation.model },
    solver: { ...task.solver, batchSize: Math.max(1, Math.round(task.roundSamples / shards)) },
    ...(consensus && { consensus }),
    stop: { maxRounds },
    evaluation: { everyRounds: Math.max(1, Math.round(maxRounds / points)) },
    shards,
    seed,
  } satisfies RunConfigInput);
}

/** Counts the training samples that are left once validation is held out. */
export async function sizeTask(task: Task, dataDirectory: string | undefined): Promise<SizedTask> {
  const config: DatasetConfig = datasetSchema.parse(task.dataset);
  const { manifest } = await new PreparedData(dataDirectory).prepare(config, 1, 0);
  return { ...task, trainSamples: manifest.train[0]?.samples ?? 0 };
}
