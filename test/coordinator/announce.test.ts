/** That a run has ended is told once, and never lost, whoever ends on the way. */
import { beforeEach, expect, test } from 'vitest';
import type { EventBus } from '../../lib/cloud/eventBus.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { RunEvent } from '../../lib/protocol/messages.ts';
import { type RunEnd, runEndSchema } from '../../lib/protocol/runEnd.ts';
import { MemoryObjectStore, MemoryTaskQueue } from '../support/memoryCloud.ts';
import { control, evaluated, testConfig, tested, testState } from '../support/runs.ts';

const config = testConfig({ prices: { workerHourUsd: 3.6, taskUsd: 0.5 } });
const NOW_MS = 5000;

let store: MemoryObjectStore;
let run: string;
let told: RunEnd[];
/** Whether the bus fails. */
let isDown: boolean;

const bus: EventBus = {
  async runEnded(end) {
    if (isDown) throw new Error('the bus is down');
    told.push(runEndSchema.parse(end));
  },
};

/** As a process that has just started. */
const freshCommitter = () => new Committer(store, new MemoryTaskQueue(), () => NOW_MS, bus);

beforeEach(async () => {
  store = new MemoryObjectStore();
  const state = testState(config);
  run = state.run;
  state.counters.workerSeconds = 1000;
  told = [];
  isDown = false;
  await store.create(runKeys(run).config, JSON.stringify(config));
  await store.create(runKeys(run).state, JSON.stringify(state));
  await freshCommitter().take(run, [control(run, 'stop'), evaluated(run, 0, 0.25, 0.75)]);
  expect(told).toEqual([]);
});

/** What ends the run. */
const last = (): RunEvent => tested(run, 0, 0.5);

test('is told once, with what came of the run, however often its last message comes', async () => {
  const message = last();
  await freshCommitter().take(run, [message]);
  await freshCommitter().take(run, [message]);
  await freshCommitter().watch(run, true);
  expect(told).toEqual([
    {
      schema: 1,
      run,
      status: 'stopped',
      reason: 'stopped on request',
      rounds: 0,
      best: {
        version: 0,
        validation: { loss: 0.25, accuracy: 0.75, samples: 50 },
        test: { loss: 0.5, accuracy: 0.5, samples: 50 },
      },
      costUsd: expect.closeTo(2, 2),
      workerSeconds: expect.closeTo(1000, 0),
      submittedAtMs: 1000,
      endedAtMs: NOW_MS,
    },
  ]);
});

test('is told when its message comes again, where the bus was down', async () => {
  const message = last();
  isDown = true;
  await expect(freshCommitter().take(run, [message])).rejects.toThrow('the bus is down');
  isDown = false;
  await freshCommitter().take(run, [message]);
  expect(told).toHaveLength(1);
});

test('is told by the watchdog, where the coordinator ended before it could', async () => {
  isDown = true;
  await expect(freshCommitter().take(run, [last()])).rejects.toThrow('the bus is down');
  await expect(freshCommitter().watch(run, true)).rejects.toThrow('the bus is down');
  isDown = false;
  expect(await freshCommitter().watch(run, true)).toMatchObject({ ended: true });
  await freshCommitter().watch(run, true);
  expect(told).toHaveLength(1);
});

test('is told again rather than never, where nobody could note that it was told', async () => {
  const create = store.create.bind(store);
  store.create = async (key, body) => {
    if (key === runKeys(run).announced) throw new Error('no such luck');
    return create(key, body);
  };
  await expect(freshCommitter().take(run, [last()])).rejects.toThrow('no such luck');
  store.create = create;
  await freshCommitter().watch(run, true);
  expect(told).toHaveLength(2);
});
