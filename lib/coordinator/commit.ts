/**
 * Makes what `advance` decides durable, in the order that loses nothing at any crash: immutable objects (contributions
 * came first, then z), then the state by compare-and-swap, then its history and its tasks, and only then may the caller
 * acknowledge the messages.
 */
import { isDeepStrictEqual } from 'node:util';
import type { EventBus } from '../cloud/eventBus.ts';
import { createJson, getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { FoldQueue, TaskQueue } from '../cloud/queues.ts';
import { PadmmError } from '../errors.ts';
import { runConfigSchema } from '../protocol/config.ts';
import type { HistoryRecord } from '../protocol/history.ts';
import { newCommitId } from '../protocol/ids.ts';
import { runKeys } from '../protocol/keys.ts';
import type { RunEvent } from '../protocol/messages.ts';
import { isEnded, type RunState } from '../protocol/state.ts';
import { type Advanced, advance } from './advance.ts';
import { announceEnd } from './announce.ts';
import { carryOut } from './carryOut.ts';
import type { CoordinatorEvent } from './events.ts';
import { isSweepDue, sweep } from './garbage.ts';
import { type KnownRun, KnownRuns } from './knownRuns.ts';
import { readLeases } from './leases.ts';
import { deleteLeftovers } from './leftovers.ts';
import { ParameterMemory } from './memory.ts';
import { blockGroup, foldJobsOf, outboxOf } from './outbox.ts';
import { type LoadedState, loadState, replaceState, UnknownRunError } from './stateObject.ts';

/** Commits that may be lost to another writer before the messages are left to a later delivery. */
const MAX_RACES = 10;
/** z, z̃ and the remainder of two versions: what a fold with momentum reads, and what it forms. */
const MEMORY_CAPACITY = 6;

const historyKey = (run: string, record: HistoryRecord): string =>
  record.kind === 'round'
    ? runKeys(run).round(record.version)
    : runKeys(run).evaluation(record.version, record.split);

/** What of a state is worth a commit: all but the marks of the revision itself. */
function substance(state: RunState): Partial<RunState> {
  const { revision: _r, commitId: _c, updatedAtMs: _u, takenIn: _t, unsavedHistory: _h, ...rest } = state;
  return rest;
}

/** A run as the watchdog found it. */
export interface Watched {
  readonly state: RunState;
  readonly ended: boolean;
}

/** Takes events into runs. One instance serves a process for as long as it lives. */
export class Committer {
  readonly #store: ObjectStore;
  readonly #tasks: TaskQueue;
  readonly #folds: FoldQueue | null;
  readonly #clockMs: () => number;
  readonly #bus: EventBus | null;
  readonly #runs = new KnownRuns();
  /** Of all runs together: how many there are must not decide how much a process holds. */
  readonly #memory = new ParameterMemory(MEMORY_CAPACITY);

  /**
   * @param bus is told of runs that have ended; null tells nobody.
   * @param folds where the blocks of folds are asked for; null where every run has one.
   */
  constructor(
    store: ObjectStore,
    tasks: TaskQueue,
    clockMs: () => number = Date.now,
    bus: EventBus | null = null,
    folds: FoldQueue | null = null,
  ) {
    this.#store = store;
    this.#tasks = tasks;
    this.#clockMs = clockMs;
    this.#bus = bus;
    this.#folds = folds;
  }

  /**
   * Takes the events of one run in, durably, in their order. When it resolves, the messages may be acknowledged.
   *
   * @throws UnknownRunError where the run has no state; SDK errors where a store or queue failed after its retries.
   */
  async take(run: string, events: readonly RunEvent[]): Promise<void> {
    const known = await this.#know(run);
    await this.#untilWon(run, async () => {
      const loaded = known.loaded ?? (await this.#load(run));
      const { state } = loaded;
      const fresh = events.filter((event) => !state.takenIn.includes(event.nonce));
      // A message that comes again, or a revision that no message brought, may have left its tasks unsent.
      if (fresh.length < events.length || state.takenIn.length === 0) await this.#flush(known, state);
      else await this.#saveHistory(known, state);
      if (fresh.length === 0) return true;
      return this.#replace(known, loaded, await this.#decide(known, state, fresh));
    });
  }

  /**
   * Looks after one run, as the watchdog: whatever state it finds, it commits only where a rule asks for something.
   *
   * @param queueIsEmpty whether no task of any run waits or is in a worker's hands.
   * @returns the state as it was found, and whether it has ended, so that nobody needs to look after it again.
   */
  async watch(run: string, queueIsEmpty: boolean): Promise<Watched> {
    const known = await this.#know(run);
    const found: RunState[] = [];
    await this.#untilWon(run, async () => {
      const loaded = await this.#load(run);
      const { state } = loaded;
      found.push(state);
      if (isEnded(state.status)) {
        // Whoever ended it may have ended before it told so.
        await this.#announce(known, state);
        return true;
      }
      const leases = await readLeases(this.#store, state);
      const next = await this.#decide(known, state, [{ kind: 'tick', leases, queueIsEmpty }]);
      if (isDeepStrictEqual(substance(next), substance(state))) return true;
      // The writer of this revision may have ended before it sent its tasks, and will not find them in the next one.
      await this.#flush(known, state);
      return this.#replace(known, loaded, next);
    });
    const state = found.at(-1) as RunState;
    return { state, ended: isEnded(state.status) };
  }

  /** Deletes what workers have left of a run that was deleted while they solved for it. */
  clearAway(run: string): Promise<void> {
    return deleteLeftovers(this.#store, run);
  }

  /** Tries until no other writer is faster. */
  async #untilWon(run: string, attempt: () => Promise<boolean>): Promise<void> {
    for (let race = 0; race < MAX_RACES; race++) if (await attempt()) return;
    throw new PadmmError(`run ${run}: lost ${MAX_RACES} commits to other writers in a row`);
  }

  async #know(run: string): Promise<KnownRun> {
    const known = this.#runs.get(run);
    if (known) return known;
    const stored = await getJson(this.#store, runKeys(run).config, runConfigSchema);
    if (stored === null) throw new UnknownRunError(run);
    return this.#runs.meet(run, stored.value);
  }

  async #load(run: string): Promise<LoadedState> {
    try {
      return await loadState(this.#store, run);
    } catch (error) {
      if (error instanceof UnknownRunError) this.#runs.forget(run);
      throw error;
    }
  }

  /** Advances until no fold is due, or its blocks are to be asked for. */
  async #decide(
    { config }: KnownRun,
    state: RunState,
    events: readonly CoordinatorEvent[],
  ): Promise<RunState> {
    const clock = { nowMs: this.#clockMs(), revision: state.revision + 1 };
    const commitId = newCommitId();
    const context = { store: this.#store, run: state.run, config, commitId, memory: this.#memory };
    let next: Advanced = advance(config, state, events, clock);
    for (let outcome = carryOut(context, next); outcome !== null; outcome = carryOut(context, next)) {
      next = advance(config, next.state, [await outcome], clock);
    }
    return { ...next.state, commitId };
  }

  /** Replaces the state and sends what it owes. False where another writer was faster. */
  async #replace(known: KnownRun, loaded: LoadedState, state: RunState): Promise<boolean> {
    known.loaded = await replaceState(this.#store, state, loaded.etag);
    if (known.loaded === null) return false;
    await this.#flush(known, state);
    return true;
  }

  /** History objects of a revision, unless they are out: a record that exists already is the same record. */
  async #saveHistory(known: KnownRun, state: RunState): Promise<void> {
    if (known.flushedRevision === state.revision) return;
    const { run } = state;
    await Promise.all(
      state.unsavedHistory.map((record) => createJson(this.#store, historyKey(run, record), record)),
    );
  }

  async #announce({ config }: KnownRun, state: RunState): Promise<void> {
    if (this.#bus !== null) await announceEnd(this.#store, this.#bus, config, state);
  }

  async #askForBlocks(state: RunState): Promise<void> {
    const folds = this.#folds;
    const jobs = foldJobsOf(state);
    if (jobs.length > 0 && folds === null) {
      throw new PadmmError(`run ${state.run}: consensus.blocks: expected 1 where no queue for folds is`);
    }
    await Promise.all(jobs.map((job) => folds?.send(blockGroup(job), JSON.stringify(job), job.nonce)));
  }

  /** What a revision owes the world: history, tasks, word of its end, and a sweep. Sending them twice does no harm. */
  async #flush(known: KnownRun, state: RunState): Promise<void> {
    if (known.flushedRevision === state.revision) return;
    const tasks = outboxOf(state).map((task) => JSON.stringify(task));
    await Promise.all([
      this.#tasks.send(tasks, state.run),
      this.#askForBlocks(state),
      this.#saveHistory(known, state),
    ]);
    await this.#announce(known, state);
    known.flushedRevision = state.revision;
    if (isSweepDue(state)) await sweep(this.#store, state);
  }
}
