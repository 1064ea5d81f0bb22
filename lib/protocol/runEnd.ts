/** What is told of a run that has ended: the detail of its event. */
import * as z from 'zod';
import { metricsSchema } from './figures.ts';
import { runIdSchema } from './ids.ts';

/** Of the event: others read it. */
export const RUN_END_SCHEMA = 1;

const count = z.int().min(0);

export const runEndSchema = z.strictObject({
  schema: z.literal(RUN_END_SCHEMA),
  run: runIdSchema,
  status: z.enum(['done', 'stopped', 'failed']),
  /** Why it ended. */
  reason: z.string(),
  /** Consensus updates made. */
  rounds: count,
  /** The chosen model, or where none was chosen the best version measured; null where none was measured. */
  best: z
    .strictObject({
      version: count,
      validation: metricsSchema,
      /** Of the chosen model. */
      test: metricsSchema.nullable(),
    })
    .nullable(),
  /** At the prices of the run's config. */
  costUsd: z.number().min(0),
  workerSeconds: z.number().min(0),
  submittedAtMs: count,
  endedAtMs: count,
});
export type RunEnd = z.output<typeof runEndSchema>;
