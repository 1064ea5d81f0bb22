/**
 * Objects of a run that has no state: what a worker uploaded after the run was deleted, or what a submission left that broke
 * off before it wrote the state. Nothing refers to them.
 */
import type { ObjectStore } from '../cloud/objectStore.ts';
import { runKeys } from '../protocol/keys.ts';

/** A submission is through long before. */
const OLD_AFTER_MS = 24 * 60 * 60_000;

/** Deletes all that is stored of a run. Only for one that is known to have no state any more. */
export async function deleteLeftovers(store: ObjectStore, run: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list(runKeys(run).prefix)) keys.push(key);
  if (keys.length > 0) await store.delete(keys);
}

/** Deletes what is stored of a run without a state, unless it may be on its way: then its newest object is young. */
export async function deleteOldLeftovers(store: ObjectStore, run: string, nowMs: number): Promise<void> {
  let newestMs = 0;
  for await (const { lastModifiedMs } of store.list(runKeys(run).prefix)) {
    newestMs = Math.max(newestMs, lastModifiedMs);
  }
  if (nowMs - newestMs > OLD_AFTER_MS) await deleteLeftovers(store, run);
}
