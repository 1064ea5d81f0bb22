import type { ObjectStore } from '../cloud/objectStore.ts';
import { runKeys } from '../protocol/keys.ts';
import type { RunState } from '../protocol/state.ts';
import type { Lease } from './events.ts';

/** `{shard}-{attempt}.json` */
const leaseName = /^(\d+)-(\d+)\.json$/;

/** Kinds and versions of what is outstanding: few, since shards share versions. */
function outstandingVersions(state: RunState): [Lease['kind'], number][] {
  const solves = new Set(state.shards.flatMap(({ task }) => task?.version ?? []));
  return [
    ...[...solves].map((version): [Lease['kind'], number] => ['solve', version]),
    ...state.evaluations.outstanding.map(({ kind, version }): [Lease['kind'], number] => [kind, version]),
  ];
}

/**
 * What workers say they have begun of what is outstanding. The names and dates of the objects tell all, so none is read:
 * one listing for each version that tasks are solved from.
 */
export async function readLeases(store: ObjectStore, state: RunState): Promise<Lease[]> {
  const leases: Lease[] = [];
  for (const [kind, version] of outstandingVersions(state)) {
    const prefix = runKeys(state.run).leasesOf(kind, version);
    for await (const { key, lastModifiedMs } of store.list(prefix)) {
      const [, shard, attempt] = leaseName.exec(key.slice(prefix.length)) ?? [];
      if (shard === undefined || attempt === undefined) continue;
      leases.push({
        kind,
        version,
        shard: Number(shard),
        attempt: Number(attempt),
        startedAtMs: lastModifiedMs,
      });
    }
  }
  return leases;
}
