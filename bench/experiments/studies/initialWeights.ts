/** What each method makes of good and bad initial weights, and what reaches the first time steps from the output. */
import type { Initializer } from '../../../lib/protocol/config.ts';
import type { Chart, Line, Section, Table } from '../section.ts';
import { spreadOf } from '../statistics.ts';
import { runConfigOf, type SizedTask } from '../tasks.ts';
import type { Measured, Training } from '../trial.ts';
import { BATCH_SIZE, methodTitles, pointsOf, runPadmm, tuneAndRun } from './methods.ts';
import { figureOf, testText } from './outcomes.ts';
import type { StudyContext } from './study.ts';

interface InitialWeights {
  readonly title: string;
  readonly initializer: Initializer;
}

const gaussian = (gain: number): InitialWeights => ({
  title: gain === 0 ? 'W = 0' : `Gaussian, gain ${gain}`,
  initializer: { kind: 'gaussian', gain },
});

const INITIAL_WEIGHTS: readonly InitialWeights[] = [
  { title: 'N(0, 0.01²)', initializer: { kind: 'normal', standardDeviation: 0.01 } },
  ...[0, 0.5, 1, 2, 4].map(gaussian),
  { title: 'orthogonal', initializer: { kind: 'orthogonal', gain: 1 } },
];
/** Left out of the spread: from there every method starts with saturated states. */
const WITHOUT_SPREAD = 'Gaussian, gain 4';

interface Row {
  readonly title: string;
  /** P-ADMMiRNN first, then the methods of the scale. */
  readonly methods: readonly (readonly Training[])[];
}

async function runFrom(
  context: StudyContext,
  task: SizedTask,
  { title, initializer }: InitialWeights,
): Promise<Row> {
  const { epochs, tuningEpochs } = context.scale.initialWeights;
  const variation = { model: { initializer } };
  const budget = { seeds: context.scale.seeds.others, epochs, points: pointsOf(task, epochs) };
  const padmm = runPadmm(context, task, { ...budget, ...variation });
  const baselines = context.scale.methods.map((method) =>
    tuneAndRun(context, task, method, { ...budget, tuningEpochs, variation }),
  );
  return { title, methods: await Promise.all([padmm, ...baselines]) };
}

function accuracyTable(context: StudyContext, rows: readonly Row[], model: (t: Training) => Measured): Table {
  const mean = (trainings: readonly Training[]): number =>
    spreadOf(trainings.map((t) => figureOf('accuracy', model(t).test ?? model(t).validation))).mean;
  const spread = (column: number): string => {
    const counted = rows.filter(({ title }) => title !== WITHOUT_SPREAD);
    const means = counted.map(({ methods }) => mean(methods[column] ?? []));
    return (Math.max(...means) - Math.min(...means)).toFixed(2);
  };
  const columns = ['P-ADMMiRNN', ...context.scale.methods.map((method) => methodTitles[method])];
  return {
    columns: ['initial weights', ...columns],
    rows: [
      ...rows.map(({ title, methods }) => [title, ...methods.map((t) => testText(t, model, 'accuracy'))]),
      ['largest difference but gain 4', ...columns.map((_, column) => spread(column))],
    ],
  };
}

async function signalCharts(context: StudyContext, task: SizedTask): Promise<readonly Chart[]> {
  const signals = await Promise.all(
    INITIAL_WEIGHTS.map(({ initializer }) => {
      const config = runConfigOf(task, { seed: 0, epochs: 1, points: 1, model: { initializer } });
      return context.trials.run<'signal'>({ kind: 'signal', config });
    }),
  );
  const lines = (norms: 'gradientNorms' | 'targetNorms'): Line[] =>
    INITIAL_WEIGHTS.map(({ title }, i) => ({
      label: title,
      points: (signals[i]?.[norms] ?? []).map((y, t) => ({ x: t + 1, y })),
    }));
  const axes = { x: { label: 'time step', scale: 'linear' }, y: { label: 'norm', scale: 'log' } } as const;
  return [
    {
      name: 'initial-weights-gradients',
      caption: 'Norm of the gradient ∂L/∂s_t by time step, before training: it vanishes or explodes',
      ...axes,
      lines: lines('gradientNorms'),
    },
    {
      name: 'initial-weights-targets',
      caption: 'Norm of the targets δs_t of the subproblem by time step, before training, penalties balanced',
      ...axes,
      lines: lines('targetNorms'),
    },
  ];
}

export async function varyInitialWeights(context: StudyContext): Promise<Section> {
  const { pictures, seeds, initialWeights } = context.scale;
  const task = await context.size(pictures);
  const rows = await Promise.all(INITIAL_WEIGHTS.map((weights) => runFrom(context, task, weights)));
  return {
    title: 'By initial weights',
    description: `${task.title}, ${initialWeights.epochs} epoch(s), ${seeds.others.length} seed(s). Learning rates and clipping of the baselines are tuned anew for every initializer, on ${Math.round(initialWeights.tuningEpochs * task.trainSamples)} samples, at batches of ${BATCH_SIZE}; P-ADMMiRNN keeps its defaults. U and V are scaled by fan-in but in N(0, 0.01²), where all weights are small.`,
    tables: [
      {
        caption: 'Test accuracy (%) of the model chosen on validation data',
        table: accuracyTable(context, rows, ({ best }) => best),
      },
      {
        caption: 'Test accuracy (%) of the last model',
        table: accuracyTable(context, rows, ({ last }) => last),
      },
    ],
    charts: await signalCharts(context, task),
  };
}
