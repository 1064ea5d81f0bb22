/** How the end of a run is told. */
import type { ObjectStore } from '../cloud/objectStore.ts';
import { readRunHead } from '../observe/runView.ts';
import { type RunSummary, summarise, type WatchedRun } from '../observe/summary.ts';
import { percent } from './format.ts';
import { note } from './output.ts';

/** Says in one line on stderr what a run came to. */
export function noteOutcome({ run, status, rounds, accuracy, seconds }: RunSummary): void {
  const quality = accuracy === null ? '' : `, test accuracy ${percent(accuracy)}`;
  note(`${run}: ${status} after ${rounds} rounds${quality}, ${seconds.toFixed(1)} s`);
}

/**
 * What a run came to, by its state.
 *
 * @param watched what the command measured; without, the workers and the seconds that the state tells of.
 */
export async function readSummary(
  store: ObjectStore,
  run: string,
  watched?: WatchedRun,
): Promise<RunSummary> {
  const head = await readRunHead(store, run);
  const { workers, createdAtMs, updatedAtMs } = head.state;
  const seconds = Math.max(0, updatedAtMs - createdAtMs) / 1000;
  return summarise(head, watched ?? { workers: workers.length, seconds });
}
