/**
 * Messages are pointers, digests and figures; tensors never travel in them. All are validated on both sides.
 * `schema` is the version of the message format: a reader refuses what it does not know.
 */
import * as z from 'zod';
import { STRIPES } from './blocks.ts';
import { budgetSchema } from './budget.ts';
import {
  groupPenaltiesSchema,
  metricsSchema,
  phaseSecondsSchema,
  solveFiguresSchema,
  transferredSchema,
  workerInfoSchema,
} from './figures.ts';
import {
  checksumSchema,
  commitIdSchema,
  contributionDigestSchema,
  digestSchema,
  nonceSchema,
  runIdSchema,
} from './ids.ts';

/** 2: blocks of folds, and the digest of the model that was tested. 3: checksums in tasks. 4: contributions known by them alone. */
export const PROTOCOL_VERSION = 4;
const schema = z.literal(PROTOCOL_VERSION);
const version = z.int().min(0);
const shard = z.int().min(0);
const attempt = z.int().min(0);

/** What a stored tensor object is: its version, the commit that wrote it (which names it) and its digest. */
export const storedVersionSchema = z.strictObject({
  version,
  commitId: commitIdSchema,
  digest: digestSchema,
  /** Whether a z̃ object lies beside z, and its digest. */
  broadcastDigest: digestSchema.nullable(),
  /** Of the bytes that the digests are of; sets in blocks have none. */
  checksum: checksumSchema.optional(),
  broadcastChecksum: checksumSchema.optional(),
});
export type StoredVersion = z.output<typeof storedVersionSchema>;

/** From what a shard's scaled dual is made: y_i = (σ_then / σ_now)(w_i − a), per parameter group. */
export const dualSourceSchema = z.strictObject({
  /** w_i: the shard's last contribution. */
  contribution: z.strictObject({ version, digest: contributionDigestSchema }),
  /** a: the consensus variable of the version that took it in. */
  anchor: storedVersionSchema,
  /** σ at take-in. */
  penalty: groupPenaltiesSchema,
});
export type DualSource = z.output<typeof dualSourceSchema>;

/** Asks for θ_i of one shard, from the broadcast of one version. */
export const solveTaskSchema = z.strictObject({
  schema,
  kind: z.literal('solve'),
  run: runIdSchema,
  version,
  shard,
  attempt,
  from: storedVersionSchema,
  /** null where y_i = 0. */
  dual: dualSourceSchema.nullable(),
  penalty: groupPenaltiesSchema,
  /** α of the shard's last step, from which the search for the next one starts. */
  stepLength: z.number().gt(0),
  /** true: the subproblem has no finite solution even under a larger σ, so θ_i = z̃ is its answer. */
  keepsConsensus: z.boolean(),
});
export type SolveTask = z.output<typeof solveTaskSchema>;

/** Asks for the metrics of z of one version: `evaluate` on validation data, `test` on test data. */
export const evaluateTaskSchema = z.strictObject({
  schema,
  kind: z.enum(['evaluate', 'test']),
  run: runIdSchema,
  version,
  shard: z.literal(0),
  attempt,
  from: storedVersionSchema,
});
export type EvaluateTask = z.output<typeof evaluateTaskSchema>;

export const taskSchema = z.discriminatedUnion('kind', [solveTaskSchema, evaluateTaskSchema]);
export type Task = z.output<typeof taskSchema>;

/** What every answer carries: the task it answers, who did it, and how long each phase took. */
const answered = {
  schema,
  run: runIdSchema,
  version,
  shard,
  attempt,
  nonce: nonceSchema,
  worker: workerInfoSchema,
  startedAtMs: z.int().min(0),
  finishedAtMs: z.int().min(0),
  seconds: phaseSecondsSchema,
  transferred: transferredSchema,
};

export const solveResultSchema = z.strictObject({
  ...answered,
  kind: z.literal('solve'),
  /** Of the uploaded contribution w_i; with shard and version it names the object. */
  digest: contributionDigestSchema,
  sizeBytes: z.int().min(1),
  figures: solveFiguresSchema,
});
export type SolveResult = z.output<typeof solveResultSchema>;

