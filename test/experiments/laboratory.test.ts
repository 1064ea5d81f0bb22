import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Laboratory } from '../../bench/experiments/laboratory.ts';
import { type BaselineTrial, trialDigest } from '../../bench/experiments/trial.ts';
import { TrialError } from '../../bench/experiments/trialPool.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { EnvironmentError, IntegrityError } from '../../lib/errors.ts';
import { datasetSchema, modelSchema } from '../../lib/protocol/config.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

/** Processes start slowly where the machine does other things besides. */
vi.setConfig({ testTimeout: 300_000 });

const trial: BaselineTrial = {
  kind: 'baseline',
  dataset: datasetSchema.parse({ kind: 'digits', trainSamples: 60, testSamples: 20 }),
  model: modelSchema.parse({ hiddenUnits: 4 }),
  seed: 0,
  optimizer: { method: 'adam', learningRate: 0.01 },
  batchSize: 18,
  clipNorm: null,
  samples: 54,
  measureEvery: 27,
  test: true,
};
const PROGRAM = sha256Hex('this one');

async function open(directory: string, options: { program?: string; useOutdated?: boolean } = {}) {
  const { program = PROGRAM, useOutdated = false } = options;
  const laboratory = await Laboratory.open({
    ...{ directory, program, useOutdated, dataDirectory: undefined, processes: 1 },
  });
  onTestFinished(() => laboratory.close());
  return laboratory;
}

describe('a laboratory', () => {
  test('does a trial once, and keeps its result', async () => {
    const directory = await temporaryDirectory();
    const first = await open(directory);
    const [a, b] = await Promise.all([first.run<'baseline'>(trial), first.run<'baseline'>(trial)]);
    expect(a).toBe(b);
    expect(a.curve.map(({ samples }) => samples)).toEqual([0, 36, 54]);
    expect(a.best.test?.samples).toBe(20);
    expect(first.progress).toEqual({ done: 1, reused: 0, outdated: 0, asked: 1 });
    expect(await readdir(directory)).toEqual([`${trialDigest(trial)}.json`]);

    const second = await open(directory);
    expect(await second.run<'baseline'>(trial)).toEqual(a);
    expect(second.progress).toEqual({ done: 1, reused: 1, outdated: 0, asked: 1 });

    const path = join(directory, `${trialDigest(trial)}.json`);
    const stored = JSON.parse(await readFile(path, 'utf8'));
    const later = await open(directory, { program: sha256Hex('a later one'), useOutdated: true });
    await later.run<'baseline'>(trial);
    expect(later.progress).toMatchObject({ reused: 1, outdated: 1 });
    const fresh = await open(directory, { program: sha256Hex('a later one') });
    const again = await fresh.run<'baseline'>(trial);
    expect(fresh.progress).toMatchObject({ reused: 0, outdated: 0 });
    expect(again.best).toEqual(stored.result.best);
  });

  test('says what is wrong with a result that was kept', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, `${trialDigest(trial)}.json`);
    await writeFile(path, '{"program": "x"');
    await expect((await open(directory)).run<'baseline'>(trial)).rejects.toThrow(EnvironmentError);
    await writeFile(path, JSON.stringify({ program: PROGRAM, trial, result: {} }));
    const wrong = (await open(directory)).run<'baseline'>(trial);
    await expect(wrong).rejects.toThrow(IntegrityError);
    await expect(wrong).rejects.toThrow(path);
  });

  test('passes on what a trial says, and goes on with the next', async () => {
    const laboratory = await open(await temporaryDirectory());
    const wrong = { ...trial, dataset: datasetSchema.parse({ kind: 'mnist' }) };
    const failed = laboratory.run<'baseline'>(wrong);
    await expect(failed).rejects.toThrow(TrialError);
    await expect(failed).rejects.toThrow(/mnist.*data/s);
    expect((await laboratory.run<'baseline'>(trial)).diverged).toBeNull();
  });

  test('tells a run that diverged from one that did not', async () => {
    const laboratory = await open(await temporaryDirectory());
    const optimizer = { method: 'sgd', learningRate: 1e38 } as const;
    const { diverged, best } = await laboratory.run<'baseline'>({ ...trial, optimizer });
    expect(diverged).toMatch(/finite/);
    expect(best.samples).toBe(0);
  });
});

test('the digest of a trial depends on what it says, not on how it is written', () => {
  const { kind, ...rest } = trial;
  expect(trialDigest({ ...rest, kind })).toBe(trialDigest(trial));
  expect(trialDigest({ ...trial, seed: 1 })).not.toBe(trialDigest(trial));
});
