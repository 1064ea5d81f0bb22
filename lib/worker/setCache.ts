/** Parameter sets that a worker keeps on the backend, and which of them nobody will ask for again. */
import type { RunConfig } from '../protocol/config.ts';
import { disposeParameters, type ParameterSet } from '../tensors/parameters.ts';
import { ByteCache } from './byteCache.ts';

/** What a set is to its run: w_i of a shard, or a version (z or z̃) where `shard` is null. */
export interface SetRole {
  readonly run: string;
  readonly shard: number | null;
  readonly version: number;
}

/**
 * Versions from one task of a shard to its next, which asks for the anchor of the one before: a whole round of answers, A
 * of them a version.
 */
function versionsBetweenTasks({ consensus, shards }: RunConfig): number {
  const { mode, arrivals = 1 } = consensus;
  return mode === 'sync' ? 1 : Math.ceil(shards / arrivals);
}

const seriesOf = ({ run, shard }: SetRole): string => `${run}/${shard ?? 'versions'}`;

/**
 * Keeps what later tasks are made from, within a number of bytes: of each shard the newest contribution, and the versions
 * that a shard may have been taken in by. What they supersede goes after each task: memory that was touched before serves the
 * next one in a quarter of the time that fresh memory takes.
 */
export class SetCache {
  readonly #sets: ByteCache<ParameterSet>;
  readonly #roles = new Map<string, SetRole & { readonly kept: number }>();

  constructor(capacityBytes: number) {
    this.#sets = new ByteCache(capacityBytes);
  }

  get(key: string): ParameterSet | undefined {
    return this.#sets.get(key);
  }

  /** Takes a set over. */
  set(key: string, set: ParameterSet, sizeBytes: number, role: SetRole, config: RunConfig): ParameterSet {
    const kept = role.shard === null ? 1 + versionsBetweenTasks(config) : 1;
    const held = this.#sets.set(key, { value: set, sizeBytes, release: () => this.#release(key, set) });
    this.#roles.set(key, { ...role, kept });
    return held;
  }

  #release(key: string, set: ParameterSet): void {
    this.#roles.delete(key);
    disposeParameters(set);
  }

  /** Lets go of what is superseded or over the bound. Not while a set got before is still in use. */
  trim(): void {
    const newest = new Map<string, number>();
    for (const role of this.#roles.values()) {
      const series = seriesOf(role);
      newest.set(series, Math.max(role.version, newest.get(series) ?? 0));
    }
    for (const [key, role] of this.#roles) {
      if (role.version <= (newest.get(seriesOf(role)) ?? 0) - role.kept) this.#sets.delete(key);
    }
    this.#sets.trim();
  }

  clear(): void {
    this.#sets.clear();
  }
}
