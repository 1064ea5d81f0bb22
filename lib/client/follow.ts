import { setTimeout as delay } from 'node:timers/promises';
import { parseObject } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { UsageError } from '../errors.ts';
import { runKeys } from '../protocol/keys.ts';
import { isEnded, type RunState, runStateSchema } from '../protocol/state.ts';

/** Time between two looks at a run on this machine: looks are work that its rounds wait for. */
export const LOCAL_POLL_MS = 250;

/**
 * The states of a run, each time it has changed, until it has ended; states in between two looks are not seen.
 *
 * @throws UsageError where there is no such run.
 * @param intervalMs time between two looks; a look at an unchanged state transfers no body.
 */
export async function* followRun(
  store: ObjectStore,
  run: string,
  { intervalMs, signal }: { readonly intervalMs: number; readonly signal?: AbortSignal },
): AsyncGenerator<RunState> {
  const key = runKeys(run).state;
  let etag = '';
  while (true) {
    signal?.throwIfAborted();
    const looked = await store.getIfChanged(key, etag);
    if (looked !== 'unchanged') {
      if (looked === null)
        throw new UsageError(`run ${run}: expected a stored run (see \`padmm list\`), received nothing`);
      const stored = parseObject(looked, key, runStateSchema);
      etag = stored.etag;
      yield stored.value;
      if (isEnded(stored.value.status)) return;
    }
    await delay(intervalMs, undefined, signal ? { signal } : {});
  }
}
