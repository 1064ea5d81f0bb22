/** The runs that are compared: the same problem, synchronous and asynchronous. */
import { type RunConfig, type RunConfigInput, runConfigSchema } from '../../lib/protocol/config.ts';

export const SHARDS = 4;
/** The fast workers: an update as soon as they have answered, the slow one's contribution when it comes. */
export const ARRIVALS = SHARDS - 1;
/**
 * The same for both modes. What is stale in an average holds z back, and over-relaxing what comes in makes up for it: in
 * simulated time AP takes 116 times of a fast subproblem without and 96 with it, SP 188 without and 216 with it (seed 0; see
 * docs/SCALING.md).
 */
const RELAXATION = 1.3;
export const SYNCHRONOUS = { mode: 'sync', relaxation: RELAXATION } as const;
/** The settings of {@link SYNCHRONOUS} but for the mode, its arrivals and its bound on staleness. */
export const ASYNCHRONOUS = {
  ...SYNCHRONOUS,
  mode: 'async',
  ...{ arrivals: ARRIVALS, maxStaleness: 8 },
} as const;
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
