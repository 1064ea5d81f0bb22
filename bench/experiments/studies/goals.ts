/** What the defaults are to reach, held against what they do: means over the seeds, on test data, of the models chosen. */
import type { RunConfigInput } from '../../../lib/protocol/config.ts';
import type { Section } from '../section.ts';
import { spreadOf } from '../statistics.ts';
import type { SizedTask, Task } from '../tasks.ts';
import type { Training } from '../trial.ts';
import { runMethods } from './comparison.ts';
import { pointsOf, runPadmm, tuneAndRun, type Variation } from './methods.ts';
import { figureOf, spreadText } from './outcomes.ts';
import type { StudyContext } from './study.ts';

/** One line of the table. */
interface Goal {
  readonly title: string;
  readonly must: string;
  readonly aim: string;
  readonly measured: string;
  readonly holds: boolean;
}

const figuresOf = (trainings: readonly Training[], measure: Task['measure']): number[] =>
  trainings.map(({ best }) => figureOf(measure, best.test ?? best.validation));
const meanOf = (trainings: readonly Training[], measure: Task['measure'] = 'accuracy'): number =>
  spreadOf(figuresOf(trainings, measure)).mean;

/** Thresholds by the name of a task: its own, in its own measure. */
const THRESHOLDS: Readonly<Record<string, { readonly must: number; readonly aim: number }>> = {
  mnist: { must: 97.6, aim: 98.5 },
  imdb: { must: 84.5, aim: 87 },
  text: { must: 1.62, aim: 1.55 },
};

/** A task in full, against its threshold and the best of the baselines. */
async function taskGoal(context: StudyContext, task: SizedTask): Promise<Goal> {
  const { measure, title, epochs } = task;
  const [padmm, , ...baselines] = await runMethods(context, task);
  const sign = measure === 'accuracy' ? 1 : -1;
  const mean = meanOf(padmm?.trainings ?? [], measure);
  const best = baselines.reduce((a, b) =>
    sign * meanOf(b.trainings, measure) > sign * meanOf(a.trainings, measure) ? b : a,
  );
  const threshold = THRESHOLDS[task.id];
  const text = spreadText(figuresOf(padmm?.trainings ?? [], measure), measure);
  const bestText = spreadText(figuresOf(best.trainings, measure), measure);
  const sense = measure === 'accuracy' ? '≥' : '≤';
  return {
    title: `${title}, ${epochs} epochs`,
    must: `${threshold ? `${sense} ${threshold.must} and ` : ''}better than every baseline`,
    aim: threshold ? `${sense} ${threshold.aim}` : '–',
    measured: `${text}; ${best.title} ${bestText}`,
    holds:
      sign * mean > sign * meanOf(best.trainings, measure) &&
      (threshold === undefined || sign * mean >= sign * threshold.must),
  };
}

interface Variant {
  readonly epochs: number;
  readonly shards?: number;
  readonly dataset?: RunConfigInput['dataset'];
}

function runVariant(context: StudyContext, task: SizedTask, variant: Variant): Promise<readonly Training[]> {
  const budget = { points: pointsOf(task, variant.epochs), seeds: context.scale.seeds.tasks };
  return runPadmm(context, task, { ...variant, ...budget });
}

/** A start from which P-ADMMiRNN is to train where Adam does not. */
async function badStartGoal(context: StudyContext, task: SizedTask): Promise<Goal> {
  const epochs = 2;
  const variation: Variation = { model: { initializer: { kind: 'normal' } } };
  const budget = { seeds: context.scale.seeds.tasks, epochs, points: pointsOf(task, epochs) };
  const { tuningEpochs } = context.scale.initialWeights;
  const [padmm, adam] = await Promise.all([
    runPadmm(context, task, { ...budget, ...variation }),
    tuneAndRun(context, task, 'adam', { ...budget, tuningEpochs, variation }),
  ]);
  const [own, others] = [padmm, adam].map((t) => spreadText(figuresOf(t, 'accuracy'), 'accuracy'));
  return {
    title: `${task.title}, ${epochs} epochs from N(0, 0.01²)`,
    must: '≥ 85 where Adam is below 60',
    aim: '≥ 93',
    measured: `${own}; Adam ${others}`,
    holds: meanOf(padmm) >= 85 && meanOf(adam) < 60,
  };
}

/** What the pictures are to show besides: a short training, a bad start, many shards, shards that differ. */
async function pictureGoals(context: StudyContext, task: SizedTask): Promise<readonly Goal[]> {
  const run = (variant: Variant) => runVariant(context, task, variant);
  const [short, badStart, one, four, sixteen, byLabel] = await Promise.all([
    run({ epochs: 1 }),
    badStartGoal(context, task),
    run({ epochs: 2, shards: 1 }),
    run({ epochs: 2 }),
    run({ epochs: 2, shards: 16 }),
    run({ epochs: 2, dataset: { ...task.dataset, sharding: 'label' } }),
  ] as const);
  const shortGoal: Goal = {
    ...{ title: `${task.title}, 1 epoch`, must: '≥ 94.5', aim: '≥ 96' },
    measured: spreadText(figuresOf(short, 'accuracy'), 'accuracy'),
    holds: meanOf(short) >= 94.5,
  };
  const within = (
    title: string,
    points: number,
    [at, than]: readonly [readonly Training[], readonly Training[]],
  ): Goal => ({
    ...{ title: `${task.title}, ${title}`, must: `at most ${points} points worse`, aim: 'equal' },
    measured: [at, than].map((t) => spreadText(figuresOf(t, 'accuracy'), 'accuracy')).join(' against '),
    holds: meanOf(than) - meanOf(at) <= points,
  });
  return [
    shortGoal,
    badStart,
    within('2 epochs, 16 shards against 1', 0.5, [sixteen, one]),
    within('2 epochs, 4 shards by label against IID', 1, [byLabel, four]),
  ];
}

export async function holdGoals(context: StudyContext): Promise<Section> {
  const { scale } = context;
  const tasks = await Promise.all(scale.tasks.map((task) => context.size(task)));
  const goals = [
    ...(await Promise.all(tasks.map((task) => taskGoal(context, task)))),
    ...(await pictureGoals(context, await context.size(scale.pictures))),
  ];
  return {
    title: 'Goals',
    description: `What the defaults are to reach: test accuracy in percent, or loss in nats, of the model chosen on validation data, mean ± standard deviation over ${scale.seeds.tasks.length} seeds. Thresholds are those of the full pass.`,
    tables: [
      {
        caption: 'Goals, and what was measured',
        table: {
          columns: ['goal', 'must', 'aim', 'measured', 'holds'],
          rows: goals.map(({ title, must, aim, measured, holds }) => [
            ...[title, must, aim, measured, holds ? 'yes' : 'no'],
          ]),
        },
      },
    ],
    charts: [],
  };
}
