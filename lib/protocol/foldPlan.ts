/**
 * What a consensus update is made from. Where it is formed in blocks, this lies in the store as the plan that every block
 * is formed by, so that the messages that ask for them stay small.
 */
import * as z from 'zod';
import { groupPenaltiesSchema } from './figures.ts';
import { commitIdSchema, contributionDigestSchema, digestSchema, runIdSchema } from './ids.ts';
import { versionEntrySchema } from './state.ts';

const version = z.int().min(0);
const shard = z.int().min(0);
const samples = z.int().min(1);

/** Names an object that holds some w_i. */
export const contributionNameSchema = z.object({
  /** Version it was solved from. */
  version,
  digest: contributionDigestSchema,
});
export type ContributionName = z.output<typeof contributionNameSchema>;

/** The name alone, of what says more. */
export const contributionName = ({ version, digest }: ContributionName): ContributionName => ({
  version,
  digest,
});

/** One term of the average: the object that holds w_i and its weight n_i. */
export const memberSchema = z.strictObject({
  shard,
  /** null before a shard's first arrival, where w_i = z_0. */
  contribution: contributionNameSchema.nullable(),
  samples,
});
export type Member = z.output<typeof memberSchema>;

/** What one arrival changes in the sum. */
export const changeSchema = z.strictObject({
  shard,
  samples,
  before: contributionNameSchema.nullable(),
  after: contributionNameSchema,
});
export type Change = z.output<typeof changeSchema>;

/** An update that goes on from the last average. */
export const partialUpdateSchema = z.strictObject({
  changes: z.array(changeSchema).min(1),
  /** Σ n_i over all members. */
  totalSamples: samples,
  remainderDigest: digestSchema,
});
export type PartialUpdate = z.output<typeof partialUpdateSchema>;

/** A consensus update that is due: w̄ over `members` in this order, then z, z̃ and the residuals. */
export const foldRequestSchema = z.strictObject({
  version,
  members: z.array(memberSchema).min(1),
  /** null: w̄ is formed anew from all members. */
  partial: partialUpdateSchema.nullable(),
  /** Whether a partial update may go on from this one. */
  keepsRemainder: z.boolean(),
  /** The version that the arrived contributions are measured against. */
  current: versionEntrySchema,
  /** The version before it, for the velocity; null at the first update. */
  previous: versionEntrySchema.nullable(),
  /** z_0, where a shard had not been taken in before. */
  initial: versionEntrySchema.nullable(),
  penalty: groupPenaltiesSchema,
  /** Σ n_i/n ‖θ_i − z̃‖² over what arrived. */
  meanStepSquaredNorm: z.number().min(0),
});
export type FoldRequest = z.output<typeof foldRequestSchema>;

/** The closing average that is to be formed. */
export const closingRequestSchema = z.strictObject({
  /** The number it takes. */
  version,
  /** Whose z are averaged, in this order. */
  entries: z.array(versionEntrySchema).min(1),
});
export type ClosingRequest = z.output<typeof closingRequestSchema>;

const head = { schema: z.literal(1), run: runIdSchema, commitId: commitIdSchema };

/** A plan as it lies in the store; the blocks lie under its commit's name. */
export const foldPlanSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...head, kind: z.literal('round'), request: foldRequestSchema }),
  z.strictObject({ ...head, kind: z.literal('closing'), request: closingRequestSchema }),
]);
export type FoldPlan = z.output<typeof foldPlanSchema>;
