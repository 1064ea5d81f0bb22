/** The largest runs that submission allows stay within their part of the coordinator's memory. */
import { describe, expect, test } from 'vitest';
import { measureCoordinator } from '../../bench/performance/coordinatorMemory.ts';
import {
  ASSUMED_CAPACITY,
  MEMORY_SHARE,
  peakMemoryBytes,
  requireMemoryFits,
} from '../../lib/client/commitSize.ts';
import { testConfig } from '../support/runs.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const MEBIBYTE = 2 ** 20;
const PATIENCE_MS = 900_000;
/** From the third on, what a process keeps takes the place of older sets; what V8 has not swept yet grows for some more. */
const ROUNDS = 8;

/** The largest P that is allowed for so many shards. */
function largestParameters(shards: number, memoryMiB: number): number {
  const config = testConfig({ shards });
  const [none, one] = [0, MEBIBYTE].map((sizeBytes) => peakMemoryBytes(config, sizeBytes)) as [
    number,
    number,
  ];
  return Math.floor(((MEMORY_SHARE * memoryMiB * MEBIBYTE - none) / (one - none)) * MEBIBYTE);
}

describe.each([
  ['the largest parameters', 10, largestParameters(10, 512), 512, ROUNDS],
  [
    'the largest parameters by default',
    10,
    largestParameters(10, ASSUMED_CAPACITY.memoryMiB),
    ASSUMED_CAPACITY.memoryMiB,
    ROUNDS,
  ],
  ['the most shards', 10_000, 1000, ASSUMED_CAPACITY.memoryMiB, 1],
])('%s', (_, shards, parameterBytes, memoryMiB, rounds) => {
  test(`N = ${shards}, P = ${parameterBytes} bytes in ${memoryMiB} MiB`, {
    timeout: PATIENCE_MS,
  }, async () => {
    const config = testConfig({ shards, stop: { maxRounds: 100 }, consensus: { momentum: 0.5 } });
    expect(() => requireMemoryFits(config, parameterBytes, { ...ASSUMED_CAPACITY, memoryMiB })).not.toThrow();
    const { peakBytes, state } = await measureCoordinator({
      directory: await temporaryDirectory(),
      ...{ config, parameterBytes, rounds },
    });
    expect(state.version).toBe(rounds);
    expect(peakBytes / MEBIBYTE).toBeLessThanOrEqual(MEMORY_SHARE * memoryMiB);
  });
});
