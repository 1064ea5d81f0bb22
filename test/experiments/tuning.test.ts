import { describe, expect, test } from 'vitest';
import type { Trials } from '../../bench/experiments/laboratory.ts';
import type { BaselineTrial, Training } from '../../bench/experiments/trial.ts';
import { tuneBaseline, tuneLearningRate, type Untuned } from '../../bench/experiments/tuning.ts';
import { datasetSchema, modelSchema } from '../../lib/protocol/config.ts';

const settings: Untuned = {
  method: 'adam',
  dataset: datasetSchema.parse({ kind: 'digits' }),
  model: modelSchema.parse({}),
  seed: 0,
  batchSize: 32,
  clipNorm: null,
  samples: 100,
  measureEvery: 50,
  test: false,
};

const training = (loss: number, diverged: string | null = null): Training => {
  const metrics = { loss, accuracy: 0.5, samples: 10 };
  const measured = { samples: 100, validation: metrics, test: null };
  const curve = [{ samples: 100, seconds: 1, metrics }];
  return { kind: 'training', curve, best: measured, last: measured, diverged, seconds: 1, rounds: [] };
};

/** Trials whose loss is a given function of their settings. */
function trialsOf(outcome: (trial: BaselineTrial) => Training) {
  const asked: BaselineTrial[] = [];
  const trials = {
    run: async (trial: BaselineTrial) => {
      asked.push(trial);
      return outcome(trial);
    },
  } as unknown as Trials;
  return { trials, asked };
}

/** Loss with its lowest value at a rate, on a logarithmic scale. */
const lowestAt = (rate: number) => (trial: BaselineTrial) =>
  training(Math.abs(Math.log(trial.optimizer.learningRate / rate)));

describe('the learning rate', () => {
  test('is the best of seven, a factor √10 apart', async () => {
    const { trials, asked } = trialsOf(lowestAt(3e-3));
    const tuned = await tuneLearningRate(trials, settings);
    expect(tuned.learningRate).toBeCloseTo(3.16e-3, 10);
    expect(asked).toHaveLength(7);
    const rates = tuned.tried.map(({ learningRate }) => learningRate);
    for (const [i, rate] of rates.slice(1).entries()) {
      expect(rate / (rates[i] ?? Number.NaN)).toBeCloseTo(Math.sqrt(10), 1);
    }
  });

  test.each([
    [3e-6, 3.16e-6, 9],
    [1, 1, 9],
  ])('is looked for beyond the edge of the grid: %d', async (lowest, expected, runs) => {
    const { trials, asked } = trialsOf(lowestAt(lowest));
    const tuned = await tuneLearningRate(trials, settings);
    expect(tuned.learningRate).toBeCloseTo(expected, 8);
    expect(asked.length).toBeGreaterThanOrEqual(runs);
    const rates = tuned.tried.map(({ learningRate }) => learningRate);
    const place = rates.indexOf(tuned.learningRate);
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThan(rates.length - 1);
  });

  test('that would lie ever further out is refused', async () => {
    const { trials } = trialsOf(({ optimizer }) => training(1 / optimizer.learningRate));
    await expect(tuneLearningRate(trials, settings)).rejects.toThrow(/learning rate of adam.*at the edge/);
  });

  test('is never one that diverged, whatever it reached before', async () => {
    const { trials } = trialsOf((trial) =>
      trial.optimizer.learningRate > 5e-3 ? training(0, 'not finite') : lowestAt(1)(trial),
    );
    expect((await tuneLearningRate(trials, settings)).learningRate).toBeLessThan(5e-3);
  });
});

test('batch sizes are tried without clipping, then clipping at the best of them', async () => {
  const { trials, asked } = trialsOf((trial) => {
    const { loss } = lowestAt(3e-3)(trial).best.validation;
    return training(loss + (trial.batchSize === 64 ? 0 : 1) + (trial.clipNorm === 1 ? 0 : 0.5));
  });
  const { batchSize, clipNorm } = (
    await tuneBaseline(trials, settings, { batchSizes: [32, 64, 128], clipNorms: [1, 5] })
  ).settings;
  expect([batchSize, clipNorm]).toEqual([64, 1]);
  expect(asked.filter((trial) => trial.clipNorm === null)).toHaveLength(3 * 7);
  expect(new Set(asked.filter((trial) => trial.clipNorm !== null).map((t) => t.batchSize))).toEqual(
    new Set([64]),
  );
});
