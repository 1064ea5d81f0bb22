/** A run that is looked at again and again: each look reads only what is new. */
import pLimit from 'p-limit';
import { parseObject } from '../cloud/json.ts';
import type { ObjectStore } from '../cloud/objectStore.ts';
import { UsageError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { EvaluationRecord, HistoryRecord, RoundRecord } from '../protocol/history.ts';
import { runKeys } from '../protocol/keys.ts';
import { type RunState, runStateSchema } from '../protocol/state.ts';
import { figuresHead, type RoundFigures, type RunFigures, roundFigures } from './roundFigures.ts';
import { compareEvaluations, type RunView, readHistoryObject, readRunHead } from './runView.ts';

type Head = Pick<RunView, 'config' | 'state'>;

/** A run as one look finds it. */
export interface RunLook {
  readonly config: RunConfig;
  readonly state: RunState;
  readonly figures: RunFigures;
  /** The newest rounds in full, as many as {@link KEPT_ARRIVALS} allows, and at least one. */
  readonly newest: readonly RoundRecord[];
  /** History records that are not read yet: another look goes on with them. */
  readonly unread: number;
}

/** Contributions of the newest rounds that are kept in full: what a timeline can show at once. */
export const KEPT_ARRIVALS = 2_000;
/** Records that one look reads, and how long it reads, so that a long history is shown while it is read. */
const READS_A_LOOK = 64;
const READING_MS = 1_000;
/** A record of 1,000 shards takes a megabyte. */
const PARALLEL_READS = 8;

/** The last rounds that have `limit` arrivals together, and at least one. */
function lastRounds(rounds: readonly RoundRecord[], limit: number): RoundRecord[] {
  let kept = rounds.length;
  let arrivals = 0;
  while (kept > 0) {
    arrivals += rounds[kept - 1]?.arrivals.length ?? 0;
    if (arrivals > limit && kept < rounds.length) break;
    kept -= 1;
  }
  return rounds.slice(kept);
}

/** Reads a run bit by bit. The rounds are kept as figures, so memory does not grow with the number of shards. */
export class LiveRun {
  readonly #run: string;
  #head: Head | null = null;
  #etag = '';
  /** Keys of the history objects that were read. */
  readonly #read = new Set<string>();
  readonly #rounds = new Map<number, RoundFigures>();
  readonly #evaluations = new Map<string, EvaluationRecord>();
  #newest: readonly RoundRecord[] = [];
  #last: RunLook | null = null;

  constructor(run: string) {
    this.#run = run;
  }

  /**
   * Looks at the run. One that has not changed since costs a request without a body.
   *
   * @returns the same object as before where nothing is new.
   * @throws UsageError where there is no such run (any more); IntegrityError naming the object that is damaged.
   */
  async look(store: ObjectStore): Promise<RunLook> {
    const { config, state } = await this.#readHead(store);
    // Against the last look, not the last reading: a look that failed after it has read the state shows it the next time.
    if (this.#last?.state.revision === state.revision && this.#last.unread === 0) return this.#last;
    // The state was read before the history is listed: what it does not carry itself is stored by now.
    const unread = await this.#readHistory(store);
    // Curves have no gaps: what the state carries comes after all that is stored.
    if (unread === 0) this.#take(state.unsavedHistory);
    const newest = this.#newest.filter(({ version }) => version <= state.version);
    this.#last = { config, state, newest, unread, figures: this.#figures(config, state) };
    return this.#last;
  }

  async #readHead(store: ObjectStore): Promise<Head> {
    if (this.#head === null) {
      this.#head = await readRunHead(store, this.#run);
      return this.#head;
    }
    const key = runKeys(this.#run).state;
    const looked = await store.getIfChanged(key, this.#etag);
    if (looked === 'unchanged') return this.#head;
    if (looked === null) throw new UsageError(`run ${this.#run}: deleted while it was looked at`);
    const { value: state, etag } = parseObject(looked, key, runStateSchema);
    this.#head = { ...this.#head, state };
    this.#etag = etag;
    return this.#head;
  }

  /** Reads some of the records that are new, the oldest first. Gives how many are left. */
  async #readHistory(store: ObjectStore): Promise<number> {
    const keys: string[] = [];
    for await (const { key } of store.list(runKeys(this.#run).historyPrefix)) {
      if (!this.#read.has(key)) keys.push(key);
    }
    const limit = pLimit(PARALLEL_READS);
    const untilMs = performance.now() + READING_MS;
    let unread = Math.max(0, keys.length - READS_A_LOOK);
    await Promise.all(
      keys.slice(0, READS_A_LOOK).map((key) =>
        limit(async () => {
          if (performance.now() > untilMs) {
            unread += 1;
            return;
          }
          this.#take([await readHistoryObject(store, key)]);
          this.#read.add(key);
        }),
      ),
    );
    return unread;
  }

  #take(records: readonly HistoryRecord[]): void {
    for (const record of records) {
      if (record.kind === 'evaluation') {
        this.#evaluations.set(`${record.version}-${record.split}`, record);
        continue;
      }
      this.#rounds.set(record.version, roundFigures(record));
      const others = this.#newest.filter(({ version }) => version !== record.version);
      const byVersion = [...others, record].sort((a, b) => a.version - b.version);
      this.#newest = lastRounds(byVersion, KEPT_ARRIVALS);
    }
  }

  /** A look never shows a round that its state does not know. */
  #figures(config: RunConfig, state: RunState): RunFigures {
    const known = ({ version }: { readonly version: number }): boolean => version <= state.version;
    return {
      ...figuresHead({ config, state }),
      rounds: [...this.#rounds.values()].filter(known).sort((a, b) => a.version - b.version),
      evaluations: [...this.#evaluations.values()].filter(known).sort(compareEvaluations),
    };
  }
}

/** The newest rounds of a look as a view of their own, for a timeline of them. */
export function newestView({ config, state, newest, figures }: RunLook): RunView {
  const first = newest[0]?.version ?? 0;
  const evaluations = figures.evaluations.filter(({ version }) => version >= first);
  return { config, state, rounds: newest, evaluations };
}
