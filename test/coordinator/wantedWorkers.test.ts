import { expect, test } from 'vitest';
import { advance } from '../../lib/coordinator/advance.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { Patrol } from '../../lib/coordinator/patrol.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { MemoryObjectStore, MemoryTaskQueue } from '../support/memoryCloud.ts';
import { nextState } from '../support/pureRun.ts';
import { solved, testConfig, testState } from '../support/runs.ts';

const silent = { warn: () => {}, error: () => {} };

test('as many workers are wanted as tasks of live runs are out', async () => {
  const store = new MemoryObjectStore();
  const tasks = new MemoryTaskQueue();
  const wanted: number[] = [];
  const patrol = new Patrol({
    ...{ store, tasks, logger: silent, committer: new Committer(store, tasks) },
    fleet: {
      want: async (workers) => {
        wanted.push(workers);
      },
    },
  });
  await patrol.round();
  const config = testConfig({ shards: 3 });
  for (const status of ['running', 'running', 'done'] as const) {
    const state = { ...testState(config, Date.now()), status };
    await store.create(runKeys(state.run).config, JSON.stringify(config));
    await store.create(runKeys(state.run).state, JSON.stringify(state));
  }
  await patrol.round();
  // Three shards and the first evaluation, twice.
  expect(wanted).toEqual([0, 8]);
});

test('workers are kept while the blocks of the next version are formed', async () => {
  const store = new MemoryObjectStore();
  const tasks = new MemoryTaskQueue();
  const wanted: number[] = [];
  const want = async (workers: number) => void wanted.push(workers);
  const committer = new Committer(store, tasks);
  const patrol = new Patrol({ store, tasks, logger: silent, committer, fleet: { want } });
  const config = testConfig({ shards: 3, consensus: { blocks: 2 } });
  const begun = testState(config, Date.now());
  const solvedAll = [0, 1, 2].map((shard) => solved(begun.run, 0, shard));
  const state = nextState(advance, config, begun, solvedAll, Date.now());
  expect(state.fold?.shards).toEqual([0, 1, 2]);
  await store.create(runKeys(state.run).config, JSON.stringify(config));
  await store.create(runKeys(state.run).state, JSON.stringify(state));
  await patrol.round();
  expect(wanted).toEqual([3]);
});
