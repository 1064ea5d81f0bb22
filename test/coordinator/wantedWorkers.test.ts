import { expect, test } from 'vitest';
import { Committer } from '../../lib/coordinator/commit.ts';
import { Patrol } from '../../lib/coordinator/patrol.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { MemoryObjectStore, MemoryTaskQueue } from '../support/memoryCloud.ts';
import { testConfig, testState } from '../support/runs.ts';

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
