/** The same pictures read in more and more, shorter and shorter steps. */

import type { SequenceBudget } from '../scale.ts';
import type { Section } from '../section.ts';
import { type SizedTask, samplesOf } from '../tasks.ts';
import { BATCH_SIZE, methodTitles, runPadmm, tuneAndRun } from './methods.ts';
import { testText } from './outcomes.ts';
import type { StudyContext } from './study.ts';

async function runAt(context: StudyContext, task: SizedTask, budget: SequenceBudget): Promise<string[]> {
  const { dataset, epochs, tuningEpochs, timeSteps } = budget;
  const { scale } = context;
  const run = { seeds: scale.seeds.others, epochs, points: 4 };
  const padmm = runPadmm(context, task, { ...run, dataset });
  const baselines = scale.methods.map((method) =>
    tuneAndRun(context, task, method, { ...run, tuningEpochs, variation: { dataset } }),
  );
  const all = await Promise.all([padmm, ...baselines]);
  const samples = samplesOf(task, epochs);
  return [`${timeSteps}`, `${samples}`, ...all.map((t) => testText(t, ({ best }) => best, 'accuracy'))];
}

export async function varySequenceLength(context: StudyContext): Promise<Section> {
  const { scale } = context;
  const task = await context.size(scale.pictures);
  const rows: string[][] = [];
  // One length after the other, so that each process keeps the data it has.
  for (const budget of scale.sequences) rows.push(await runAt(context, task, budget));
  const titles = scale.methods.map((method) => methodTitles[method]);
  const columns = ['time steps', 'samples', 'P-ADMMiRNN', ...titles];
  return {
    title: 'By sequence length',
    description: `${scale.pictures.title}: every picture is read in so many steps. Longer sequences cost more, so they are trained on a subset, the samples in the table; learning rates and clipping are tuned on still fewer samples (${scale.sequences.map(({ tuningEpochs, timeSteps }) => `${samplesOf(task, tuningEpochs)} at ${timeSteps} steps`).join(', ')}), at batches of ${BATCH_SIZE}.`,
    tables: [
      {
        caption: `Test accuracy (%) of the model chosen on validation data, ${scale.seeds.others.length} seed(s)`,
        table: { columns, rows },
      },
    ],
    charts: [],
  };
}