export const evaluateResultSchema = z.strictObject({
  ...answered,
  kind: z.enum(['evaluate', 'test']),
  metrics: metricsSchema,
  /** Of the parameters that were measured on test data, as one safetensors object; older workers did not say. */
  digest: digestSchema.optional(),
});
export type EvaluateResult = z.output<typeof evaluateResultSchema>;

/**
 * Why there is no answer. `notFinite`: the same subproblem would come back the same; `unreadable`: an object is missing
 * or is not what its digest says, which another try may mend.
 */
export const refusalCauseSchema = z.enum(['notFinite', 'unreadable']);
export type RefusalCause = z.output<typeof refusalCauseSchema>;

/** The worker could do the task but not answer it: a solution that is not finite, a shard that does not decode. */
export const refusalSchema = z.strictObject({
  ...answered,
  kind: z.literal('refusal'),
  of: z.enum(['solve', 'evaluate', 'test']),
  cause: refusalCauseSchema,
  reason: z.string().min(1).max(1000),
});
export type Refusal = z.output<typeof refusalSchema>;

const asked = { schema, kind: z.literal('control'), run: runIdSchema, nonce: nonceSchema };

/** What a person asks of a run. */
export const controlSchema = z.discriminatedUnion('action', [
  /** `redrive` sends what is outstanding again, however often it failed, and lets shards that were given up rejoin. */
  z.strictObject({ ...asked, action: z.enum(['stop', 'pause', 'resume', 'redrive']) }),
  /** Limits that are left out stay as they are; null goes back to the config's. */
  z.strictObject({ ...asked, action: z.literal('setBudget'), budget: budgetSchema.partial() }),
]);
export type Control = z.output<typeof controlSchema>;

/** A block of a fold that is being formed, by the plan's commit, which names plan and blocks. */
const blockOfFold = {
  schema,
  run: runIdSchema,
  version,
  commitId: commitIdSchema,
  block: z.int().min(0).lt(STRIPES),
  nonce: nonceSchema,
};

/** Asks for one block of a fold. Its answer is a function of the plan and the block. */
export const foldJobSchema = z.strictObject({
  ...blockOfFold,
  kind: z.literal('fold'),
  /** Of the plan. */
  digest: digestSchema,
});
export type FoldJob = z.output<typeof foldJobSchema>;

/** A block of a new version as it lies in the store, and the sums over its stripes that the residuals are made from. */
export const formedBlockSchema = z.strictObject({
  digest: digestSchema,
  broadcastDigest: digestSchema.nullable(),
  remainderDigest: digestSchema.nullable(),
  /** Elements of the block. */
  length: z.int().min(0),
  sums: z
    .array(
      z.strictObject({
        progress: z.number(),
        squaredDistance: z.number(),
        squaredMove: z.number(),
        squaredNorm: z.number(),
      }),
    )
    .max(STRIPES),
});
export type FormedBlock = z.output<typeof formedBlockSchema>;

/** A block is formed. */
export const foldedSchema = z.strictObject({
  ...blockOfFold,
  kind: z.literal('folded'),
  formed: formedBlockSchema,
});
export type Folded = z.output<typeof foldedSchema>;

/** A block cannot be formed, because of one contribution: no other block of this fold is of use. */
export const unfoldedSchema = z.strictObject({
  ...blockOfFold,
  kind: z.literal('unfolded'),
  contribution: z.strictObject({ shard, version, cause: refusalCauseSchema, reason: z.string().min(1) }),
});
export type Unfolded = z.output<typeof unfoldedSchema>;

/** Whatever may arrive on the results queue. */
export const runEventSchema = z.discriminatedUnion('kind', [
  solveResultSchema,
  evaluateResultSchema,
  refusalSchema,
  controlSchema,
  foldedSchema,
  unfoldedSchema,
]);
export type RunEvent = z.output<typeof runEventSchema>;
