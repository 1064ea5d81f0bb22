/**
 * Makes what `advance` decides durable, in the order that loses nothing at any crash: immutable objects (contributions
 * came first, then z), then the state by compare-and-swap, then its history and its tasks, and only then may the caller
 * acknowledge the messages.
 */
import { createJson, getJson } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import type { TaskQueue } from '../cloud/queues.ts';
import { PadmmError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import { runConfigSchema } from '../protocol/config.ts';
import type { HistoryRecord } from '../protocol/history.ts';
import { newCommitId } from '../protocol/ids.ts';
import { runKeys } from '../protocol/keys.ts';
import type { RunEvent } from '../protocol/messages.ts';
import { type RunState, runStateSchema } from '../protocol/state.ts';
import { advance } from './advance.ts';
import type { CoordinatorEvent } from './events.ts';
import { fold } from './fold.ts';
import { ParameterMemory } from './memory.ts';
import { outboxOf } from './outbox.ts';

/** Commits that may be lost to another writer before the messages are left to a later delivery. */
const MAX_RACES = 10;
/** z and z̃ of three versions: what a fold with momentum reads, and what it forms. */
const MEMORY_CAPACITY = 6;

/** A state and the entity tag under which it lies in the store. */
interface Loaded {
  readonly state: RunState;
  readonly etag: string;
}

interface KnownRun {
  readonly config: RunConfig;
  readonly memory: ParameterMemory;
  /** The state as last read or written: a hint, which a failed compare-and-swap contradicts. */
  loaded: Loaded | null;
  /** Revision whose history and tasks this process has sent. */
  flushedRevision: number;
}

/** No run of this id is in the store: it was deleted, or never was. */
export class UnknownRunError extends PadmmError {
  constructor(run: string) {
    super(`run ${run}: expected a stored state, received none`);
  }
}

const historyKey = (run: string, record: HistoryRecord): string =>
  record.kind === 'round'
    ? runKeys(run).round(record.version)
    : runKeys(run).evaluation(record.version, record.split);

/** Takes events into runs. One instance serves a process for as long as it lives. */
export class Committer {
  readonly #store: ObjectStore;
  readonly #tasks: TaskQueue;
  readonly #clockMs: () => number;
  readonly #runs = new Map<string, KnownRun>();

  constructor(store: ObjectStore, tasks: TaskQueue, clockMs: () => number = Date.now) {
    this.#store = store;
    this.#tasks = tasks;
    this.#clockMs = clockMs;
  }

  /**
   * Takes the events of one run in, durably, in their order. When it resolves, the messages may be acknowledged.
   *
   * @throws UnknownRunError where the run has no state; SDK errors where a store or queue failed after its retries.
   */
  async take(run: string, events: readonly RunEvent[]): Promise<void> {
    const known = await this.#know(run);
    for (let race = 0; race < MAX_RACES; race++) {
      known.loaded ??= await this.#load(run);
      const { loaded } = known;
      const fresh = events.filter((event) => !loaded.state.takenIn.includes(event.nonce));
      if (fresh.length < events.length || fresh.length === 0) await this.#flush(known, loaded.state);
      else await this.#saveHistory(known, loaded.state);
      if (fresh.length === 0) return;
      if (await this.#commit(known, loaded, fresh)) return;
      known.loaded = null;
    }
    throw new PadmmError(`run ${run}: lost ${MAX_RACES} commits to other writers in a row`);
  }

  async #know(run: string): Promise<KnownRun> {
    const known = this.#runs.get(run);
    if (known) return known;
    const stored = await getJson(this.#store, runKeys(run).config, runConfigSchema);
    if (stored === null) throw new UnknownRunError(run);
    const config = stored.value;
    const fresh = { config, memory: new ParameterMemory(MEMORY_CAPACITY), loaded: null, flushedRevision: -1 };
    this.#runs.set(run, fresh);
    return fresh;
  }

  async #load(run: string): Promise<Loaded> {
    const stored = await getJson(this.#store, runKeys(run).state, runStateSchema);
    if (stored !== null) return { state: stored.value, etag: stored.etag };
    this.#runs.delete(run);
    throw new UnknownRunError(run);
  }

  /** Advances until no fold is due, then replaces the state. False where another writer was faster. */
  async #commit(known: KnownRun, loaded: Loaded, events: readonly RunEvent[]): Promise<boolean> {
    const { config, memory } = known;
    const { run } = loaded.state;
    const clock = { nowMs: this.#clockMs(), revision: loaded.state.revision + 1 };
    const commitId = newCommitId();
    let next: { state: RunState; fold: ReturnType<typeof advance>['fold'] } = {
      state: loaded.state,
      fold: null,
    };
    let pending: readonly CoordinatorEvent[] = events;
    do {
      next = advance(config, next.state, pending, clock);
      if (next.fold) pending = [await fold({ store: this.#store, run, config, commitId, memory }, next.fold)];
    } while (next.fold);
    const state = { ...next.state, commitId };
    const etag = await this.#replace(state, loaded.etag);
    if (etag === null) return false;
    known.loaded = { state, etag };
    await this.#flush(known, state);
    return true;
  }

  /** The new tag, or null where the race was lost. An answer that was lost is told from a lost race by the commit's name. */
  async #replace(state: RunState, etag: string): Promise<string | null> {
    const key = runKeys(state.run).state;
    const body = JSON.stringify(state);
    try {
      const outcome = await this.#store.replace(key, body, etag);
      if (outcome.replaced) return outcome.etag;
    } catch (error) {
      const stored = await this.#load(state.run);
      if (stored.state.commitId === state.commitId) return stored.etag;
      throw error;
    }
    const stored = await this.#load(state.run);
    return stored.state.commitId === state.commitId ? stored.etag : null;
  }

  /** History objects of a revision, unless this process wrote them: a record that exists already is the same record. */
  async #saveHistory(known: KnownRun, state: RunState): Promise<void> {
    if (known.flushedRevision === state.revision) return;
    const { run } = state;
    await Promise.all(
      state.unsavedHistory.map((record) => createJson(this.#store, historyKey(run, record), record)),
    );
  }

  /** What a revision owes the world: its history and its tasks. Sending them twice does no harm. */
  async #flush(known: KnownRun, state: RunState): Promise<void> {
    const tasks = outboxOf(state).map((task) => JSON.stringify(task));
    await Promise.all([this.#tasks.send(tasks), this.#saveHistory(known, state)]);
    known.flushedRevision = state.revision;
  }
}
