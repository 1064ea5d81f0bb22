import type { ObjectStore } from '../cloud/objectStore.ts';
import { runKeys } from '../protocol/keys.ts';

/** An upload that could not be used: set aside to be looked at, while its task was sent again. */
export interface RefusedResult {
  readonly shard: number;
  readonly version: number;
  readonly key: string;
  readonly sizeBytes: number;
  readonly refusedAtMs: number;
}

/** What lies under `runs/{run}/refused/`: the first part of a key is the shard, the second the version. */
export async function readRefusedResults(store: ObjectStore, run: string): Promise<RefusedResult[]> {
  const prefix = `${runKeys(run).prefix}refused/`;
  const refused: RefusedResult[] = [];
  for await (const { key, sizeBytes, lastModifiedMs } of store.list(prefix)) {
    const [shard, version] = key.slice(prefix.length).split('/').map(Number);
    refused.push({ shard: shard ?? 0, version: version ?? 0, key, sizeBytes, refusedAtMs: lastModifiedMs });
  }
  return refused;
}
