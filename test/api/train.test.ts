/** Training by the library. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LatestValue } from '../../lib/api/latestValue.ts';
import {
  ConfigError,
  exportSafetensors,
  type RunConfigInput,
  type TrainingProgress,
  train,
} from '../../lib/index.ts';
import { importSafetensors } from '../../lib/models/safetensorsFile.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

/** Processes of the emulator take seconds to start; on a machine that is busy with other tests, many. */
const PATIENCE_MS = 300_000;

const config: RunConfigInput = {
  name: 'small',
  dataset: { kind: 'digits', trainSamples: 600, testSamples: 100 },
  model: { hiddenUnits: 8 },
  solver: { batchSize: 60 },
  shards: 2,
  stop: { maxRounds: 4 },
  evaluation: { everyRounds: 2 },
};

test(
  'gives its progress, then the model and what the run came to',
  async () => {
    const directory = join(await temporaryDirectory(), 'runs');
    const training = train(config, { directory, workers: 1, backend: 'cpu' });
    const seen: TrainingProgress[] = [];
    for await (const progress of training) seen.push(progress);
    const { summary, model } = await training.result;
    expect(seen.at(-1)).toMatchObject({ status: 'done', round: 4, maxRounds: 4, run: summary.run });
    expect(seen.map(({ round }) => round)).toEqual(seen.map(({ round }) => round).toSorted((a, b) => a - b));
    expect(summary).toMatchObject({ status: 'done', rounds: 4, workers: 1, digest: model.digest });
    expect(importSafetensors(exportSafetensors(model))).toEqual(model);
    expect(training.workerPids).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'is interrupted by its signal, with the reason',
  async () => {
    const directory = join(await temporaryDirectory(), 'runs');
    const controller = new AbortController();
    const rounds = { ...config, stop: { maxRounds: 100_000 } };
    const training = train(rounds, { directory, workers: 1, backend: 'cpu', signal: controller.signal });
    const reason = new Error('enough');
    const look = async () => {
      for await (const { round } of training) if (round > 0) controller.abort(reason);
    };
    await expect(look()).rejects.toBe(reason);
    await expect(training.result).rejects.toBe(reason);
    // Nobody holds the directory any more.
    expect(await readdir(directory)).not.toContain('session.json');
  },
  PATIENCE_MS,
);

test('refuses what is wrong before anything is stored', async () => {
  const directory = join(await temporaryDirectory(), 'runs');
  const wrong = { ...config, shards: 0 };
  expect(() => train(wrong, { directory })).toThrow(ConfigError);
  const aborted = train(config, { directory, signal: AbortSignal.abort(new Error('no')) });
  await expect(aborted.result).rejects.toThrow('no');
  const withoutData = train({ ...config, dataset: { kind: 'mnist' } }, { directory });
  await expect(withoutData.result).rejects.toThrow('mnist');
  await expect(readdir(directory)).rejects.toThrow('ENOENT');
});

test('a slow reader gets the newest value, and the end', async () => {
  const values = new LatestValue<number>();
  const iterator = values[Symbol.asyncIterator]();
  values.set(1);
  values.set(2);
  expect(await iterator.next()).toEqual({ value: 2, done: false });
  const waiting = iterator.next();
  values.set(3);
  expect(await waiting).toEqual({ value: 3, done: false });
  values.set(4);
  values.end();
  expect(await iterator.next()).toEqual({ value: 4, done: false });
  expect((await iterator.next()).done).toBe(true);
});
