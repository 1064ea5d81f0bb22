import { setTimeout as delay } from 'node:timers/promises';
import { getJson, parseObject } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { ExitCode, PadmmError } from '../errors.ts';
import { runKeys } from '../protocol/keys.ts';
import { isEnded, type RunState, runStateSchema } from '../protocol/state.ts';

/** No run of this id is in the store. */
export class RunNotFoundError extends PadmmError {
  override readonly exitCode = ExitCode.usage;

  constructor(run: string) {
    super(`run: expected the id of a stored run (see \`padmm list\`), received ${run}`);
  }
}

/** The state of a run as it is now. @throws RunNotFoundError where there is none. */
export async function readState(store: ObjectStore, run: string): Promise<RunState> {
  const stored = await getJson(store, runKeys(run).state, runStateSchema);
  if (stored === null) throw new RunNotFoundError(run);
  return stored.value;
}

/**
 * The states of a run, each time it has changed, until it has ended; states in between two looks are not seen.
 *
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
      if (looked === null) throw new RunNotFoundError(run);
      const stored = parseObject(looked, key, runStateSchema);
      etag = stored.etag;
      yield stored.value;
      if (isEnded(stored.value.status)) return;
    }
    await delay(intervalMs, undefined, signal ? { signal } : {});
  }
}
