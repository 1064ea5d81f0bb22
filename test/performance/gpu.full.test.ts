/** The benchmark on a GPU at its smallest, on a processor in its place: every figure can be measured. */
import { expect, test } from 'vitest';
import { gpuGroupNames, gpuGroups } from '../../bench/performance/gpu/groups.ts';
import { measureGroups } from '../../bench/performance/measureGroups.ts';
import { type Results, resultsSchema } from '../../bench/performance/results.ts';

const TIMEOUT_MS = 300_000;

test(
  'the quick pass measures every figure but those of PyTorch',
  async () => {
    const groups = gpuGroups({ batchSizes: [8, 20], python: undefined });
    let last: Results | null = null;
    const options = { quick: true, repetitions: 1, dataDirectory: undefined, only: gpuGroupNames };
    for await (const results of measureGroups(groups, { ...options, say: () => {} })) last = results;
    const { figures } = resultsSchema.parse(JSON.parse(JSON.stringify(last)));
    const kinds = gpuGroupNames.flatMap((name) => groups[name].kinds);
    expect(figures.map((each) => each.figure)).toEqual(kinds.map((each) => each.figure));
    for (const { figure, ratio, skipped, failed } of figures) {
      expect(failed, skipped ?? figure).toBe(false);
      if (figure.startsWith('gpu-torch-')) expect(skipped).toBe('a quick pass installs no peers');
      else expect(Number.isFinite(ratio), figure).toBe(true);
    }
    // On one and the same processor the step is the same to the last bit.
    const agreement = figures.filter(({ figure }) => figure.startsWith('gpu-agreement-float32-'));
    expect(agreement.map(({ ratio }) => ratio)).toEqual([0, 0]);
  },
  TIMEOUT_MS,
);
