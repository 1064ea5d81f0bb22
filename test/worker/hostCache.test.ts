import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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

const place = (version: number, shard = 0) => ({ run: 'run', shard, version, digest: 'a'.repeat(64) });
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
});

test('a worker reads from the store only what no other worker of its host has left whole', async () => {
  const directory = await temporaryDirectory();
  const store = new MemoryObjectStore();
  const tasks = new MemoryTaskQueue();
  const config = runConfigSchema.parse({
    ...{ name: 'tiny', dataset: { kind: 'digits', trainSamples: 40, testSamples: 10 } },
    ...{ model: { hiddenUnits: 3 }, shards: 1 },
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
  const found = await second.workspace.contribution(second.context, 0, taken);
  expect(downloadParameters(found)).toEqual(expected);
  expect(second.readBytes()).toBe(0);

  const [name = ''] = await readdir(join(directory, run, '0'));
  await writeFile(join(directory, run, '0', name), bytes);
  const third = await open();
  expect(downloadParameters(await third.workspace.contribution(third.context, 0, taken))).toEqual(expected);
  expect(third.readBytes()).toBe(sizeBytes);
});
