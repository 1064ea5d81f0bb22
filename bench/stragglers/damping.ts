/** Whether it helps to take less of what a stale contribution wants: real subproblems in simulated time. */
import type { RunView } from '../../lib/observe/runView.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { runInProcess } from '../experiments/trials/inProcessRun.ts';
import { PreparedData } from '../experiments/trials/preparedData.ts';
import { ASYNCHRONOUS, mnistRun, SHARDS } from './configs.ts';

/** Time of a subproblem on a fast shard. */
const TASK_MS = 1000;
const EVERY_VERSIONS = 5;

/** Shares of the step by the staleness s; the last two as in Xie, Koyejo and Gupta (arXiv 1903.03934, section 5). */
const RULES = [
  { title: 'none', damping: () => 1 },
  { title: '(1 + s)^-1/2', damping: (staleness: number) => (1 + staleness) ** -0.5 },
  { title: '(1 + s)^-1', damping: (staleness: number) => (1 + staleness) ** -1 },
] as const;

export interface DampingOptions {
  readonly dataDirectory: string;
  readonly slowFactor: number;
  /** Runs of each rule, each with a seed of its own. */
  readonly repetitions: number;
  readonly targetAccuracy: number;
  /** How long a run lasts, in times of a fast subproblem. */
  readonly taskTimes: number;
}

export interface DampingRow {
  readonly title: string;
  /** Validation accuracy of the last evaluated version, a seed each. */
  readonly accuracies: readonly number[];
  readonly meanAccuracy: number;
  /** When the target was reached, in times of a fast subproblem; null where it was not. */
  readonly taskTimes: readonly (number | null)[];
}

function taskTimesOf({ rounds, evaluations }: RunView, targetAccuracy: number): number | null {
  const reached = evaluations.find(({ metrics }) => (metrics.accuracy ?? 0) >= targetAccuracy)?.version;
  const formedAtMs = rounds.find(({ version }) => version === reached)?.formedAtMs;
  return formedAtMs === undefined ? null : formedAtMs / TASK_MS;
}

/** Trains with every rule and every seed; equal calls give equal figures, since time is simulated. */
export async function measureDamping(options: DampingOptions): Promise<DampingRow[]> {
  const { dataDirectory, slowFactor, repetitions, targetAccuracy } = options;
  const backend = await loadBackend({ threads: 1 });
  const data = new PreparedData(dataDirectory);
  const time = {
    untilMs: options.taskTimes * TASK_MS,
    durationMs: ({ shard }: { readonly shard: number }) => (shard === 0 ? slowFactor : 1) * TASK_MS,
  };
  const rows: DampingRow[] = [];
  for (const { title, damping } of RULES) {
    const views: RunView[] = [];
    for (let seed = 0; seed < repetitions; seed++) {
      const config = mnistRun(ASYNCHRONOUS, seed, EVERY_VERSIONS);
      const prepared = await data.prepare(config.dataset, SHARDS, seed);
      views.push((await runInProcess(backend, config, prepared, { ...time, damping })).view);
    }
    const accuracies = views.map(({ state }) => state.evaluations.latest?.metrics.accuracy ?? 0);
    rows.push({
      ...{ title, accuracies },
      meanAccuracy: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length,
      taskTimes: views.map((view) => taskTimesOf(view, targetAccuracy)),
    });
  }
  return rows;
}
