/** Runs of the methods that are compared, on one task, over seeds. */
import type { MethodName } from '../../../lib/baselines/rules.ts';
import { datasetSchema, modelSchema, type RunConfigInput } from '../../../lib/protocol/config.ts';
import { type RunVariation, runConfigOf, type SizedTask, samplesOf } from '../tasks.ts';
import type { Training } from '../trial.ts';
import { baselineTrial, type Tuned, tuneBaseline, type Untuned } from '../tuning.ts';
import type { StudyContext } from './study.ts';

/** Measurements on validation data of a run that tunes. */
const TUNING_POINTS = 4;
/** Mini-batch of the baselines where not every batch size is tried. */
export const BATCH_SIZE = 128;
/** Seed of the runs that tune. */
const TUNING_SEED = 0;

export const methodTitles: Readonly<Record<MethodName, string>> = {
  sgd: 'SGD',
  momentum: 'Momentum',
  adagrad: 'AdaGrad',
  rmsprop: 'RMSProp',
  adam: 'Adam',
};

/** What a comparison may change of a task. */
export interface Variation {
  readonly model?: RunConfigInput['model'];
  readonly dataset?: RunConfigInput['dataset'];
}

/** What a full run may take. */
export interface Budget {
  readonly seeds: readonly number[];
  readonly epochs: number;
  /** Measurements on validation data on the way. */
  readonly points: number;
}

/** Measurements of a full run of so many epochs. */
export const pointsOf = (task: SizedTask, epochs: number): number =>
  Math.max(1, samplesOf(task, epochs) / task.roundSamples / task.roundsAPoint);

/** P-ADMMiRNN with its defaults, over the seeds. */
export function runPadmm(
  { trials }: StudyContext,
  task: SizedTask,
  { seeds, ...variation }: Omit<RunVariation, 'seed'> & Pick<Budget, 'seeds'>,
): Promise<readonly Training[]> {
  return Promise.all(
    seeds.map((seed) => {
      const config = runConfigOf(task, { ...variation, seed });
      return trials.run<'padmm'>({ kind: 'padmm', config, simulation: null });
    }),
  );
}

/** Settings of a baseline on a task that are not tuned. */
function untuned(
  task: SizedTask,
  method: MethodName,
  epochs: number,
  variation: Variation = {},
): Omit<Untuned, 'batchSize' | 'clipNorm'> {
  const samples = samplesOf(task, epochs);
  return {
    method,
    dataset: datasetSchema.parse(variation.dataset ?? task.dataset),
    model: modelSchema.parse({ ...task.model, ...variation.model }),
    seed: TUNING_SEED,
    samples,
    measureEvery: Math.max(1, Math.floor(samples / TUNING_POINTS)),
    test: false,
  };
}

/** Batch size, clipping and learning rate of a method on a task, tuned in full: as a user would tune it once. */
export function tuneOnTask(
  { trials, scale }: StudyContext,
  task: SizedTask,
  method: MethodName,
): Promise<Tuned> {
  const { batchSizes, clipNorms } = scale.tuning;
  const space = { batchSizes: [...batchSizes, task.roundSamples], clipNorms };
  return tuneBaseline(trials, untuned(task, method, task.tuningEpochs), space);
}

/** A tuned method, over the seeds. */
export function runBaseline(
  { trials }: StudyContext,
  task: SizedTask,
  { settings, learningRate }: Tuned,
  { seeds, epochs, points }: Budget,
): Promise<readonly Training[]> {
  const samples = samplesOf(task, epochs);
  const measureEvery = Math.max(1, Math.floor(samples / points));
  return Promise.all(
    seeds.map((seed) => {
      const final = { ...settings, seed, samples, measureEvery, test: true };
      return trials.run<'baseline'>(baselineTrial(final, learningRate));
    }),
  );
}

/** A method tuned for a variation of a task at batches of {@link BATCH_SIZE}, then run over the seeds. */
export async function tuneAndRun(
  context: StudyContext,
  task: SizedTask,
  method: MethodName,
  {
    tuningEpochs,
    variation,
    ...budget
  }: Budget & { readonly tuningEpochs: number; readonly variation: Variation },
): Promise<readonly Training[]> {
  const { trials, scale } = context;
  const base = untuned(task, method, tuningEpochs, variation);
  const space = { batchSizes: [BATCH_SIZE], clipNorms: scale.tuning.clipNorms };
  return runBaseline(context, task, await tuneBaseline(trials, base, space), budget);
}
