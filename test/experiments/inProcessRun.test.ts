import { describe, expect, test, vi } from 'vitest';
import { runInProcess } from '../../bench/experiments/trials/inProcessRun.ts';
import { simulate, trainingOf } from '../../bench/experiments/trials/padmm.ts';
import { PreparedData } from '../../bench/experiments/trials/preparedData.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, smallConfig } from '../system/localRun.ts';

/** Processes start slowly where the machine does other things besides. */
vi.setConfig({ testTimeout: 300_000 });

const data = new PreparedData(undefined);

async function run(config: RunConfig, simulation: Parameters<typeof simulate>[0] | null = null) {
  const backend = await loadBackend({ threads: config.worker.threads });
  const prepared = await data.prepare(config.dataset, config.shards, config.seed);
  const time = simulation === null ? null : simulate(simulation, config.seed);
  return (await runInProcess(backend, config, prepared, time)).view;
}

const rounds = (maxRounds: number) => ({ stop: { maxRounds } });

describe('a run in one process', () => {
  test('gives the bytes that processes give', async () => {
    const config = smallConfig({ ...rounds(6), consensus: { momentum: 0.5 } });
    const onProcesses = await runSmall({ directory: await temporaryDirectory(), workers: 2, config });
    const view = await run(config);
    expect(modelDigest(view.state)).toBe(onProcesses.digest);
    expect(view.rounds.map(({ residuals }) => residuals)).toEqual(
      onProcesses.view.rounds.map(({ residuals }) => residuals),
    );
    expect(view.state.model?.test).toEqual(onProcesses.view.state.model?.test);
  });

  test('tells samples and training seconds of every measurement', async () => {
    const { curve, best, last, seconds, diverged } = trainingOf(await run(smallConfig(rounds(8))), null);
    expect(curve.map(({ samples }) => samples)).toEqual([0, 960, 1920]);
    expect(curve[0]?.seconds).toBe(0);
    expect(curve[2]?.seconds).toBe(seconds);
    expect(Math.min(...curve.map(({ metrics }) => metrics.loss))).toBe(best.validation.loss);
    expect(last.samples).toBe(1920);
    expect(diverged).toBeNull();
  });
});

describe('simulated time', () => {
  const simulation = { taskMs: 100, slowness: [4, 1], jitterMs: 0, untilMs: 2000 };
  const stale = (view: Awaited<ReturnType<typeof run>>): number =>
    Math.max(...view.rounds.flatMap(({ arrivals }) => arrivals.map(({ staleness }) => staleness)));

  test('makes a synchronous run wait for its slowest shard', async () => {
    const view = await run(smallConfig(rounds(100)), simulation);
    expect(view.rounds.map(({ formedAtMs }) => formedAtMs)).toEqual([400, 800, 1200, 1600, 2000]);
    expect(stale(view)).toBe(0);
    expect(view.state.status).toBe('stopped');
  });

  test('lets an asynchronous one go on with those that are there', async () => {
    const consensus = { mode: 'async', arrivals: 1, maxStaleness: 100 };
    const view = await run(smallConfig({ ...rounds(1000), consensus }), simulation);
    // Three shards answer 20 times each, the slow one 5 times.
    expect(view.rounds).toHaveLength(65);
    expect(stale(view)).toBeGreaterThan(3);
    const slow = view.rounds.filter(({ arrivals }) => arrivals.some(({ shard }) => shard === 0));
    expect(slow.map(({ formedAtMs }) => formedAtMs)).toEqual([400, 800, 1200, 1600, 2000]);
  });

  test('draws delays from the seed', () => {
    const jitter = { ...simulation, slowness: [1], jitterMs: 50 };
    const task = { shard: 1, version: 3 } as Parameters<ReturnType<typeof simulate>['durationMs']>[0];
    const duration = (seed: number): number => simulate(jitter, seed).durationMs(task);
    expect(duration(1)).toBe(duration(1));
    expect(duration(1)).not.toBe(duration(2));
    expect(duration(1)).toBeGreaterThan(100);
    const mean = Array.from({ length: 500 }, (_, seed) => duration(seed)).reduce((a, b) => a + b) / 500;
    expect(mean).toBeGreaterThan(140);
    expect(mean).toBeLessThan(160);
  });
});
