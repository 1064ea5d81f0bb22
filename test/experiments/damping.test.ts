/** Damping of stale contributions, as bench/stragglers measures it. */
import { expect, test } from 'vitest';
import { runInProcess } from '../../bench/experiments/trials/inProcessRun.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { prepareTiny, tinyConfig } from '../support/tinyProblem.ts';

const config = tinyConfig({
  stop: { maxRounds: 12 },
  consensus: { mode: 'async', arrivals: 2, maxStaleness: 20, averagedVersions: 0 },
});

test('damping is asked about every answer by its staleness at take-in, and changes what is stale alone', async () => {
  const backend = await loadBackend({ threads: 1, prefer: 'cpu' });
  const prepared = await prepareTiny();
  const time = {
    untilMs: 1_000_000,
    durationMs: ({ shard }: { readonly shard: number }) => (shard === 0 ? 400 : 100),
  };
  const finish = async (damping?: (staleness: number) => number) => {
    const { view } = await runInProcess(backend, config, prepared, { ...time, ...(damping && { damping }) });
    return {
      staleness: view.rounds.flatMap((r) => r.arrivals.map((a) => a.staleness)),
      digest: modelDigest(view.state),
    };
  };
  const undamped = await finish();
  expect(Math.max(...undamped.staleness)).toBeGreaterThan(1);
  const asked: number[] = [];
  const damped = await finish((staleness) => {
    asked.push(staleness);
    return 1 / (1 + staleness);
  });
  expect(asked.slice(0, damped.staleness.length).sort()).toEqual([...damped.staleness].sort());
  expect(damped.digest).not.toBe(undamped.digest);
  expect((await finish(() => 1)).digest).toBe(undamped.digest);
  expect((await finish((staleness) => (staleness === 0 ? 1 : 1 / 2))).digest).not.toBe(undamped.digest);
});
