/**
 * The state of a run: the one object that changes, replaced by compare-and-swap. Everything else is immutable and
 * found from here. It is versioned: an older one is migrated when it is read, a newer one is refused.
 */
import * as z from 'zod';
import { budgetSchema } from './budget.ts';
import { groupPenaltiesSchema, metricsSchema } from './figures.ts';
import { arrivalSchema, historyRecordSchema, remedySchema, residualsSchema } from './history.ts';
import { commitIdSchema, contributionDigestSchema, digestSchema, nonceSchema, runIdSchema } from './ids.ts';
import { formedBlockSchema, storedVersionSchema } from './messages.ts';
import { migrateState, STATE_SCHEMA } from './stateMigration.ts';

export { STATE_SCHEMA };

const count = z.int().min(0);
const version = z.int().min(0);
const timeMs = z.int().min(0);

/** A task that was dispatched and not answered yet. */
export const outstandingTaskSchema = z.strictObject({
  /** Version it is solved from. */
  version,
  /** Times it was sent before, for whatever reason: names its lease. */
  attempt: count,
  /** Bad answers and expired leases; `faults.maxAttempts` bounds them. */
  failures: count,
  dispatchedAtMs: timeMs,
  /** Revision of the state that dispatched it: the tasks of the newest revision are its outbox. */
  dispatchedRevision: count,
  /** Backs off after a failure: not sent again before this time. null: it is out. */
  retryAtMs: timeMs.nullable(),
  /** Whether a second one was sent because the first is slow. */
  backedUp: z.boolean(),
});
export type OutstandingTask = z.output<typeof outstandingTaskSchema>;

export const solveTaskStateSchema = outstandingTaskSchema.extend({
  remedy: remedySchema,
  /** Answers to earlier attempts do not count: they were to another subproblem, or their upload was bad. */
  firstAttempt: count,
});
export type SolveTaskState = z.output<typeof solveTaskStateSchema>;

/** w_i as it counts in the sum: the version it was solved from, its digest, and the version that took it in. */
export const takenInSchema = z.strictObject({
  version,
  digest: contributionDigestSchema,
  anchor: version,
  /** How many times larger σ was for this shard than for the others. */
  penaltyFactor: z.number().min(1),
});

export const shardStateSchema = z.strictObject({
  /** n_i. */
  samples: z.int().min(1),
  /** null before the first take-in: then w_i = z_0 and y_i = 0. */
  contribution: takenInSchema.nullable(),
  task: solveTaskStateSchema.nullable(),
  /** Answer that waits for the next consensus update. */
  arrival: arrivalSchema.nullable(),
  /** The task that `arrival` answers, so that it can be asked again where its upload turns out bad. */
  answered: solveTaskStateSchema.nullable(),
  /** α of its last step that counts in the sum; 1 at first. */
  stepLength: z.number().gt(0),
  /** Seconds of its newest answer, from which the others' stragglers are told. */
  seconds: z.number().min(0).nullable(),
  /** Set while the shard is in neither the sum nor the weights: given up, or rejoining until it has arrived. */
  absence: z.strictObject({ reason: z.string(), rejoining: z.boolean() }).nullable(),
});
export type ShardState = z.output<typeof shardStateSchema>;

/** A stored version and the penalties around it. */
export const versionEntrySchema = storedVersionSchema.extend({
  /** σ in force when it was formed: that of the contributions it took in. */
  penalty: groupPenaltiesSchema,
  /** σ of the subproblems that are solved from it. */
  nextPenalty: groupPenaltiesSchema,
  /** Of the remainder object beside z, from which the next partial update goes on; null where there is none. */
  remainderDigest: digestSchema.nullable(),
});
export type VersionEntry = z.output<typeof versionEntrySchema>;

export const evaluationTaskStateSchema = outstandingTaskSchema.extend({ kind: z.enum(['evaluate', 'test']) });
export type EvaluationTaskState = z.output<typeof evaluationTaskStateSchema>;

/** A block that is being formed by an invocation of its own. */
export const blockStateSchema = z.strictObject({
  /** Times it was asked for before. */
  attempt: count,
  dispatchedAtMs: timeMs,
  /** Revision of the state that asked for it: what the newest revision asks for is in its outbox. */
  dispatchedRevision: count,
  /** null until it is formed. */
  formed: formedBlockSchema.nullable(),
});

/** A consensus update, or the closing average, on its way: formed in blocks by its plan. */
export const blockwiseFoldSchema = z.strictObject({
  kind: z.enum(['round', 'closing']),
  /** The version that it will be. */
  version,
  /** The commit that wrote the plan; plan and blocks lie under its name. */
  commitId: commitIdSchema,
  /** Of the plan. */
  digest: digestSchema,
  /** Shards whose arrivals it takes in. */
  shards: z.array(z.int().min(0)),
  blocks: z.array(blockStateSchema).min(2),
});
export type BlockwiseFold = z.output<typeof blockwiseFoldSchema>;

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

const currentStateSchema = z.strictObject({
  schema: z.literal(STATE_SCHEMA),
  run: runIdSchema,
  revision: count,
  commitId: commitIdSchema,
  createdAtMs: timeMs,
  updatedAtMs: timeMs,
  status: runStatusSchema,
  /** Why it ended, or what it waits for; empty while it simply runs. */
  reason: z.string().max(1000),
  budget: budgetSchema,
  /** When the pause began that lasts now. */
  pausedAtMs: timeMs.nullable(),
  /** Length of all pauses that are over. */
  pausedMs: z.number().min(0),
  /** Since when tasks are out and no worker has begun any. */
  waitingSinceMs: timeMs.nullable(),
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
    /** The last losses, in the order of their versions, as far as a plateau is told from them. */
    curve: z.array(z.strictObject({ version, loss: z.number() })),
    /** The versions with the lowest losses, which a closing average is made of, the lowest first. */
    lowest: z.array(z.strictObject({ version, loss: z.number() })),
    /** Lowest version whose validation accuracy reached the target of the config. */
    targetReached: version.nullable(),
  }),
  /** What is being formed in blocks; null where nothing is. */
  fold: blockwiseFoldSchema.nullable(),
  /** The closing average's number, once it is formed: one more candidate for the model. */
  closing: version.nullable(),
  /** Set once the model is chosen; `test` once it is measured, with the digest of what was. */
  model: z
    .strictObject({
      version,
      validation: metricsSchema,
      test: metricsSchema.nullable(),
      /** Of its parameters as one safetensors object. */
      digest: digestSchema.nullable(),
    })
    .nullable(),
  residuals: residualsSchema.nullable(),
  /** Lowest version whose residuals are below the tolerances of the config. */
  converged: version.nullable(),
  /** Batch loss and accuracy of the newest round. */
  latest: z.strictObject({ loss: z.number(), accuracy: z.number().nullable() }).nullable(),
  counters: z.strictObject({
    samplesSeen: count,
    duplicates: count,
    late: count,
    refused: count,
    /** Tasks sent again by the watchdog: lost or expired ones, and backups of slow ones. */
    resent: count,
    backups: count,
    /** Subproblems granted a remedy. */
    remedied: count,
    /** Answers of every kind that came in. */
    answers: count,
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

/** Reads any state that this program, or an older one, has written. */
export const runStateSchema = z.preprocess(migrateState, currentStateSchema);
export type RunState = z.output<typeof runStateSchema>;

/** Statuses that never change again. */
export const isEnded = (status: RunStatus): boolean => ['done', 'stopped', 'failed'].includes(status);
