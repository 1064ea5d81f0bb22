import { ConfigError } from '../errors.ts';
import type { RunConfig } from '../protocol/config.ts';

/** What a coordinator can do; both are assumptions that a deployment may replace by what it has measured. */
export interface CoordinatorCapacity {
  /** Bytes a second between S3 and the function. */
  readonly bytesPerSecond: number;
  /** Time-out of one invocation. */
  readonly timeoutSeconds: number;
}

export const ASSUMED_CAPACITY: CoordinatorCapacity = { bytesPerSecond: 75e6, timeoutSeconds: 60 };

/**
 * Refuses a run whose full consensus update would not fit into half of one invocation: it reads N contributions and z,
 * and writes z, (N + 2) P bytes.
 *
 * @param parameterBytes P.
 * @throws ConfigError naming N, P and the limit.
 */
export function requireCommitFits(
  { shards }: RunConfig,
  parameterBytes: number,
  { bytesPerSecond, timeoutSeconds }: CoordinatorCapacity,
): void {
  const limitSeconds = timeoutSeconds / 2;
  const seconds = ((shards + 2) * parameterBytes) / bytesPerSecond;
  if (seconds <= limitSeconds) return;
  const most = Math.floor((limitSeconds * bytesPerSecond) / parameterBytes) - 2;
  throw new ConfigError('run', [
    {
      field: 'shards',
      expected: `at most ${Math.max(most, 0)} for P = ${parameterBytes} bytes of parameters, so that a consensus update takes at most ${limitSeconds} s at ${bytesPerSecond / 1e6} MB/s`,
      received: `N = ${shards}, which takes ${Math.ceil(seconds)} s`,
    },
  ]);
}
