/** P-ADMMiRNN against tuned baselines on every task, by samples seen and by CPU seconds. */
import type { Chart, Section, Table } from '../section.ts';
import { type SizedTask, samplesOf } from '../tasks.ts';
import type { Training } from '../trial.ts';
import type { Tuned } from '../tuning.ts';
import { type Budget, methodTitles, pointsOf, runBaseline, runPadmm, tuneOnTask } from './methods.ts';
import { meanCurve, measureLabel, testText } from './outcomes.ts';
import type { StudyContext } from './study.ts';

export const SHARDS = 4;

/** A method on a task, over the seeds. */
export interface Method {
  readonly title: string;
  readonly settings: string;
  readonly trainings: readonly Training[];
}

const settingsText = ({ settings, learningRate }: Tuned): string => {
  const clipping = settings.clipNorm === null ? 'no clipping' : `clipped at ${settings.clipNorm}`;
  return `rate ${learningRate}, batch ${settings.batchSize}, ${clipping}`;
};

const budgetOf = ({ scale }: StudyContext, task: SizedTask): Budget => ({
  ...{ seeds: scale.seeds.tasks, epochs: task.epochs, points: pointsOf(task, task.epochs) },
});

/** The runs of P-ADMMiRNN that other studies look at, too. */
export const runMainPadmm = (context: StudyContext, task: SizedTask, shards: number) =>
  runPadmm(context, task, { ...budgetOf(context, task), shards });

/** P-ADMMiRNN in {@link SHARDS} shards and in one, then the tuned baselines. */
export async function runMethods(context: StudyContext, task: SizedTask): Promise<readonly Method[]> {
  const padmm = [SHARDS, 1].map(async (shards) => ({
    title: `P-ADMMiRNN, ${shards} ${shards === 1 ? 'shard' : 'shards'}`,
    settings: `defaults, ${task.roundSamples} samples a round`,
    trainings: await runMainPadmm(context, task, shards),
  }));
  const baselines = context.scale.methods.map(async (method) => {
    const tuned = await tuneOnTask(context, task, method);
    const trainings = await runBaseline(context, task, tuned, budgetOf(context, task));
    return { title: methodTitles[method], settings: settingsText(tuned), trainings };
  });
  return Promise.all([...padmm, ...baselines]);
}

function outcomeTable({ measure, epochs }: SizedTask, methods: readonly Method[]): Table {
  const rows = methods.map(({ title, settings, trainings }) => {
    const seconds = trainings.reduce((sum, training) => sum + training.seconds, 0) / trainings.length;
    return [
      title,
      settings,
      testText(trainings, ({ best }) => best, measure),
      testText(trainings, ({ last }) => last, measure),
      (seconds / epochs).toFixed(1),
    ];
  });
  const label = measureLabel(measure);
  return {
    columns: ['method', 'settings', `test ${label}, chosen`, `test ${label}, last`, 'CPU seconds an epoch'],
    rows,
  };
}

function chart(task: SizedTask, methods: readonly Method[], x: 'samples' | 'seconds'): Chart {
  return {
    name: `comparison-${task.id}-${x}`,
    caption: `${task.title}: validation ${measureLabel(task.measure)} by ${x === 'samples' ? 'samples seen' : 'CPU seconds of training'}, mean over seeds`,
    x: { label: x === 'samples' ? 'samples seen' : 'CPU seconds of training on one thread', scale: 'linear' },
    y: { label: `validation ${measureLabel(task.measure)}`, scale: 'linear' },
    lines: methods.map(({ title, trainings }) => meanCurve(title, trainings, task.measure, x)),
  };
}

export async function compareOnTasks(context: StudyContext): Promise<Section> {
  const { scale } = context;
  const tables: Section['tables'][number][] = [];
  const charts: Chart[] = [];
  const budgets: string[] = [];
  for (const task of scale.tasks) {
    const sized = await context.size(task);
    const methods = await runMethods(context, sized);
    const caption = `${task.title}, ${task.epochs} epochs, mean ± standard deviation over ${scale.seeds.tasks.length} seeds`;
    tables.push({ caption, table: outcomeTable(sized, methods) });
    charts.push(chart(sized, methods, 'samples'), chart(sized, methods, 'seconds'));
    budgets.push(
      `${task.title}: ${sized.trainSamples} training samples, tuned on ${samplesOf(sized, task.tuningEpochs)}`,
    );
  }
  return {
    title: 'By task',
    description: `Every method trains the same network from the same initial weights on the same samples, on one thread of the same backend. P-ADMMiRNN runs with its defaults, all its shards one after the other in one process. Each baseline is tuned on validation data: a grid of seven learning rates a factor √10 apart, extended while the best lies at its edge, for batches of ${[...scale.tuning.batchSizes, 'a round of P-ADMMiRNN'].join(', ')}, then with gradients clipped at a norm of ${scale.tuning.clipNorms.join(', ')}. "Chosen" is the model of the lowest validation loss; test data are looked at for it and for the last model alone. ${budgets.join('; ')}.`,
    tables,
    charts,
  };
}
