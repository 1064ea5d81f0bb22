import * as z from 'zod';

const limit = z.number().gt(0).nullable();

/** Limits set on a run after its submission; null: as its config says (`stop`). */
export const budgetSchema = z.strictObject({
  maxRounds: z.int().min(1).max(1_000_000).nullable(),
  maxWallSeconds: limit,
  maxWorkerSeconds: limit,
  maxCostUsd: limit,
});
export type Budget = z.output<typeof budgetSchema>;
