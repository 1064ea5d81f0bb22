/** A run too large to be made up at once: its history is made while it is read. */
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import type { ListedObject, StoredObject } from '../../lib/cloud/objectStore.ts';
import type { RunSource } from '../../lib/dashboard/source.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { syntheticRound, syntheticRun } from '../observe/syntheticRun.ts';

export interface LargeRun {
  readonly run: string;
  readonly source: RunSource;
}

/** A run of which so many rounds are done, and which stays as it is. */
export async function largeRun(rounds: number, shards: number, workers: number): Promise<LargeRun> {
  const small = syntheticRun({ rounds: 1, shards, workers, config: { stop: { maxRounds: 2 * rounds } } });
  const { run } = small.state;
  const keys = runKeys(run);
  const shardStates = small.state.shards.map((shard, i) => ({ ...shard, seconds: 0.1 + (i % 7) / 100 }));
  const state = { ...small.state, version: rounds, status: 'running', model: null, shards: shardStates };
  const digits = keys.round(1).indexOf('00000001');

  class HistoryStore extends MemoryObjectStore {
    override async get(key: string): Promise<StoredObject | null> {
      if (!key.startsWith(keys.historyPrefix)) return super.get(key);
      const record = syntheticRound(Number(key.slice(digits, digits + 8)), shards, workers);
      return { body: Uint8Array.from(Buffer.from(JSON.stringify(record))), etag: key };
    }

    override async *list(prefix: string): AsyncIterable<ListedObject> {
      if (prefix !== keys.historyPrefix) return;
      for (let version = 1; version <= rounds; version += 1) {
        yield { key: keys.round(version), sizeBytes: 0, lastModifiedMs: 0 };
      }
    }
  }

  const store = new HistoryStore();
  await store.create(keys.config, JSON.stringify(small.config));
  await store.create(keys.state, JSON.stringify({ ...state, unsavedHistory: [] }));
  const source: RunSource = {
    name: 'a large run',
    pollMs: 500,
    isLive: async () => true,
    look: (work) => work({ store, queueDepths: null }),
    ask: async () => {},
    log: async () => ({ lines: [] }),
  };
  return { run, source };
}
