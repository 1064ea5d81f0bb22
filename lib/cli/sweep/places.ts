/** Sweeps on this machine and on a deployment: what differs is who trains. */
import pLimit from 'p-limit';
import type { CoordinatorCapacity } from '../../client/commitSize.ts';
import { localCapacity } from '../../client/localCapacity.ts';
import { prepareRun } from '../../client/submit.ts';
import type { Connection } from '../../cloud/deployment.ts';
import { UsageError } from '../../errors.ts';
import { renderReport } from '../../observe/report.ts';
import { readRun } from '../../observe/runView.ts';
import type { TaskShape } from '../../protocol/dataset.ts';
import type { SweepCommandOptions } from '../commands/sweep.ts';
import { shapeOf } from '../estimateConfig.ts';
import { interruptible } from '../interruption.ts';
import { withLocalDeployment } from '../localRun.ts';
import { bytesPerSecondOf } from '../options.ts';
import { note, printJson, printLine } from '../output.ts';
import { chosenStack, pollMs, withStack } from '../place.ts';
import { capacityOf, type DataPlace } from '../submitToStack.ts';
import { wantWorkers } from '../wantWorkers.ts';
import { writeWhole } from '../writeWhole.ts';
import type { SweepPoint } from './grid.ts';
import { sweepRows, sweepTable } from './outcome.ts';
import { createSweepProgress } from './progress.ts';
import { runSweep, type SweepOptions } from './runSweep.ts';

const PARALLEL_READS = 4;

/** Prints the table, writes the page, and counts the runs that failed. */
async function compare(
  { store }: Connection,
  points: readonly SweepPoint[],
  runs: readonly string[],
  { output, json }: SweepCommandOptions,
): Promise<number> {
  const views = await pLimit(PARALLEL_READS).map(runs, (run) => readRun(store, run));
  const rows = sweepRows(points, views);
  const byRun = new Map(views.map((view) => [view.state.run, view]));
  await writeWhole(output, renderReport(rows.flatMap(({ run }) => byRun.get(run) ?? [])));
  if (json) printJson({ runs: rows, page: output });
  else printLine(sweepTable(rows));
  note(`page: ${output}`);
  return rows.filter(({ status }) => status === 'failed').length;
}

type Trained = Omit<SweepOptions, 'points' | 'atOnce' | 'progress' | 'prepare'> & DataPlace;

async function trainAll(
  points: readonly SweepPoint[],
  { atOnce }: SweepCommandOptions,
  { data, cloud, ...trained }: Trained,
): Promise<string[]> {
  const progress = createSweepProgress(points);
  const prepare: SweepOptions['prepare'] = (config) =>
    prepareRun({
      ...{ config, dataDirectory: data, cloud, signal: trained.signal },
      onProgress: ({ activity, done, total }) => progress.activity(`${activity}: ${done}/${total}`),
    });
  try {
    return await runSweep({ ...trained, prepare, points, atOnce, progress });
  } finally {
    progress.end();
  }
}

/** The coordinator of this machine, with a time-out that is long enough for every point. */
async function capacityFor(
  points: readonly SweepPoint[],
  options: SweepCommandOptions,
): Promise<CoordinatorCapacity> {
  const shapes = new Map<string, TaskShape>();
  const capacities: CoordinatorCapacity[] = [];
  for (const { config } of points) {
    const key = JSON.stringify(config.dataset);
    const shape = shapes.get(key) ?? (await shapeOf(config, options.data));
    shapes.set(key, shape);
    capacities.push(localCapacity(config, shape, bytesPerSecondOf(options)));
  }
  return capacities.reduce((most, next) => (next.timeoutSeconds > most.timeoutSeconds ? next : most));
}

/**
 * Trains all points in a directory, with the same workers.
 *
 * @returns how many runs failed.
 * @throws UsageError where points want workers of different kinds; InterruptedError on Ctrl-C; as `trainLocally`.
 */
export async function sweepLocally(
  points: readonly SweepPoint[],
  options: SweepCommandOptions & { readonly dir: string },
): Promise<number> {
  const threads = new Set(points.map(({ config }) => config.worker.threads));
  const [first] = points;
  if (first === undefined || threads.size > 1) {
    throw new UsageError('sweep: expected one value of worker.threads with --local, received several');
  }
  return interruptible(
    async (signal) => {
      const capacity = await capacityFor(points, options);
      return withLocalDeployment(options, { ...capacity, config: first.config }, async ({ connection }) => {
        const runs = await trainAll(points, options, {
          ...{ connection, pollMs: pollMs(options), signal, capacity, data: options.data },
        });
        return compare(connection, points, runs, options);
      });
    },
    () => 'interrupted; go on with the same command',
  );
}

/**
 * Trains all points on a deployment, and wants workers for them.
 *
 * @returns how many runs failed.
 * @throws EnvironmentError where there is no such deployment; InterruptedError on Ctrl-C.
 */
export function sweepOnStack(points: readonly SweepPoint[], options: SweepCommandOptions): Promise<number> {
  return withStack(chosenStack(options) ?? '', options, async ({ connection, stack }) =>
    interruptible(
      async (signal) => {
        const runs = await trainAll(points, options, {
          ...{ connection, pollMs: pollMs(options), signal, capacity: capacityOf(stack, options) },
          ...{ data: options.data, cloud: stack },
          onBegin: ({ shards }) => wantWorkers(stack, shards),
        });
        return compare(connection, points, runs, options);
      },
      () => 'no longer watching; runs that were begun go on, and the same command goes on with the sweep',
    ),
  );
}
