/**
 * The history of a run: one immutable object for each version formed and for each evaluation, written after the state
 * that they follow from. Reports, the dashboard and exports read nothing else.
 */
import * as z from 'zod';
import { groupPenaltiesSchema, metricsSchema } from './figures.ts';
import { checksumSchema } from './ids.ts';
import { solveResultSchema } from './messages.ts';

/** Of the records: what they have gained since may be left out, so that those of old runs are read. */
export const HISTORY_SCHEMA = 1;
const schema = z.literal(HISTORY_SCHEMA);
const timeMs = z.int().min(0);

/**
 * How a subproblem without a finite solution is answered: once under a larger σ, then with θ_i = z̃. Both are part of
 * what the run did, so they are recorded.
 */
export const remedySchema = z.enum(['none', 'largerPenalty', 'keepConsensus']);
export type Remedy = z.output<typeof remedySchema>;

/** One contribution as it was taken in. */
export const arrivalSchema = solveResultSchema
  .omit({ schema: true, kind: true, run: true, nonce: true })
  .extend({
    /** What programs whose contributions had a digest besides said as well. */
    checksum: checksumSchema.optional(),
    /** n_i: samples of the shard, its weight in the average. */
    samples: z.int().min(1),
    /** Version being formed − 1 − version solved from. */
    staleness: z.int().min(0),
    /** What the shard was granted because its subproblem had no finite solution. */
    remedy: remedySchema.default('none'),
  });
export type Arrival = z.output<typeof arrivalSchema>;

/** Primal and dual residual (Boyd et al. 2011, §3.3), averaged over shards by their samples. */
export const residualsSchema = z.strictObject({
  /** (Σ n_i/n ‖θ_i − z‖²)^½. */
  primal: z.number().min(0),
  /** (Σ_g σ_g² ‖z_g − z_g,previous‖²)^½ over the parameter groups g. */
  dual: z.number().min(0),
  /** ‖z‖ and how many numbers it has, which tolerances are measured against; older runs did not say. */
  consensusNorm: z.number().min(0).optional(),
  parameters: z.int().min(1).optional(),
});
export type Residuals = z.output<typeof residualsSchema>;

/** A consensus update: what came in and what became of it. */
export const roundRecordSchema = z.strictObject({
  schema,
  kind: z.literal('round'),
  version: z.int().min(1),
  formedAtMs: timeMs,
  arrivals: z.array(arrivalSchema).min(1),
  residuals: residualsSchema,
  /** σ under which the contributions were solved. */
  penalty: groupPenaltiesSchema,
  /** Batch loss and accuracy at the broadcast points, averaged over the arrivals. */
  loss: z.number(),
  accuracy: z.number().min(0).max(1).nullable(),
  /** Samples solved on since the run began. */
  samplesSeen: z.int().min(0),
});
export type RoundRecord = z.output<typeof roundRecordSchema>;

/** z of one version, measured on validation data, or the chosen model on test data. */
export const evaluationRecordSchema = z.strictObject({
  schema,
  kind: z.literal('evaluation'),
  split: z.enum(['validation', 'test']),
  version: z.int().min(0),
  metrics: metricsSchema,
  worker: z.string(),
  startedAtMs: timeMs,
  finishedAtMs: timeMs,
});
export type EvaluationRecord = z.output<typeof evaluationRecordSchema>;

export const historyRecordSchema = z.discriminatedUnion('kind', [roundRecordSchema, evaluationRecordSchema]);
export type HistoryRecord = z.output<typeof historyRecordSchema>;
