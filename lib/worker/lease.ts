import { createJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { RunConfig } from '../protocol/config.ts';
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

/** A task that is shorter is over before any watchdog looks. */
const SHORT_SECONDS = 1;
/** And shorter than this share of a lease, before anybody could call it late. */
const SHORT_SHARE_OF_LEASE = 1 / 100;

/**
 * Which starts are worth an object in the store: those of tasks that may take long, as far as this worker knows the run. What
 * it does not announce comes back by the queue's visibility time-out if the worker dies, as every task does.
 */
export class StartPolicy {
  readonly #longest = new Map<Task['kind'], { readonly run: string; readonly seconds: number }>();

  /** Whether a start is to be announced: of the first task of its kind in a run, and where one has been long. */
  announces({ kind, run }: Pick<Task, 'kind' | 'run'>, { leaseSeconds }: RunConfig['faults']): boolean {
    const known = this.#longest.get(kind);
    if (known?.run !== run) return true;
    return known.seconds >= Math.min(SHORT_SECONDS, SHORT_SHARE_OF_LEASE * leaseSeconds);
  }

  /** How long a task took. */
  finished({ kind, run }: Pick<Task, 'kind' | 'run'>, seconds: number): void {
    const known = this.#longest.get(kind);
    const longest = known?.run === run ? Math.max(known.seconds, seconds) : seconds;
    this.#longest.set(kind, { run, seconds: longest });
  }
}
