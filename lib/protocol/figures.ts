import * as z from 'zod';

const finite = z.number();

/** What an evaluation measures on one split. */
export const metricsSchema = z.strictObject({
  /** Mean loss a supervised output, in nats (cross-entropy) or squared units. */
  loss: finite,
  /** Share of right answers; null for regression. */
  accuracy: z.number().min(0).max(1).nullable(),
  samples: z.int().min(0),
});
export type Metrics = z.output<typeof metricsSchema>;

/** Parameter groups: each has a penalty of its own. */
export const parameterGroups = ['input', 'recurrent', 'readout'] as const;
export type ParameterGroup = (typeof parameterGroups)[number];

/** σ of each parameter group. */
export const groupPenaltiesSchema = z.strictObject({
  input: z.number().gt(0),
  recurrent: z.number().gt(0),
  readout: z.number().gt(0),
});
export type GroupPenalties = z.output<typeof groupPenaltiesSchema>;

/** Seconds a worker spent in each phase of a task. */
export const phaseSecondsSchema = z.strictObject({
  /** Getting the shard, z̃ and what the dual is made from. */
  fetch: z.number().min(0),
  solve: z.number().min(0),
  upload: z.number().min(0),
});

/** Payload bytes a worker moved for one task. */
export const transferredSchema = z.strictObject({ readBytes: z.int().min(0), writtenBytes: z.int().min(0) });

/** Who did a task, on what. Equal fingerprints promise equal bytes. */
export const workerInfoSchema = z.strictObject({
  id: z.string().min(1).max(128),
  fingerprint: z.string().min(1).max(256),
});
export type WorkerInfo = z.output<typeof workerInfoSchema>;

/** How far the sweeps of a subproblem came: residuals are root mean squares a supervised output. */
export const subproblemFiguresSchema = z.strictObject({
  /** α: θ_i = z̃ + α δ. */
  stepLength: z.number().gt(0),
  /** Mean loss of the batch at θ_i; null where it was not looked at. */
  lossAfter: finite.nullable(),
  augmentedLagrangian: finite,
  /** s_t − x_t U − h_{t−1} W − b over all steps. */
  affineResidual: z.number().min(0),
  /** h_T − f(s_T). */
  activationResidual: z.number().min(0),
  /** o − h V − c. */
  outputResidual: z.number().min(0),
});

/** What the worker measured while it solved a subproblem. */
export const solveFiguresSchema = z.strictObject({
  /** Loss and accuracy of the batch at the broadcast point, before the step. */
  loss: finite,
  accuracy: z.number().min(0).max(1).nullable(),
  /** ‖θ_i − z̃‖². */
  stepSquaredNorm: z.number().min(0),
  /** ‖y_i‖² as dispatched. */
  dualSquaredNorm: z.number().min(0),
  /** Samples in the batch. */
  batchSamples: z.int().min(1),
  /** How the subproblem was left; absent where none was solved, because the shard was told to keep z̃. */
  subproblem: subproblemFiguresSchema.optional(),
});
export type SolveFigures = z.output<typeof solveFiguresSchema>;
