/** Parameter sets as a worker reads them, from this host where somebody has left them there, and what it leaves to others. */
import type { ObjectStore } from '../cloud/objectStore.ts';
import { readParameterSet, type StoredSet } from '../codec/parameterSets.ts';
import type { NamedArrays } from '../codec/safetensors.ts';
import { IntegrityError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';
import type { CachePlace, HostCache } from './hostCache.ts';
import type { SetRole } from './setCache.ts';

/** How many tasks are solved from a version: asynchronously those of the shards whose answers formed it. */
const askersOf = ({ consensus: { mode, arrivals = 1 }, shards }: RunConfig): number =>
  mode === 'sync' ? shards : arrivals;

/** A set in bytes that somebody left on this host; null where they are damaged. */
async function decodeIfWhole(body: Uint8Array, set: StoredSet): Promise<NamedArrays | null> {
  try {
    return await readParameterSet({ get: async () => ({ body }) }, set);
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}

const placeOf = ({ run, shard, version }: SetRole, digest: string): CachePlace => ({
  ...{ run, series: shard === null ? 'versions' : String(shard), version, digest },
});

export class HostSets {
  readonly #store: ObjectStore;
  readonly #hostCache: HostCache | null;

  /** @param hostCache what workers of this host share; null where this one is alone. */
  constructor(store: ObjectStore, hostCache: HostCache | null) {
    this.#store = store;
    this.#hostCache = hostCache;
  }

  /** @throws DamagedObjectError where the store lacks the set or has another in its place; IntegrityError where it is malformed. */
  async read(config: RunConfig, set: StoredSet, role: SetRole): Promise<NamedArrays> {
    const body = await this.#readOnHost(config, set, role);
    return (body && (await decodeIfWhole(body, set))) ?? readParameterSet(this.#store, set);
  }

  /** A contribution as a worker of this host has left it, or a version that one of them reads for all; null where nobody does. */
  async #readOnHost(
    config: RunConfig,
    { key, digest, blocks }: StoredSet,
    role: SetRole,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const cache = this.#hostCache;
    if (cache === null || blocks > 1) return null;
    const place = placeOf(role, digest);
    if (role.shard !== null) return cache.get(place);
    if (askersOf(config) === 1) return null;
    const read = async () => (await this.#store.get(key))?.body ?? null;
    return cache.share(place, read);
  }

  /** Leaves a contribution, which is one object, to whoever of this host takes the shard next. */
  leave(role: SetRole, digest: string, bytes: Uint8Array): void {
    this.#hostCache?.put(placeOf(role, digest), bytes);
  }
}
