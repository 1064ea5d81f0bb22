import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { submitRun } from '../../lib/client/submit.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { type SolveTask, taskSchema } from '../../lib/protocol/messages.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { downloadParameters, mapParameters } from '../../lib/tensors/parameters.ts';
import { HostCache } from '../../lib/worker/hostCache.ts';
import { Workspace } from '../../lib/worker/workspace.ts';
import { MemoryObjectStore, MemoryTaskQueue } from '../support/memoryCloud.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const place = (version: number, shard = 0) => ({
  ...{ run: 'run', series: String(shard), version, digest: 'a'.repeat(64) },
});
const bytes = Uint8Array.of(1, 2, 3);
const refuse = (error: unknown): never => {
  throw error;
};

test('keeps the two newest contributions of each shard, and nothing unfinished', async () => {
  const directory = await temporaryDirectory();
  const cache = new HostCache(directory, refuse);
  for (const version of [8, 9, 10, 11]) cache.put(place(version), bytes);
  cache.put(place(1, 1), bytes);
  expect([9, 10, 11].map((v) => cache.get(place(v)) !== null)).toEqual([false, true, true]);
  expect(cache.get(place(1, 1))).toEqual(Buffer.from(bytes));
  expect(await readdir(join(directory, 'run', '0'))).toHaveLength(2);
});

test('gives what was put last, whatever lay in the file before', async () => {
  const cache = new HostCache(await temporaryDirectory(), refuse);
  const sizes = [3000, 10, 500, 0, 70_000, 4];
  for (const [version, size] of sizes.entries()) {
    const body = Buffer.alloc(size, version + 1);
    cache.put(place(version), body);
    expect(cache.get(place(version))?.length).toBe(size);
    expect(body.equals(cache.get(place(version)) ?? bytes)).toBe(true);
  }
});

test('forgets runs that nobody has touched for days', async () => {
  const directory = await temporaryDirectory();
  const cache = new HostCache(directory, refuse);
  await mkdir(join(directory, 'old'));
  await utimes(join(directory, 'old'), new Date(0), new Date(0));
  cache.put(place(0), bytes);
  expect(await readdir(directory)).toEqual(['run']);
});

test('tells of a directory that it cannot use, and is empty then', async () => {
  const directory = join(await temporaryDirectory(), 'a file');
  await writeFile(directory, '');
  const errors: unknown[] = [];
  const cache = new HostCache(directory, (error) => errors.push(error));
  cache.put(place(0), bytes);
  expect(cache.get(place(0))).toBeNull();
  expect(errors).toHaveLength(2);
  expect(await cache.share(place(0), async () => bytes)).toEqual(bytes);
});

describe('what workers of a host share', () => {
  const workers = async (count: number) => {
    const directory = await temporaryDirectory();
    return { directory, caches: Array.from({ length: count }, () => new HostCache(directory, refuse)) };
  };

  test('is read by one of those that ask at once, and by nobody who asks later', async () => {
    const { directory, caches } = await workers(5);
    let reads = 0;
    const read = async () => {
      reads += 1;
      await setTimeout(20);
      return bytes;
    };
    const given = await Promise.all(caches.map((cache) => cache.share(place(3), read)));
    for (const each of given) expect([...(each ?? [])]).toEqual([...bytes]);
    expect(reads).toBe(1);
    await caches[0]?.share(place(3), read);
    expect(reads).toBe(1);
    await caches[0]?.share(place(4), read);
    expect(reads).toBe(2);
    expect(await readdir(join(directory, 'run', 'claims'))).toEqual([]);
  });

  test('is read by another where the one that read for all has failed, or found nothing', async () => {
    const { caches } = await workers(3);
    const answers = [
      async () => Promise.reject(new Error('no network')),
      async () => null,
      async () => bytes,
    ];
    let reads = 0;
    const read = async () => {
      const answer = answers[reads] as (typeof answers)[number];
      reads += 1;
      await setTimeout(5);
      return answer();
    };
    const given = await Promise.allSettled(caches.map((cache) => cache.share(place(0), read)));
    const told = given.map((each) => (each.status === 'rejected' ? String(each.reason) : each.value));
    expect(reads).toBe(3);
    expect(told).toContain('Error: no network');
    expect(told).toContain(null);
    expect(told).toContainEqual(bytes);
  });

  test('is read by everybody where the worker that was to read it is gone', async () => {
    const { directory, caches } = await workers(1);
    await mkdir(join(directory, 'run', 'claims'), { recursive: true });
    const name = `${'0'.repeat(10)}-${place(0).digest}`;
    await writeFile(join(directory, 'run', 'claims', name), '');
    expect(await caches[0]?.share(place(0), async () => bytes)).toBe(bytes);
  });
});

test('a worker reads from the store only what no other worker of its host has left whole', async () => {
  const directory = await temporaryDirectory();
  const store = new MemoryObjectStore();
  const tasks = new MemoryTaskQueue();
  const config = runConfigSchema.parse({
    ...{ name: 'tiny', dataset: { kind: 'digits', trainSamples: 40, testSamples: 10 } },
    ...{ model: { hiddenUnits: 3 }, shards: 2 },
  });
  const { run } = await submitRun({ store, tasks }, { config });
  const { from } = tasks.sent
    .map((body) => taskSchema.parse(JSON.parse(body)))
    .find(({ kind }) => kind === 'solve') as SolveTask;
  const backend = await loadBackend({ threads: 1, prefer: 'cpu' });
  const open = async () => {
    const meter = new MeteredObjectStore(store);
    const workspace = new Workspace(meter, backend, { hostCache: new HostCache(directory, refuse) });
    const context = await workspace.context(run);
    const before = meter.readBytes;
    return { workspace, context, readBytes: () => meter.readBytes - before };
  };
  const maker = await open();
  const z = await maker.workspace.version(maker.context, from, 'consensus');
  const solution = mapParameters((name) => backend.tf.mul(z[name], 2));
  const { digest, sizeBytes } = await maker.workspace.storeContribution(maker.context, 0, 0, solution);
  const expected = downloadParameters(solution);

  const second = await open();
  const taken = { version: 0, digest };
  const contributionOf = async ({ workspace, context }: typeof maker) =>
    downloadParameters(await workspace.contribution(context, 0, taken));
  const versionOf = async ({ workspace, context }: typeof maker) =>
    downloadParameters(await workspace.version(context, from, 'consensus'));
  expect(await contributionOf(second)).toEqual(expected);
  expect(await versionOf(second)).toEqual(downloadParameters(z));
  expect(second.readBytes()).toBe(0);

  for (const series of ['0', 'versions']) {
    const [name = ''] = await readdir(join(directory, run, series));
    await writeFile(join(directory, run, series, name), bytes);
  }
  const third = await open();
  expect(await contributionOf(third)).toEqual(expected);
  expect(third.readBytes()).toBe(sizeBytes);
  expect(await versionOf(third)).toEqual(downloadParameters(z));
  expect(third.readBytes()).toBe(2 * sizeBytes);
});
