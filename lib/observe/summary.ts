/** What a run came to, in one JSON document: what `padmm train … --json` prints. */
import * as z from 'zod';
import { IntegrityError } from '../errors.ts';
import { digestSchema, runIdSchema } from '../protocol/ids.ts';
import { type RunState, runStatusSchema } from '../protocol/state.ts';
import type { RunView } from './runView.ts';

const count = z.int().min(0);

export const runSummarySchema = z.strictObject({
  run: runIdSchema,
  status: runStatusSchema,
  /** SP-ADMMiRNN or AP-ADMMiRNN. */
  mode: z.enum(['sync', 'async']),
  /** Consensus updates made. */
  rounds: count,
  /** The chosen model's version; null before it is chosen. */
  version: count.nullable(),
  /** Of the chosen model on test data; null before it is measured, and for regression. */
  accuracy: z.number().min(0).max(1).nullable(),
  /** Likewise; nats or squared units an output. */
  loss: z.number().nullable(),
  /** Residuals of the newest round; null before the first. */
  primalResidual: z.number().min(0).nullable(),
  dualResidual: z.number().min(0).nullable(),
  /** Samples solved on. */
  samples: count,
  seconds: z.number().min(0),
  workers: count,
  /** Payload bytes that workers read and wrote for the tasks counted. */
  bytesRead: count,
  bytesWritten: count,
  /** SHA-256 of the chosen model's parameters as one safetensors object; null before it is chosen. */
  digest: digestSchema.nullable(),
});
export type RunSummary = z.output<typeof runSummarySchema>;

/** What the command that watched the run measured itself. */
export interface WatchedRun {
  readonly workers: number;
  readonly seconds: number;
}

/**
 * Digest of the chosen model; null before it is chosen. Where it lies in blocks, that of what names them until a worker has
 * put it together to measure it.
 *
 * @throws IntegrityError where the state does not list the version it chose.
 */
export function modelDigest({ run, model, versions }: RunState): string | null {
  if (model === null) return null;
  const entry = versions[model.version];
  if (entry !== undefined) return model.digest ?? entry.digest;
  throw new IntegrityError(`state of ${run}`, {
    field: `versions.${model.version}`,
    expected: 'the chosen version',
    received: 'nothing',
  });
}

/** Makes the summary of a run. @throws IntegrityError as {@link modelDigest}. */
export function summarise(
  { config, state }: Pick<RunView, 'config' | 'state'>,
  { workers, seconds }: WatchedRun,
): RunSummary {
  const { model, residuals, counters } = state;
  return {
    run: state.run,
    status: state.status,
    mode: config.consensus.mode,
    rounds: state.version,
    version: model?.version ?? null,
    accuracy: model?.test?.accuracy ?? null,
    loss: model?.test?.loss ?? null,
    primalResidual: residuals?.primal ?? null,
    dualResidual: residuals?.dual ?? null,
    samples: counters.samplesSeen,
    seconds,
    workers,
    bytesRead: counters.workerReadBytes,
    bytesWritten: counters.workerWrittenBytes,
    digest: modelDigest(state),
  };
}
