import pLimit from 'p-limit';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { PadmmError } from '../errors.ts';
import { runIdSchema } from '../protocol/ids.ts';
import { RUNS_PREFIX } from '../protocol/keys.ts';
import type { RunStatus } from '../protocol/state.ts';
import { type RunView, readRunHead } from './runView.ts';

/** One line of `padmm list`, and the head of `padmm status`. */
export interface RunRow {
  readonly run: string;
  readonly status: RunStatus;
  /** Why it ended, or what it waits for; empty while it simply runs. */
  readonly reason: string;
  readonly dataset: string;
  readonly mode: 'sync' | 'async';
  readonly shards: number;
  /** Consensus updates made, and the most the config allows. */
  readonly rounds: number;
  readonly maxRounds: number;
  /** On validation data: of the chosen model, or the best so far; null before an evaluation. */
  readonly validationAccuracy: number | null;
  readonly validationLoss: number | null;
  /** On test data; null before the chosen model is measured. */
  readonly testAccuracy: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A run as the list finds it: its row, or why it cannot be read. One damaged run does not hide the others. */
export type ListedRun =
  | { readonly run: string; readonly row: RunRow }
  | { readonly run: string; readonly fault: string };

const PARALLEL_READS = 16;

/** The row of a run. */
export function runRow({ config, state }: Pick<RunView, 'config' | 'state'>): RunRow {
  const validation = state.model?.validation ?? state.evaluations.best?.metrics;
  return {
    run: state.run,
    status: state.status,
    reason: state.reason,
    dataset: config.dataset.kind,
    mode: config.consensus.mode,
    shards: config.shards,
    rounds: state.version,
    maxRounds: config.stop.maxRounds,
    validationAccuracy: validation?.accuracy ?? null,
    validationLoss: validation?.loss ?? null,
    testAccuracy: state.model?.test?.accuracy ?? null,
    createdAtMs: state.createdAtMs,
    updatedAtMs: state.updatedAtMs,
  };
}

async function listedRun(store: ObjectStore, run: string): Promise<ListedRun> {
  try {
    return { run, row: runRow(await readRunHead(store, run)) };
  } catch (error) {
    if (error instanceof PadmmError) return { run, fault: error.message };
    throw error;
  }
}

/** The ids of all runs in the store, in their order: by name, then by time. What is not a run is passed over. */
export async function listRunIds(store: ObjectStore): Promise<string[]> {
  const runs: string[] = [];
  for await (const prefix of store.listPrefixes(RUNS_PREFIX)) {
    const run = prefix.slice(RUNS_PREFIX.length, -1);
    if (runIdSchema.safeParse(run).success) runs.push(run);
  }
  return runs;
}

/** Every run in the store, in the order of {@link listRunIds}. */
export async function listRuns(store: ObjectStore): Promise<ListedRun[]> {
  return pLimit(PARALLEL_READS).map(await listRunIds(store), (run) => listedRun(store, run));
}
