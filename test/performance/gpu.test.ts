/** What the benchmark on a GPU makes of its measurements, and that it refuses to measure a processor. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { COLUMNS, fullAt, rowsByBatch } from '../../bench/performance/gpu/batches.ts';
import { resultOf } from '../../bench/performance/judge.ts';
import type { Results } from '../../bench/performance/results.ts';
import { isOnGpu } from '../../lib/tensors/backend.ts';

const run = promisify(execFile);
const root = new URL('../../', import.meta.url);

const figure = (name: string, unit: '×' | '%', values: readonly number[], raw: Record<string, number[]>) =>
  resultOf({ figure: name, title: name, unit, better: 'higher', must: null, aim: null, values, raw }, true);
const resultsOf = (...figures: Results['figures']): Results => ({
  ...{ schema: 1, measuredAt: '2026-01-02T03:04:05.000Z', quick: false, repetitions: 3 },
  machine: { processor: 'P', cores: 2, memoryGiB: 8, platform: 'linux x64', loadAverage: 0.1 },
  versions: {},
  figures,
});

test('a GPU is full where no larger batch gives much more', () => {
  const rates = (...all: number[]) => all.map((rate, i) => ({ batchSize: 10 ** i, rate }));
  expect(fullAt(rates(1, 4, 10, 10.5, 10.9))).toBe(100);
  expect(fullAt(rates(1, 4, 4.1, 9))).toBeNull();
  expect(fullAt(rates(5, 4))).toBe(1);
  expect(fullAt(rates(5))).toBeNull();
});

test('there is a row a batch with medians and what they lie between; what was not measured is a dash', () => {
  const raw = { subproblemSamplesPerSecond: [10, 12, 11], adamSamplesPerSecond: [20, 24, 22] };
  const results = resultsOf(
    figure('gpu-adam-250', '×', [0.5, 0.5, 0.4], raw),
    figure('gpu-products-250-1024', '%', [7, 8, 9], { workerGflopPerSecond: [700, 800, 900] }),
  );
  const [row = [], empty = []] = rowsByBatch(results, [250, 1000]);
  const named = Object.fromEntries(COLUMNS.map((name, i) => [name, row[i]]));
  expect(named).toMatchObject({
    batch: '250',
    'subproblems, samples a second': '11 (10 … 12)',
    'Adam in tfjs-node': '22 (20 … 24)',
    'Adam in PyTorch': '–',
    'beside tfjs-node': '0.5× (0.4 … 0.5)',
    'GFLOP/s of products': '800 (700 … 900)',
    'of 1024³': '8 % (7 … 9)',
    'of 4096³': '–',
  });
  expect(empty).toEqual(['1000', ...COLUMNS.slice(1).map(() => '–')]);
});

test('fingerprints of a GPU are told from those of a processor', () => {
  expect(isOnGpu('tensorflow/tfjs-4.22.0/libtensorflow-2.18.1/gpu/threads-1/x64')).toBe(true);
  expect(isOnGpu('tensorflow/tfjs-4.22.0/libtensorflow-2.18.1/gpu-Tesla-T4/threads-1/x64')).toBe(true);
  expect(isOnGpu('tensorflow/tfjs-4.22.0/libtensorflow-2.18.1/threads-1/x64/gpulike')).toBe(false);
});

test('without a GPU the command says what it takes', async () => {
  const words = ['bench/performance/gpu/main.ts', '--data', 'none'];
  const environment = { ...process.env, CUDA_VISIBLE_DEVICES: '' };
  const failed = await run(process.execPath, words, { cwd: root, env: environment }).catch((error) => error);
  expect(failed.stderr).toMatch(/^expected a backend on a GPU, received .+ PADMM_TENSORFLOW=cuda/);
  expect(failed.stdout).toBe('');
  expect(failed.code).toBe(3);
});
