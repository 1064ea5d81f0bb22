/** The state of a run in the store: read with its entity tag, and replaced by compare-and-swap. */
import { encodeJson, getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { PadmmError } from '../errors.ts';
import { runKeys } from '../protocol/keys.ts';
import { type RunState, runStateSchema } from '../protocol/state.ts';

/** A state and the entity tag under which it lies in the store. */
export interface LoadedState {
  readonly state: RunState;
  readonly etag: string;
}

/** No run of this id is in the store: it was deleted, or never was. */
export class UnknownRunError extends PadmmError {
  constructor(run: string) {
    super(`run ${run}: expected a stored state, received none`);
  }
}

/** @throws UnknownRunError where there is none; IntegrityError where it is damaged or of a newer program. */
export async function loadState(store: ObjectStore, run: string): Promise<LoadedState> {
  const stored = await getJson(store, runKeys(run).state, runStateSchema);
  if (stored === null) throw new UnknownRunError(run);
  return { state: stored.value, etag: stored.etag };
}

/**
 * Replaces a state; null where another writer was faster. An answer that was lost is told from a lost race by the
 * commit's name.
 */
export async function replaceState(
  store: ObjectStore,
  state: RunState,
  etag: string,
): Promise<LoadedState | null> {
  const written = async (): Promise<LoadedState | null> => {
    const stored = await loadState(store, state.run);
    return stored.state.commitId === state.commitId ? stored : null;
  };
  try {
    const outcome = await store.replace(runKeys(state.run).state, encodeJson(state), etag);
    return outcome.replaced ? { state, etag: outcome.etag } : await written();
  } catch (error) {
    const mine = await written();
    if (mine !== null) return mine;
    throw error;
  }
}
