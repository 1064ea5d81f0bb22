import { beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { takeBatch } from '../../lib/coordinator/batch.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { initialState } from '../../lib/coordinator/initialState.ts';
import {
  decodeParameters,
  encodeParameters,
  type ParameterVector,
} from '../../lib/coordinator/parameterVector.ts';
import { UnknownRunError } from '../../lib/coordinator/stateObject.ts';
import { newCommitId, newRunId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import type { SolveTask } from '../../lib/protocol/messages.ts';
import { type RunState, runStateSchema } from '../../lib/protocol/state.ts';
import { MemoryObjectStore, MemoryTaskQueue } from '../support/memoryCloud.ts';
import { solved, testConfig } from '../support/runs.ts';

const layout = {
  length: 3,
  segments: [
    { name: 'W', shape: [1, 2], start: 0, end: 2, group: 'recurrent' as const, decays: true },
    { name: 'b', shape: [1], start: 2, end: 3, group: 'recurrent' as const, decays: false },
  ],
};
const config = testConfig({ shards: 2, consensus: { momentum: 0.5, weightDecay: 0 } });
const parametersOf = (...values: number[]): Uint8Array<ArrayBuffer> =>
  encodeParameters({ layout, values: Float32Array.from(values) });

let store: MemoryObjectStore;
let tasks: MemoryTaskQueue;
let run: string;

beforeEach(async () => {
  store = new MemoryObjectStore();
  tasks = new MemoryTaskQueue();
  run = newRunId('test');
  const commitId = newCommitId();
  const z0 = parametersOf(0, 0, 0);
  await store.create(runKeys(run).consensus(0, commitId), z0);
  const initial = { version: 0, commitId, digest: sha256Hex(z0), broadcastDigest: null };
  const state = initialState({ run, config, initial, shardSamples: [100, 300], nowMs: 1 });
  await store.create(runKeys(run).config, JSON.stringify(config));
  await store.create(runKeys(run).state, JSON.stringify(state));
});

async function contribute(version: number, shard: number, ...values: number[]) {
  const bytes = parametersOf(...values);
  const digest = sha256Hex(bytes);
  await store.create(runKeys(run).contribution(shard, version, digest), bytes);
  return solved(run, version, shard, digest);
}

const stateNow = (): RunState =>
  runStateSchema.parse(JSON.parse(Buffer.from(store.objects.get(runKeys(run).state)?.body ?? '').toString()));

function storedAt(key: string): ParameterVector {
  const object = store.objects.get(key);
  if (object === undefined) throw new Error(`nothing at ${key}`);
  return decodeParameters(object.body, key);
}

describe('a commit', () => {
  test('forms z as the average weighted by samples, z̃ by momentum, and sends the next tasks', async () => {
    const committer = new Committer(store, tasks);
    await committer.take(run, [await contribute(0, 0, 4, 0, 8)]);
    expect(tasks.sent).toEqual([]);
    await committer.take(run, [await contribute(0, 1, 0, 4, 8)]);
    const first = stateNow().versions[1];
    expect([...storedAt(runKeys(run).consensus(1, first?.commitId ?? '')).values]).toEqual([1, 3, 8]);
    expect(first?.broadcastDigest).toBeNull();
    const sent = tasks.sent.map((body) => JSON.parse(body) as SolveTask);
    expect(sent.map(({ kind, version, shard }) => [kind, version, shard])).toEqual([
      ['solve', 1, 0],
      ['solve', 1, 1],
    ]);
    await committer.take(run, [await contribute(1, 0, 2, 4, 9), await contribute(1, 1, 2, 4, 9)]);
    const second = stateNow().versions[2];
    // z = (2, 4, 9) and z̃ = z + ½ (z̃_1 − z̃_0) with z̃_1 = (1, 3, 8).
    expect([...storedAt(runKeys(run).broadcast(2, second?.commitId ?? '')).values]).toEqual([2.5, 5.5, 13]);
  });

  test('records the history of each version once, as an immutable object', async () => {
    const committer = new Committer(store, tasks);
    await committer.take(run, [await contribute(0, 0, 1, 1, 1), await contribute(0, 1, 1, 1, 1)]);
    const record = JSON.parse(Buffer.from(store.objects.get(runKeys(run).round(1))?.body ?? '').toString());
    expect(record).toMatchObject({ kind: 'round', version: 1, arrivals: [{ shard: 0 }, { shard: 1 }] });
  });

  test('whose answer was lost is recognised by its name, not done twice', async () => {
    const replace = store.replace.bind(store);
    let lost = 0;
    store.replace = async (...args) => {
      await replace(...args);
      lost += 1;
      if (lost === 1) throw new Error('socket hang up');
      return { replaced: false };
    };
    await new Committer(store, tasks).take(run, [await contribute(0, 0, 1, 1, 1)]);
    expect(stateNow()).toMatchObject({ revision: 1, counters: { samplesSeen: 10, duplicates: 0 } });
    expect(lost).toBe(1);
  });

  test('that lost a race is decided anew on the state of the winner', async () => {
    const [a, b] = [new Committer(store, tasks), new Committer(store, tasks)];
    await a.take(run, []);
    await b.take(run, [await contribute(0, 0, 1, 1, 1)]);
    await a.take(run, [await contribute(0, 1, 3, 3, 3)]);
    expect(stateNow()).toMatchObject({ version: 1, revision: 2 });
  });

  test('that fails before the state is replaced leaves the state as it was', async () => {
    const before = stateNow();
    store.replace = async () => Promise.reject(new Error('service unavailable'));
    const events = [await contribute(0, 0, 1, 1, 1)];
    await expect(new Committer(store, tasks).take(run, events)).rejects.toThrow('service unavailable');
    expect(stateNow()).toEqual(before);
  });

  test('that crashed before its tasks were sent sends them when its message comes again', async () => {
    const events = [await contribute(0, 0, 1, 1, 1), await contribute(0, 1, 1, 1, 1)];
    const crashing = new MemoryTaskQueue();
    crashing.send = async () => Promise.reject(new Error('crash'));
    await expect(new Committer(store, crashing).take(run, events)).rejects.toThrow('crash');
    expect(stateNow().version).toBe(1);
    await new Committer(store, tasks).take(run, events);
    expect(tasks.sent).toHaveLength(2);
    expect(stateNow()).toMatchObject({ revision: 1, counters: { duplicates: 0 } });
  });

  test('does not multiply tasks: a second answer to the same task sends nothing', async () => {
    const committer = new Committer(store, tasks);
    await committer.take(run, [await contribute(0, 0, 1, 1, 1), await contribute(0, 1, 1, 1, 1)]);
    await committer.take(run, [await contribute(0, 0, 1, 1, 1)]);
    expect(tasks.sent).toHaveLength(2);
    expect(stateNow().counters.duplicates).toBe(1);
  });
});

describe('a contribution', () => {
  const cases: [string, number, () => Promise<ReturnType<typeof solved>>][] = [
    ['is missing', 0, async () => solved(run, 0, 1)],
    ['is not finite', 1, () => contribute(0, 1, 1, Number.NaN, 1)],
    [
      'has other bytes than its digest says',
      1,
      async () => {
        const result = await contribute(0, 1, 5, 5, 5);
        const key = runKeys(run).contribution(1, 0, result.digest);
        store.objects.set(key, { body: parametersOf(6, 6, 6), etag: '"x"' });
        return result;
      },
    ],
  ];

  test.each(cases)(
    'that %s is set aside, %i objects kept, and asked for again',
    async (_name, keptObjects, make) => {
      const bad = await make();
      await new Committer(store, tasks).take(run, [await contribute(0, 0, 1, 1, 1), bad]);
      expect(stateNow()).toMatchObject({ version: 0, counters: { refused: 1 } });
      expect(tasks.sent.map((body) => JSON.parse(body))).toMatchObject([
        { kind: 'solve', shard: 1, attempt: 1 },
      ]);
      const kept = [...store.objects.keys()].filter((key) => key.includes('/refused/'));
      expect(kept).toHaveLength(keptObjects);
      expect(store.objects.has(runKeys(run).contribution(1, 0, bad.digest))).toBe(false);
    },
  );
});

describe('a batch of records', () => {
  const logged: string[] = [];
  const logger = { warn: (m: string) => void logged.push(m), error: (m: string) => void logged.push(m) };
  const record = (body: unknown, group: string, messageId: string) => ({
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { MessageGroupId: group },
  });

  test('fails only the records of the run whose commit failed', async () => {
    const healthy = await contribute(0, 0, 1, 1, 1);
    const broken = newRunId('broken');
    await store.create(runKeys(broken).config, JSON.stringify(config));
    await store.create(runKeys(broken).state, '{"torn": ');
    const records = [
      record({ ...healthy, run: broken }, broken, 'm1'),
      record(healthy, run, 'm2'),
      record('no json', run, 'm3'),
      record({ ...healthy, run: newRunId('gone') }, run, 'm4'),
    ];
    const response = await takeBatch(new Committer(store, tasks), records, logger);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm1' }]);
    expect(stateNow().revision).toBe(1);
    expect(logged.filter((line) => line === 'message refused')).toHaveLength(2);
  });

  test('drops messages of runs that are not in the store', async () => {
    const gone = newRunId('gone');
    const response = await takeBatch(
      new Committer(store, tasks),
      [record(solved(gone, 0, 0), gone, 'm1')],
      logger,
    );
    expect(response.batchItemFailures).toEqual([]);
    await expect(new Committer(store, tasks).take(gone, [])).rejects.toThrow(UnknownRunError);
  });
});
