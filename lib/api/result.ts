import type { ObjectStore } from '../cloud/objectStore.ts';
import { RunFailedError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { readModel } from '../models/readModel.ts';
import { readRunHead } from '../observe/runView.ts';
import { type RunSummary, summarise, type WatchedRun } from '../observe/summary.ts';

/** What a run came to. */
export interface TrainingResult {
  readonly summary: RunSummary;
  /** The model that was chosen on validation data, with its parameters. */
  readonly model: Model;
}

/**
 * Reads what a run that has ended came to.
 *
 * @param watched what was measured of it; without, the workers and the seconds that its state tells of.
 * @throws RunFailedError where it ended without a model.
 */
export async function readResult(
  store: ObjectStore,
  run: string,
  watched?: WatchedRun,
): Promise<TrainingResult> {
  const head = await readRunHead(store, run);
  const { status, reason, workers, createdAtMs, updatedAtMs } = head.state;
  if (status === 'failed') throw new RunFailedError(`run ${run} failed: ${reason}`);
  const seconds = (updatedAtMs - createdAtMs) / 1000;
  const summary = summarise(head, watched ?? { workers: workers.length, seconds });
  const { manifest: _, ...model } = await readModel(store, run);
  return { summary, model };
}
