import { describe, expect, test } from 'vitest';
import { requireCommitFits, requireMemoryFits } from '../../lib/client/commitSize.ts';
import { deleteRun } from '../../lib/client/deleteRun.ts';
import { forkRun } from '../../lib/client/fork.ts';
import { prepareRun, submitPrepared, submitRun } from '../../lib/client/submit.ts';
import { MemoryObjectStore } from '../../lib/cloud/memoryObjectStore.ts';
import { MemoryTaskQueue } from '../../lib/cloud/memoryTaskQueue.ts';
import { loadState } from '../../lib/coordinator/stateObject.ts';
import type { BlockCount } from '../../lib/protocol/blocks.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { runKeys } from '../../lib/protocol/keys.ts';

const config = runConfigSchema.parse({
  name: 'small',
  dataset: { kind: 'digits', trainSamples: 200, testSamples: 50 },
  model: { hiddenUnits: 4 },
  shards: 2,
});

const destination = () => ({ store: new MemoryObjectStore(), tasks: new MemoryTaskQueue() });

describe('a fork', () => {
  test('begins from the same parameters, under its own config, and outlives the run it comes from', async () => {
    const to = destination();
    const { run } = await submitRun(to, { config });
    const forked = await forkRun(to, {
      run,
      version: 0,
      config: { ...config, name: 'fork', shards: 4, seed: 9 },
    });
    const [old, state] = await Promise.all([loadState(to.store, run), loadState(to.store, forked.run)]);
    expect(state.state.versions[0]?.digest).toBe(old.state.versions[0]?.digest);
    expect(state.state.shards).toHaveLength(4);
    expect([...to.store.objects.keys()]).toContain(
      runKeys(forked.run).consensus(0, state.state.versions[0]?.commitId ?? ''),
    );
  });

  test('from a version that is not kept, or for another network, is refused', async () => {
    const to = destination();
    const { run } = await submitRun(to, { config });
    await expect(forkRun(to, { run, version: 7, config })).rejects.toThrow(
      `version of ${run}: expected one that is kept (0), received 7`,
    );
    const wider = { ...config, model: { ...config.model, hiddenUnits: 5 } };
    await expect(forkRun(to, { run, config: wider })).rejects.toThrow('parameters of the fork: U');
  });
});

describe('deletion', () => {
  test('takes every object of an ended run and nothing else', async () => {
    const to = destination();
    const [{ run }, other] = [await submitRun(to, { config }), await submitRun(to, { config })];
    await expect(deleteRun(to.store, run)).rejects.toThrow('expected one that has ended');
    const { state, etag } = await loadState(to.store, run);
    await to.store.replace(runKeys(run).state, JSON.stringify({ ...state, status: 'stopped' }), etag);
    // What was refused is kept for people to look at, for as long as the run is.
    await to.store.create(runKeys(run).refused(1, 0, 'aa.safetensors'), 'bad');
    expect(await deleteRun(to.store, run)).toBe(5);
    const left = [...to.store.objects.keys()];
    expect(left.filter((key) => key.startsWith(runKeys(run).prefix))).toEqual([]);
    expect(left.filter((key) => key.startsWith(runKeys(other.run).prefix))).toHaveLength(4);
    await expect(deleteRun(to.store, run)).rejects.toThrow('received nothing');
  });
});

describe('a run that is too large for the coordinator', () => {
  test('is refused with N, P and the limit, and not one that just fits', () => {
    const capacity = { bytesPerSecond: 75e6, timeoutSeconds: 60 };
    const large = { ...config, shards: 2249 };
    expect(() => requireCommitFits({ ...config, shards: 2248 }, 1e6, capacity)).not.toThrow();
    expect(() => requireCommitFits(large, 1e6, capacity)).toThrow(
      'run: shards: expected at most 2248 for P = 1000000 bytes of parameters in one block, or consensus.blocks of 2, so that a consensus update takes at most 30 s at 75 MB/s, received N = 2249, which takes 31 s',
    );
  });

  test('is not refused in as many blocks as the message asks for, and in none where no number is enough', () => {
    const capacity = { bytesPerSecond: 75e6, timeoutSeconds: 60 };
    const inBlocks = (shards: number, blocks: BlockCount) => ({
      ...{ ...config, shards },
      consensus: { ...config.consensus, blocks },
    });
    expect(() => requireCommitFits(inBlocks(100, 1), 100e6, capacity)).toThrow(
      'or consensus.blocks of 8, so',
    );
    expect(() => requireCommitFits(inBlocks(100, 4), 100e6, capacity)).toThrow(
      'at most 88 for P = 100000000',
    );
    expect(() => requireCommitFits(inBlocks(100, 8), 100e6, capacity)).not.toThrow();
    expect(() => requireCommitFits(inBlocks(10_000, 64), 100e6, capacity)).toThrow(
      'expected at most 1438 for P = 100000000 bytes of parameters in 64 blocks, so that',
    );
  });

  test('is refused with what it takes of the memory and the limit, and not one that just fits', () => {
    const capacity = { bytesPerSecond: 1e12, timeoutSeconds: 60, memoryMiB: 512 };
    // 80 % of 512 MiB are 429,496,729 bytes, of which 167,772,160 are idle and 180,000 of two shards: 25 P are left.
    const mostBytes = 10_461_782;
    expect(() => requireMemoryFits(config, mostBytes, capacity)).not.toThrow();
    expect(() => requireMemoryFits(config, mostBytes + 1, capacity)).toThrow(
      /run: model\.hiddenUnits, shards: expected a run that takes at most 409 MiB, 80 % of the coordinator's 512 MiB.*received N = 2 and P = 10461783 bytes of parameters, which take 410 MiB/,
    );
    const inBlocks = { ...config, consensus: { ...config.consensus, blocks: 2 as const } };
    expect(() => requireMemoryFits(inBlocks, 2 * mostBytes, capacity)).not.toThrow();
    expect(() =>
      requireMemoryFits({ ...config, shards: 10_000 }, 1e6, { ...capacity, memoryMiB: 2048 }),
    ).not.toThrow();
  });

  test('stores nothing of a run', async () => {
    const to = destination();
    const capacity = { bytesPerSecond: 1, timeoutSeconds: 60, memoryMiB: 2048 };
    const submitting = submitPrepared(to, config, await prepareRun({ config }), { capacity });
    await expect(submitting).rejects.toThrow('expected at most 0');
    expect([...to.store.objects.keys()]).toEqual([]);
  });
});
