/**
 * The state of a run: the one object that changes, replaced by compare-and-swap. Everything else is immutable and
 * found from here. It is versioned; a reader refuses a schema that it does not know.
 */
import { z } from 'zod';
import { groupPenaltiesSchema, metricsSchema } from './figures.ts';
import { arrivalSchema, historyRecordSchema, residualsSchema } from './history.ts';
import { commitIdSchema, digestSchema, nonceSchema, runIdSchema } from './ids.ts';
import { storedVersionSchema } from './messages.ts';

export const STATE_SCHEMA = 1;
const count = z.int().min(0);
const version = z.int().min(0);
const timeMs = z.int().min(0);

/** A task that was dispatched and not answered yet. */
export const outstandingTaskSchema = z.strictObject({
  /** Version it is solved from. */
  version,
  attempt: count,
  dispatchedAtMs: timeMs,
  /** Revision of the state that dispatched it: the tasks of the newest revision are its outbox. */
  dispatchedRevision: count,
});
export type OutstandingTask = z.output<typeof outstandingTaskSchema>;

/** w_i as it counts in the sum: the version it was solved from, its digest, and the version that took it in. */
export const takenInSchema = z.strictObject({ version, digest: digestSchema, anchor: version });

export const shardStateSchema = z.strictObject({
  /** n_i. */
  samples: z.int().min(1),
  /** null before the first take-in: then w_i = z_0 and y_i = 0. */
  contribution: takenInSchema.nullable(),
  task: outstandingTaskSchema.nullable(),
  /** Answer that waits for the next consensus update. */
  arrival: arrivalSchema.nullable(),
});
export type ShardState = z.output<typeof shardStateSchema>;

/** A stored version with the penalty that was in force when it was formed. */
export const versionEntrySchema = storedVersionSchema.extend({ penalty: groupPenaltiesSchema });
export type VersionEntry = z.output<typeof versionEntrySchema>;

export const evaluationTaskStateSchema = outstandingTaskSchema.extend({ kind: z.enum(['evaluate', 'test']) });
export type EvaluationTaskState = z.output<typeof evaluationTaskStateSchema>;

export const measuredVersionSchema = z.strictObject({ version, metrics: metricsSchema });
export type MeasuredVersion = z.output<typeof measuredVersionSchema>;

export const runStatusSchema = z.enum([
  /** Subproblems are out. */
  'running',
  /** Results still come in; nothing is dispatched. */
  'paused',
  /** No more rounds: evaluations are awaited, the model is chosen and tested. */
  'finishing',
  'done',
  /** A person ended it; the best model so far is final. */
  'stopped',
  'failed',
]);
export type RunStatus = z.output<typeof runStatusSchema>;

export const runStateSchema = z.strictObject({
  schema: z.literal(STATE_SCHEMA),
  run: runIdSchema,
  revision: count,
  commitId: commitIdSchema,
  createdAtMs: timeMs,
  updatedAtMs: timeMs,
  status: runStatusSchema,
  /** Why it ended, or what it waits for; empty while it simply runs. */
  reason: z.string().max(1000),
  /** Nonces of the messages that the newest revision took in: one delivered again means that its commit may not have
   * sent its tasks. */
  takenIn: z.array(nonceSchema),
  /** k: the newest version formed. */
  version,
  /** Versions that something here still refers to, by number. */
  versions: z.record(z.string().regex(/^\d+$/), versionEntrySchema),
  penalty: groupPenaltiesSchema,
  shards: z.array(shardStateSchema).min(1),
  evaluations: z.strictObject({
    outstanding: z.array(evaluationTaskStateSchema),
    latest: measuredVersionSchema.nullable(),
    /** Lowest validation loss; ties go to the lower version. */
    best: measuredVersionSchema.nullable(),
    /** Lowest version whose validation accuracy reached the target of the config. */
    targetReached: version.nullable(),
  }),
  /** Set once the model is chosen; `test` once it is measured. */
  model: z.strictObject({ version, validation: metricsSchema, test: metricsSchema.nullable() }).nullable(),
  residuals: residualsSchema.nullable(),
  /** Batch loss and accuracy of the newest round. */
  latest: z.strictObject({ loss: z.number(), accuracy: z.number().nullable() }).nullable(),
  counters: z.strictObject({
    samplesSeen: count,
    duplicates: count,
    late: count,
    refused: count,
    workerReadBytes: count,
    workerWrittenBytes: count,
    workerSeconds: z.number().min(0),
  }),
  /** Backend fingerprints seen; more than one makes a synchronous run not reproducible. */
  fingerprints: z.array(z.string()),
  workers: z.array(z.string()),
  /** History records of this revision; they are written as objects after it. */
  unsavedHistory: z.array(historyRecordSchema),
});
export type RunState = z.output<typeof runStateSchema>;

/** Statuses that never change again. */
export const isEnded = (status: RunStatus): boolean => ['done', 'stopped', 'failed'].includes(status);
