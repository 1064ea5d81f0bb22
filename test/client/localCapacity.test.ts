import { expect, test } from 'vitest';
import { requireCommitFits } from '../../lib/client/commitSize.ts';
import { parameterBytesOf, shapeBeforeData } from '../../lib/client/estimate.ts';
import { localCapacity } from '../../lib/client/localCapacity.ts';
import { type RunConfig, runConfigSchema } from '../../lib/protocol/config.ts';
import type { TaskShape } from '../../lib/protocol/dataset.ts';

const large: RunConfig = runConfigSchema.parse({
  ...{ name: 'large', dataset: { kind: 'digits' }, shards: 1000, model: { hiddenUnits: 480 } },
});
const shape = shapeBeforeData(large.dataset) as TaskShape;
const parameterBytes = parameterBytesOf(shape, large.model);

test('a run of a gigabyte a fold gets a time-out on this machine in which its folds fit twice', () => {
  // 1,002 times 996,520 bytes at 75 MB/s are 13.3 s.
  expect(parameterBytes).toBe(996_520);
  const capacity = localCapacity(large, shape);
  expect(capacity.timeoutSeconds).toBe(28);
  expect(() => requireCommitFits(large, parameterBytes, capacity)).not.toThrow();
  expect(() => requireCommitFits(large, parameterBytes, { ...capacity, timeoutSeconds: 9 })).toThrow(
    'expected at most 336',
  );
});

test('the slower the store is said to be, the longer', () => {
  expect(localCapacity(large, shape, 10e6).timeoutSeconds).toBe(201);
});
