/** Trains the points of a sweep, so many at a time. */
import pLimit, { type LimitFunction } from 'p-limit';
import type { CoordinatorCapacity } from '../../client/commitSize.ts';
import { controlRun } from '../../client/control.ts';
import { followRun } from '../../client/follow.ts';
import { submitPrepared } from '../../client/submit.ts';
import type { Connection } from '../../cloud/deployment.ts';
import type { PreparedDataset } from '../../data/prepare.ts';
import type { RunConfig } from '../../protocol/config.ts';
import type { SweepPoint } from './grid.ts';
import { findKnownRun, hasEnded, type KnownRun, readKnownRuns } from './knownRuns.ts';
import type { SweepProgress } from './progress.ts';

export interface SweepOptions {
  readonly connection: Connection;
  readonly points: readonly SweepPoint[];
  /** Runs at a time. */
  readonly atOnce: number;
  readonly pollMs: number;
  readonly capacity?: CoordinatorCapacity;
  readonly prepare: (config: RunConfig) => Promise<PreparedDataset>;
  /** Called for each run that is begun or taken up. */
  readonly onBegin?: (config: RunConfig) => Promise<void>;
  readonly progress: SweepProgress;
  readonly signal: AbortSignal;
}

/** What decides how data are prepared. */
const dataKey = ({ dataset, shards, seed }: RunConfig): string => JSON.stringify([dataset, shards, seed]);

/** Prepares the data of one point after the other; those of the last are kept for the next. */
function keepingLast(prepare: SweepOptions['prepare']): SweepOptions['prepare'] {
  const oneByOne: LimitFunction = pLimit(1);
  let last: { readonly key: string; readonly prepared: PreparedDataset } | null = null;
  return (config) =>
    oneByOne(async () => {
      const key = dataKey(config);
      if (last?.key !== key) last = { key, prepared: await prepare(config) };
      return last.prepared;
    });
}

async function beginOrTakeUp(
  { connection, capacity, onBegin }: SweepOptions,
  { config }: SweepPoint,
  prepared: PreparedDataset,
  known: readonly KnownRun[],
): Promise<{ readonly run: string; readonly isNew: boolean }> {
  const earlier = findKnownRun(known, config, prepared.manifest);
  if (earlier === undefined) {
    const options = capacity === undefined ? {} : { capacity };
    const { run } = await submitPrepared(connection, config, prepared, options);
    await onBegin?.(config);
    return { run, isNew: true };
  }
  const { run } = earlier;
  if (!hasEnded(earlier)) {
    await controlRun(connection.results, run, 'resume');
    await onBegin?.(config);
  }
  return { run, isNew: false };
}

/**
 * Trains every point to its end, and answers with their runs in the order of the points. A point whose run is there
 * already, on the same data, is not trained again: a sweep that was interrupted goes on.
 *
 * @throws ConfigError or DataError where a point and its data do not suit each other; the reason of the signal.
 */
export async function runSweep(options: SweepOptions): Promise<string[]> {
  const { connection, points, atOnce, pollMs: intervalMs, progress, signal } = options;
  const known = await readKnownRuns(connection.store);
  const prepare = keepingLast(options.prepare);
  return pLimit({ concurrency: atOnce, rejectOnClear: true }).map(points, async (point, index) => {
    signal.throwIfAborted();
    const prepared = await prepare(point.config);
    signal.throwIfAborted();
    const { run, isNew } = await beginOrTakeUp(options, point, prepared, known);
    progress.begin(index, run, isNew);
    for await (const state of followRun(connection.store, run, { intervalMs, signal })) {
      progress.show(index, state);
    }
    return run;
  });
}
