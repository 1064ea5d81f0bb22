/** Many parts of a dataset on their way to a store that answers in its own time, as every store but that in memory does. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { submitPrepared } from '../../lib/client/submit.ts';
import { DATASETS_PREFIX } from '../../lib/protocol/keys.ts';
import { MemoryObjectStore, MemoryTaskQueue } from '../support/memoryCloud.ts';
import { prepareTiny, tinyConfig } from '../support/tinyProblem.ts';

const SHARDS = 20;

/** Answers a turn of the event loop later, and counts what is under way. */
class SlowStore extends MemoryObjectStore {
  underWay = 0;
  most = 0;
  fails = (_key: string) => false;

  override async create(key: string, body: Uint8Array | string) {
    this.underWay += 1;
    this.most = Math.max(this.most, this.underWay);
    await nextTurn();
    this.underWay -= 1;
    if (this.fails(key)) throw new Error('service unavailable');
    return super.create(key, body);
  }
}

const submitTo = async (store: SlowStore) => {
  const config = tinyConfig({ shards: SHARDS });
  return submitPrepared({ store, tasks: new MemoryTaskQueue() }, config, await prepareTiny(config));
};

test('few parts are under way at once, and all arrive', async () => {
  const store = new SlowStore();
  const { manifest } = await submitTo(store);
  expect(manifest.train).toHaveLength(SHARDS);
  const stored = [...store.objects.keys()].filter((key) => key.startsWith(DATASETS_PREFIX));
  // The parts of the shards, those of validation and test, and the manifest.
  expect(stored).toHaveLength(SHARDS + 3);
  expect(store.most).toBe(4);
});

test('one that cannot be stored ends the submission, without a manifest or a run', async () => {
  const store = new SlowStore();
  store.fails = (key) => key.includes('/train/00007');
  await expect(submitTo(store)).rejects.toThrow('service unavailable');
  await nextTurn();
  const keys = [...store.objects.keys()];
  expect(keys.some((key) => key.endsWith('manifest.json') || key.endsWith('state.json'))).toBe(false);
});
