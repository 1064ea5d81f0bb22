/** The watchdog's round: every live run is looked after, and none keeps it from the others. */
import pLimit from 'p-limit';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { TaskQueue } from '../cloud/queues.ts';
import { runIdSchema } from '../protocol/ids.ts';
import { RUNS_PREFIX } from '../protocol/keys.ts';
import type { RunState } from '../protocol/state.ts';
import type { BatchLogger } from './batch.ts';
import type { Committer, Watched } from './commit.ts';
import { deleteOldLeftovers } from './leftovers.ts';
import { UnknownRunError } from './stateObject.ts';
import { outstandingTasks } from './tasks.ts';

/** Runs looked after at a time: hides latency. */
const RUNS_AT_ONCE = 16;
/** A run whose state has not changed for so long, and that does not wait for capacity, is reported as stalled. */
const STALLED_AFTER_MS = 15 * 60_000;

/** What the log says of such a run, each time it is looked at: an alarm counts it. */
export const STALLED_MESSAGE = 'run stalled';

/** Sets how many workers there should be; the fleet itself keeps to its maximum. */
export interface WantedWorkers {
  want(workers: number): Promise<unknown>;
}

export interface PatrolPorts {
  readonly store: ObjectStore;
  readonly tasks: TaskQueue;
  readonly committer: Committer;
  readonly logger: BatchLogger;
  /** Null where workers are started by someone else. */
  readonly fleet?: WantedWorkers | null;
  readonly clockMs?: () => number;
}

/** As many as tasks are out, or will be once the blocks that are being formed are a version: workers that go take long to come. */
function wantedWorkers(state: RunState): number {
  return Math.max(outstandingTasks(state).length, state.fold?.shards.length ?? 0);
}

/** Makes rounds for as long as its process lives, and remembers which runs have ended. */
export class Patrol {
  readonly #ports: PatrolPorts;
  readonly #ended = new Set<string>();

  constructor(ports: PatrolPorts) {
    this.#ports = ports;
  }

  /** Looks after every run that has not ended. Failures of single runs are logged; the next round is the retry. */
  async round(): Promise<void> {
    const { store, tasks, fleet } = this.#ports;
    const runs: string[] = [];
    for await (const prefix of store.listPrefixes(RUNS_PREFIX)) {
      const run = prefix.slice(RUNS_PREFIX.length, -1);
      if (runIdSchema.safeParse(run).success && !this.#ended.has(run)) runs.push(run);
    }
    let outstanding = 0;
    if (runs.length > 0) {
      const queueIsEmpty = await tasks.isEmpty();
      const counts = await pLimit(RUNS_AT_ONCE).map(runs, (run) => this.#lookAfter(run, queueIsEmpty));
      outstanding = counts.reduce((sum, count) => sum + count, 0);
    }
    await fleet?.want(outstanding);
  }

  /** Gives how many workers could work on the run at once. */
  async #lookAfter(run: string, queueIsEmpty: boolean): Promise<number> {
    const { committer, logger, store, clockMs = Date.now } = this.#ports;
    try {
      const watched = await committer.watch(run, queueIsEmpty);
      if (watched.ended) {
        this.#ended.add(run);
        return 0;
      }
      this.#reportStall(run, watched);
      return wantedWorkers(watched.state);
    } catch (error) {
      // Being submitted, or deleted; or what is left of that.
      const looked =
        error instanceof UnknownRunError ? deleteOldLeftovers(store, run, clockMs()) : Promise.reject(error);
      await looked.catch((reason: unknown) => logger.error('watch failed', { run, error: String(reason) }));
      return 0;
    }
  }

  #reportStall(run: string, { state }: Watched): void {
    const { logger, clockMs = Date.now } = this.#ports;
    const idleMs = clockMs() - state.updatedAtMs;
    if (state.status === 'paused' || state.waitingSinceMs !== null || idleMs < STALLED_AFTER_MS) return;
    logger.warn(STALLED_MESSAGE, { run, version: state.version, idleSeconds: Math.round(idleMs / 1000) });
  }
}
