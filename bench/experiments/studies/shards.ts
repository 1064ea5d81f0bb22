/** The same samples a round, dealt over more and more shards, alike or by label, with duals and by plain averaging. */
import type { RunConfigInput } from '../../../lib/protocol/config.ts';
import type { Section } from '../section.ts';
import type { SizedTask } from '../tasks.ts';
import { pointsOf, runPadmm } from './methods.ts';
import { testText } from './outcomes.ts';
import type { StudyContext } from './study.ts';

const VARIANTS = [
  { title: 'IID, with duals', sharding: 'iid', useDuals: true },
  { title: 'IID, plain averaging', sharding: 'iid', useDuals: false },
  { title: 'by label, with duals', sharding: 'label', useDuals: true },
  { title: 'by label, plain averaging', sharding: 'label', useDuals: false },
] as const;

async function runVariant(
  context: StudyContext,
  task: SizedTask,
  shards: number,
  { sharding, useDuals }: (typeof VARIANTS)[number],
): Promise<string> {
  const dataset: RunConfigInput['dataset'] = { ...task.dataset, sharding };
  const { shardEpochs: epochs, seeds } = context.scale;
  const budget = { seeds: seeds.others, epochs, points: pointsOf(task, epochs) };
  const variation = { ...budget, shards, dataset, consensus: { useDuals } };
  const trainings = await runPadmm(context, task, variation);
  return testText(trainings, ({ best }) => best, 'accuracy');
}

export async function varyShards(context: StudyContext): Promise<Section> {
  const { pictures, shardCounts, shardEpochs, seeds } = context.scale;
  const task = await context.size(pictures);
  const rows = await Promise.all(
    shardCounts.map(async (shards) => {
      const batch = Math.max(1, Math.round(task.roundSamples / shards));
      const cells = await Promise.all(VARIANTS.map((variant) => runVariant(context, task, shards, variant)));
      return [`${shards}`, `${batch}`, ...cells];
    }),
  );
  return {
    title: 'By number of shards',
    description: `${task.title}, ${shardEpochs} epoch(s), ${task.roundSamples} samples a round however many shards there are; "by label" sorts the training samples by label before they are cut, so that a shard sees few classes.`,
    tables: [
      {
        caption: `Test accuracy (%) of the model chosen on validation data, ${seeds.others.length} seed(s)`,
        table: { columns: ['shards', 'samples a subproblem', ...VARIANTS.map(({ title }) => title)], rows },
      },
    ],
    charts: [],
  };
}
