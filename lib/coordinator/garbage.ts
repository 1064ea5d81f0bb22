/**
 * Deletes what a run has superseded. What may go is told from the state alone: objects of versions that it has passed and
 * does not refer to are never referred to again, so a deletion that comes late, twice or never does no harm.
 */
import type { ObjectStore } from '../cloud/objectStore.ts';
import { runKeys } from '../protocol/keys.ts';
import { isEnded, type RunState, type ShardState } from '../protocol/state.ts';

/** Versions between two sweeps: a sweep lists and deletes up to 1,000 objects a request. */
const SWEEP_VERSIONS = 8;

/** Whether the newest revision is one after which the store is swept. */
export const isSweepDue = ({ unsavedHistory, status }: RunState): boolean =>
  unsavedHistory.some(({ kind, version }) => kind === 'round' && version % SWEEP_VERSIONS === 0) ||
  (isEnded(status) && unsavedHistory.length > 0);

type Path = readonly string[];

/** `{version}/{commitId}[.broadcast|.remainder].safetensors`, `….plan.json`, and what takes the place of the first in blocks. */
function isOldConsensus({ version: newest, versions }: RunState, [version = '', name = '']: Path): boolean {
  if (Number(version) > newest) return false;
  const [commitId, which] = name.split('.');
  const entry = versions[Number(version)];
  if (entry?.commitId !== commitId) return true;
  return which === 'plan' || (which === 'remainder' && Number(version) < newest);
}

/** The lowest version that an answer of the shard may still be solved from. */
const lowestAwaited = ({ task, answered }: ShardState, newest: number): number =>
  task?.version ?? answered?.version ?? newest;

/** `{shard}/{version}/{digest}.safetensors` */
function isOldContribution(state: RunState, [index = '', version = '', name = '']: Path): boolean {
  const shard = state.shards[Number(index)];
  if (shard === undefined) return false;
  const { contribution } = shard;
  const counts = contribution?.version === Number(version) && name.startsWith(contribution.digest);
  return !counts && Number(version) < lowestAwaited(shard, state.version);
}

/** `{kind}/{version}/{shard}-{attempt}.json` */
function isOldLease(
  { evaluations, shards, version: newest }: RunState,
  [kind, version, name = '']: Path,
): boolean {
  if (Number(version) >= newest) return false;
  const task = shards[Number.parseInt(name, 10)]?.task;
  return kind === 'solve'
    ? task?.version !== Number(version)
    : !evaluations.outstanding.some((each) => each.kind === kind && each.version === Number(version));
}

/** Deletes what is superseded, in batches. Keeps what the state refers to, the last versions and the best among it. */
export async function sweep(store: ObjectStore, state: RunState): Promise<void> {
  const keys = runKeys(state.run);
  const rules: [string, (state: RunState, path: Path) => boolean][] = [
    [keys.consensusPrefix, isOldConsensus],
    [keys.contributionsPrefix, isOldContribution],
    [keys.leasesPrefix, isOldLease],
  ];
  const superseded: string[] = [];
  for (const [prefix, isOld] of rules) {
    for await (const { key } of store.list(prefix)) {
      if (isOld(state, key.slice(prefix.length).split('/'))) superseded.push(key);
    }
  }
  await store.delete(superseded);
}
