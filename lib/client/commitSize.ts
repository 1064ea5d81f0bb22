import { ConfigError } from '../errors.ts';
import { BLOCK_COUNTS, type BlockCount } from '../protocol/blocks.ts';
import type { RunConfig } from '../protocol/config.ts';

/** What a coordinator can do: a deployment tells its settings, the rest are assumptions. */
export interface CoordinatorCapacity {
  /** Bytes a second between S3 and the function. */
  readonly bytesPerSecond: number;
  /** Time-out of one invocation. */
  readonly timeoutSeconds: number;
  /** Of the function. */
  readonly memoryMiB: number;
}

/** The defaults of the stack's settings. */
export const ASSUMED_CAPACITY: CoordinatorCapacity = {
  bytesPerSecond: 75e6,
  timeoutSeconds: 60,
  memoryMiB: 2048,
};

/** The part of a function's memory that a run may fill. */
export const MEMORY_SHARE = 0.8;
const MEBIBYTE = 2 ** 20;

/**
 * What a process of the coordinator holds at its peak; test/coordinator/memory.full.test.ts measures the largest runs that
 * are allowed by it.
 */
const MEMORY = {
  /** Node with the bundle, and room for the rubbish of small messages. */
  idleBytes: 160 * MEBIBYTE,
  /** Of the state, read, advanced, checked and written. */
  bytesPerShard: 90_000,
  /** Parameter sets at once: kept ones, those read ahead, sums in float64, and what is encoded. */
  parameterSets: 25,
} as const;

/** Peak memory of the coordinator for N shards of P bytes; with blocks a process holds one of them. */
export function peakMemoryBytes({ shards, consensus }: RunConfig, parameterBytes: number): number {
  const { idleBytes, bytesPerShard, parameterSets } = MEMORY;
  return idleBytes + shards * bytesPerShard + (parameterSets * parameterBytes) / consensus.blocks;
}

/**
 * Refuses a run that would fill more of the coordinator's memory than is allowed.
 *
 * @param parameterBytes P.
 * @throws ConfigError naming N, P, what they take and the limit.
 */
export function requireMemoryFits(
  config: RunConfig,
  parameterBytes: number,
  { memoryMiB }: CoordinatorCapacity,
): void {
  const takesBytes = peakMemoryBytes(config, parameterBytes);
  const limitBytes = MEMORY_SHARE * memoryMiB * MEBIBYTE;
  if (takesBytes <= limitBytes) return;
  const mebibytes = (sizeBytes: number) => Math.ceil(sizeBytes / MEBIBYTE);
  throw new ConfigError('run', [
    {
      field: 'model.hiddenUnits, shards',
      expected: `a run that takes at most ${Math.floor(limitBytes / MEBIBYTE)} MiB, ${100 * MEMORY_SHARE} % of the coordinator's ${memoryMiB} MiB: fewer of either, more consensus.blocks, or a stack with more coordinatorMemoryMiB`,
      received: `N = ${config.shards} and P = ${parameterBytes} bytes of parameters, which take ${mebibytes(takesBytes)} MiB`,
    },
  ]);
}

type Speed = Pick<CoordinatorCapacity, 'bytesPerSecond' | 'timeoutSeconds'>;

/** The part of an invocation that an update may take. */
const TIMEOUT_SHARE = 0.5;

/**
 * Seconds of a full consensus update at one function: of its block of every set, it reads N contributions and z, and
 * writes z, (N + 2) P / K bytes.
 */
const updateSeconds = (shards: number, parameterBytes: number, blocks: number, bytesPerSecond: number) =>
  ((shards + 2) * parameterBytes) / blocks / bytesPerSecond;

/** The least time-out, in whole seconds, of a coordinator that {@link requireCommitFits} lets a run pass for. */
export const leastTimeoutSeconds = (
  { shards, consensus: { blocks } }: RunConfig,
  parameterBytes: number,
  bytesPerSecond: number,
): number => Math.ceil(updateSeconds(shards, parameterBytes, blocks, bytesPerSecond) / TIMEOUT_SHARE);

/**
 * The fewest blocks with which a full consensus update fits into half of an invocation; null where none are enough.
 *
 * @param parameterBytes P.
 */
export function fewestBlocks(
  shards: number,
  parameterBytes: number,
  { bytesPerSecond, timeoutSeconds }: Speed,
): BlockCount | null {
  const limitSeconds = TIMEOUT_SHARE * timeoutSeconds;
  const fits = (blocks: number) =>
    updateSeconds(shards, parameterBytes, blocks, bytesPerSecond) <= limitSeconds;
  return BLOCK_COUNTS.find(fits) ?? null;
}

/**
 * Refuses a run whose full consensus update would not fit into half of one invocation.
 *
 * @param parameterBytes P.
 * @throws ConfigError naming N, P, K, the limit, and the K that would do.
 */
export function requireCommitFits(
  { shards, consensus: { blocks } }: RunConfig,
  parameterBytes: number,
  speed: Speed,
): void {
  const { bytesPerSecond, timeoutSeconds } = speed;
  const limitSeconds = TIMEOUT_SHARE * timeoutSeconds;
  const seconds = updateSeconds(shards, parameterBytes, blocks, bytesPerSecond);
  if (seconds <= limitSeconds) return;
  const most = Math.floor((blocks * limitSeconds * bytesPerSecond) / parameterBytes) - 2;
  const enough = fewestBlocks(shards, parameterBytes, speed);
  const otherwise = enough === null ? '' : `, or consensus.blocks of ${enough}`;
  throw new ConfigError('run', [
    {
      field: 'shards',
      expected: `at most ${Math.max(most, 0)} for P = ${parameterBytes} bytes of parameters in ${blocks === 1 ? 'one block' : `${blocks} blocks`}${otherwise}, so that a consensus update takes at most ${limitSeconds} s at ${bytesPerSecond / 1e6} MB/s`,
      received: `N = ${shards}, which takes ${Math.ceil(seconds)} s`,
    },
  ]);
}
