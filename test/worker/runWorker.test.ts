import { describe, expect, test, vi } from 'vitest';
import { submitRun } from '../../lib/client/submit.ts';
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import type { ResultQueue } from '../../lib/cloud/queues.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { type RunEvent, runEventSchema, type SolveTask, type Task } from '../../lib/protocol/messages.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { MessageHolder } from '../../lib/worker/hold.ts';
import { StartPolicy } from '../../lib/worker/lease.ts';
import { runWorker } from '../../lib/worker/runWorker.ts';
import { Workspace } from '../../lib/worker/workspace.ts';
import { MemoryTaskQueue } from '../support/memoryCloud.ts';

const config = runConfigSchema.parse({
  name: 'tiny',
  dataset: { kind: 'digits', trainSamples: 120, testSamples: 20 },
  model: { hiddenUnits: 3 },
  solver: { batchSize: 8 },
  shards: 2,
});

async function setUp() {
  const store = new MemoryObjectStore();
  const tasks = new MemoryTaskQueue();
  const { run } = await submitRun({ store, tasks }, { config });
  // Solves alone: evaluations are another matter.
  tasks.sent.splice(0, 1);
  const events: RunEvent[] = [];
  const stopping = new AbortController();
  const results: ResultQueue = {
    async send(_run, body) {
      events.push(runEventSchema.parse(JSON.parse(body)));
      if (tasks.sent.length === 0) stopping.abort(new Error('SIGTERM'));
    },
    async deliverAgain() {},
  };
  const logged: string[] = [];
  const logger = {
    info: (message: string) => void logged.push(message),
    error: (message: string, details: object) => void logged.push(`${message} ${JSON.stringify(details)}`),
  };
  const meter = new MeteredObjectStore(store);
  const backend = await loadBackend({ threads: 1, prefer: 'cpu' });
  const worker = { id: 'worker-7', fingerprint: backend.fingerprint };
  const options = {
    ...{ tasks, results, logger, worker, meter, workspace: new Workspace(meter, backend) },
    ...{ signal: stopping.signal, visibilitySeconds: 30, waitSeconds: 0 },
  };
  return { store, tasks, run, events, logged, options, stopping };
}

describe('a worker', () => {
  test('says what it began, answers it, and leaves nothing in the queue', async () => {
    const { store, tasks, run, events, options } = await setUp();
    await runWorker(options);
    expect(events.map((event) => event.kind)).toEqual(['solve', 'solve']);
    expect(await tasks.isEmpty()).toBe(true);
    const leases = [0, 1].map((shard) => store.objects.get(runKeys(run).lease('solve', 0, shard, 0)));
    const lease = JSON.parse(Buffer.from(leases[0]?.body ?? '').toString());
    expect(lease).toMatchObject({ worker: { id: 'worker-7' } });
  });

  test('announces no further start while its tasks are short beside a lease, and again where they are not', () => {
    const starts = new StartPolicy();
    const { faults } = config;
    const first: Pick<Task, 'kind' | 'run'> = { kind: 'solve', run: 'a' };
    expect(starts.announces(first, faults)).toBe(true);
    starts.finished(first, 0.5);
    expect(starts.announces(first, faults)).toBe(false);
    expect(starts.announces(first, { ...faults, leaseSeconds: 20 })).toBe(true);
    expect(starts.announces({ ...first, run: 'b' }, faults)).toBe(true);
    starts.finished(first, 1);
    starts.finished(first, 0.1);
    expect(starts.announces(first, faults)).toBe(true);
  });

  test('that is told to end while it gets data hands the task back at once, and answers nothing', async () => {
    const { store, tasks, events, logged, options, stopping } = await setUp();
    const get = store.get.bind(store);
    store.get = async (key) => {
      if (key.includes('/train/')) {
        stopping.abort(new Error('SIGTERM'));
        // The read never comes back: nothing may wait for it.
        await new Promise(() => undefined);
      }
      return get(key);
    };
    const before = [...tasks.sent];
    await runWorker(options);
    expect(events).toEqual([]);
    expect(tasks.sent).toEqual(before);
    expect(logged).toEqual(['task handed back']);
  });

  test('told that no finite answer exists keeps z, and moves its dual alone', async () => {
    const { tasks, events, options } = await setUp();
    const [body = ''] = tasks.sent.splice(0, 2);
    const task: SolveTask = { ...JSON.parse(body), keepsConsensus: true };
    tasks.sent.push(JSON.stringify(task));
    await runWorker(options);
    expect(events).toMatchObject([{ kind: 'solve', figures: { stepSquaredNorm: 0 } }]);
    const [answer] = events;
    expect(answer?.kind === 'solve' && answer.digest).toBe(task.from.checksum);
  });

  test('drops tasks of runs that are gone, and what is no task', async () => {
    const { store, tasks, run, events, options, stopping } = await setUp();
    await store.delete([runKeys(run).config]);
    tasks.sent.push('no json');
    const acknowledge = tasks.acknowledge.bind(tasks);
    tasks.acknowledge = async (message) => {
      await acknowledge(message);
      if (tasks.sent.length === 0) stopping.abort(new Error('done'));
    };
    await runWorker(options);
    expect(events).toEqual([]);
    expect(await tasks.isEmpty()).toBe(true);
  });
});

describe('the hold on a message', () => {
  const message = { body: '', receiptHandle: 'r', messageId: 'm', receiveCount: 1 };

  test('is renewed three times within a time-out, until it is released', async () => {
    vi.useFakeTimers();
    try {
      const tasks = new MemoryTaskQueue();
      const beats = vi.spyOn(tasks, 'setVisibility');
      const hold = new MessageHolder(tasks, 30, () => undefined).hold(message);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(beats).toHaveBeenCalledTimes(3);
      hold.release();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(beats).toHaveBeenCalledTimes(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is longer once a task has blocked for longer than it lasts', async () => {
    vi.useFakeTimers();
    try {
      const tasks = new MemoryTaskQueue();
      const holder = new MessageHolder(tasks, 30, () => undefined);
      const first = holder.hold(message);
      await vi.advanceTimersByTimeAsync(50_000);
      first.release();
      const beats = vi.spyOn(tasks, 'setVisibility');
      holder.hold(message).release();
      expect(beats).toHaveBeenCalledWith(message, 150);
    } finally {
      vi.useRealTimers();
    }
  });

  test('tells of a beat that failed', async () => {
    vi.useFakeTimers();
    try {
      const tasks = new MemoryTaskQueue();
      tasks.setVisibility = async () => Promise.reject(new Error('throttled'));
      const errors: unknown[] = [];
      const hold = new MessageHolder(tasks, 3, (error) => errors.push(error)).hold(message);
      await vi.advanceTimersByTimeAsync(1_000);
      hold.release();
      expect(errors).toMatchObject([{ message: 'throttled' }]);
    } finally {
      vi.useRealTimers();
    }
  });
});
