import type { RunConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import { ASSUMED_CAPACITY, type CoordinatorCapacity, leastTimeoutSeconds } from './commitSize.ts';
import { parameterBytesOf } from './estimate.ts';

/**
 * The coordinator of this machine, as submission counts with it: its time-out is as long as the run's folds want.
 *
 * @param bytesPerSecond between the store and the coordinator.
 */
export function localCapacity(
  config: RunConfig,
  shape: TaskShape,
  bytesPerSecond = ASSUMED_CAPACITY.bytesPerSecond,
): CoordinatorCapacity {
  const parameterBytes = parameterBytesOf(shape, config.model);
  // A second more: stored sets have a header besides.
  const timeoutSeconds = 1 + leastTimeoutSeconds(config, parameterBytes, bytesPerSecond);
  return { ...ASSUMED_CAPACITY, bytesPerSecond, timeoutSeconds };
}
