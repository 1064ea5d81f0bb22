import { createJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { WorkerInfo } from '../protocol/figures.ts';
import { runKeys } from '../protocol/keys.ts';
import { PROTOCOL_VERSION, type Task } from '../protocol/messages.ts';

/**
 * Says in the store that a task was begun, by whom and when. The first worker on an attempt says it; the watchdog counts
 * from then.
 */
export async function announceStart(store: ObjectStore, task: Task, worker: WorkerInfo): Promise<void> {
  const { run, kind, version, shard, attempt } = task;
  const key = runKeys(run).lease(kind, version, shard, attempt);
  await createJson(store, key, { schema: PROTOCOL_VERSION, worker, startedAtMs: Date.now() });
}
