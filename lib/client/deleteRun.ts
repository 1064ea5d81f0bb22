import type { ObjectStore } from '../cloud/objectStore.ts';
import { loadState, UnknownRunError } from '../coordinator/stateObject.ts';
import { UsageError } from '../errors.ts';
import { runKeys } from '../protocol/keys.ts';
import { isEnded } from '../protocol/state.ts';

/** Keys deleted at a time: what S3 takes in one request. */
const BATCH_KEYS = 1000;

async function requireEnded(store: ObjectStore, run: string): Promise<void> {
  try {
    const { state } = await loadState(store, run);
    if (isEnded(state.status)) return;
    throw new UsageError(
      `run ${run}: expected one that has ended, received one that is ${state.status}; stop it first`,
    );
  } catch (error) {
    // A deletion that was interrupted has taken the state first; it may be finished.
    if (!(error instanceof UnknownRunError)) throw error;
  }
}

/**
 * Deletes a run that has ended, with all its objects; datasets stay. The state goes first, so that whoever comes across
 * the run after that knows that it is gone.
 *
 * @returns how many objects were deleted.
 * @throws UsageError where the run has not ended, or nothing is stored of it.
 */
export async function deleteRun(store: ObjectStore, run: string): Promise<number> {
  await requireEnded(store, run);
  const keys = runKeys(run);
  await store.delete([keys.state]);
  let deleted = 0;
  let batch: string[] = [];
  const flush = async () => {
    await store.delete(batch);
    deleted += batch.length;
    batch = [];
  };
  for await (const { key } of store.list(keys.prefix)) {
    batch.push(key);
    if (batch.length === BATCH_KEYS) await flush();
  }
  await flush();
  if (deleted === 0)
    throw new UsageError(`run ${run}: expected a stored run (see \`padmm list\`), received nothing`);
  return deleted + 1;
}
