/** The runs that are compared: the same problem, synchronous and asynchronous. */
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../lib/protocol/config.ts';

export const SHARDS = 4;
/** The fast workers: an update as soon as they have answered, the slow one's contribution when it comes. */
export const ARRIVALS = SHARDS - 1;
/**
 * Each mode as it does best in simulated time (one seed, over-relaxation 1, 1.3 and 1.6): what is stale in the average holds z
 * back, and over-relaxing what comes in makes up for it.
 */
export const SYNCHRONOUS = { mode: 'sync' } as const;
export const ASYNCHRONOUS = { mode: 'async', arrivals: ARRIVALS, maxStaleness: 8, relaxation: 1.3 } as const;
/** Far more than the target takes. */
const MAX_ROUNDS = 2000;

/**
 * MNIST by rows with full steps, which take half the processor time of searched ones, and without backups of slow tasks; all
 * else is as a run config has it by default.
 *
 * @param everyRounds versions between two evaluations.
 */
export const mnistRun = (
  consensus: RunConfigInput['consensus'],
  seed: number,
  everyRounds: number,
): RunConfig =>
  runConfigSchema.parse({
    name: 'stragglers',
    dataset: { kind: 'mnist' },
    solver: { stepLength: 'full' },
    shards: SHARDS,
    consensus,
    stop: { maxRounds: MAX_ROUNDS },
    evaluation: { everyRounds },
    faults: { backupFactor: null },
    seed,
  });
