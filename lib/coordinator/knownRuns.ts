import type { RunConfig } from '../protocol/config.ts';
import type { LoadedState } from './stateObject.ts';

/** Shards of all runs that are remembered beside the newest: bounds what a process holds of their states. */
const KEPT_SHARDS = 1000;

/** What a process remembers of a run between two invocations. */
export interface KnownRun {
  readonly config: RunConfig;
  /** The state as last read or written: a hint, which a failed compare-and-swap contradicts. */
  loaded: LoadedState | null;
  /** Newest revision whose history and tasks are known to be out. Those of revision 0 are the submission's business. */
  flushedRevision: number;
}

/** Runs that a process has met: those that were met first are forgotten for want of room, which does no harm. */
export class KnownRuns {
  readonly #runs = new Map<string, KnownRun>();

  get(run: string): KnownRun | undefined {
    return this.#runs.get(run);
  }

  /** Begins to remember a run of which nothing but its config is known. */
  meet(run: string, config: RunConfig): KnownRun {
    this.#makeRoom(config.shards);
    const met: KnownRun = { config, loaded: null, flushedRevision: 0 };
    this.#runs.set(run, met);
    return met;
  }

  forget(run: string): void {
    this.#runs.delete(run);
  }

  #makeRoom(shards: number): void {
    let kept = shards;
    for (const { config } of this.#runs.values()) kept += config.shards;
    for (const [run, { config }] of this.#runs) {
      if (kept <= KEPT_SHARDS) return;
      this.#runs.delete(run);
      kept -= config.shards;
    }
  }
}
