/**
 * A trial is one training run of an experiment: a value that says everything its result depends on but the program, so
 * that results are kept under its digest and an experiment that was interrupted goes on where it stopped.
 */
import { z } from 'zod';
import { methodNames } from '../../lib/baselines/rules.ts';
import { sha256Hex } from '../../lib/codec/digest.ts';
import { datasetSchema, modelSchema, runConfigSchema } from '../../lib/protocol/config.ts';
import { metricsSchema } from '../../lib/protocol/figures.ts';

const positiveInteger = z.int().min(1);

/** Raised whenever results of older programs are not to be used any more. */
const TRIAL_SCHEMA = 1;

/** Simulated durations of subproblems: computation is real, time is not. */
const simulationSchema = z.strictObject({
  /** Of a subproblem of the fastest shard, in simulated milliseconds. */
  taskMs: z.number().gt(0),
  /** Times as long a subproblem of each shard takes; the last one holds for all that follow. */
  slowness: z.array(z.number().min(1)).min(1),
  /** Mean of an exponential delay that every task has besides, drawn from the seed; in simulated milliseconds. */
  jitterMs: z.number().min(0),
  /** The run is stopped at this simulated time. */
  untilMs: z.number().gt(0),
});
export type Simulation = z.output<typeof simulationSchema>;

const padmmSchema = z.strictObject({
  kind: z.literal('padmm'),
  config: runConfigSchema,
  simulation: simulationSchema.nullable(),
});
export type PadmmTrial = z.output<typeof padmmSchema>;

const baselineSchema = z.strictObject({
  kind: z.literal('baseline'),
  dataset: datasetSchema,
  model: modelSchema,
  seed: z.int().min(0),
  optimizer: z.strictObject({ method: z.enum(methodNames), learningRate: z.number().gt(0) }),
  batchSize: positiveInteger,
  clipNorm: z.number().gt(0).nullable(),
  /** Samples trained on. */
  samples: positiveInteger,
  /** Samples between two measurements on validation data. */
  measureEvery: positiveInteger,
  /** Whether the model chosen, and the last one, are measured on test data: only where nothing is being tuned. */
  test: z.boolean(),
});
export type BaselineTrial = z.output<typeof baselineSchema>;

/** Looks at one batch of the untrained network: what reaches each time step from the output. */
const signalSchema = z.strictObject({
  kind: z.literal('signal'),
  config: runConfigSchema,
});
export type SignalTrial = z.output<typeof signalSchema>;

/** A run on real processes, one of whose workers is held up part of the time. */
const processesSchema = z.strictObject({
  kind: z.literal('processes'),
  config: runConfigSchema,
  workers: positiveInteger,
  /** Part of the time during which the first worker is stopped. */
  stoppedShare: z.number().min(0).lt(1),
});
export type ProcessesTrial = z.output<typeof processesSchema>;

export const trialSchema = z.discriminatedUnion('kind', [
  padmmSchema,
  baselineSchema,
  signalSchema,
  processesSchema,
]);
export type Trial = z.output<typeof trialSchema>;

/** One measurement on validation data. */
const pointSchema = z.strictObject({
  samples: z.int().min(0),
  /** CPU time of training alone, without measurements and the preparation of data; simulated where time is. */
  seconds: z.number().min(0),
  metrics: metricsSchema,
});
export type Point = z.output<typeof pointSchema>;

/** A model measured on validation data, and on test data where that was asked for. */
const measuredSchema = z.strictObject({
  samples: z.int().min(0),
  validation: metricsSchema,
  test: metricsSchema.nullable(),
});
export type Measured = z.output<typeof measuredSchema>;

/** A consensus update. Figures of subproblems are means over its arrivals, null where none of them was solved. */
const roundSchema = z.strictObject({
  seconds: z.number().min(0),
  primal: z.number(),
  dual: z.number(),
  loss: z.number(),
  augmentedLagrangian: z.number().nullable(),
  affineResidual: z.number().nullable(),
  activationResidual: z.number().nullable(),
  outputResidual: z.number().nullable(),
});
export type Round = z.output<typeof roundSchema>;

const trainingSchema = z.strictObject({
  kind: z.literal('training'),
  curve: z.array(pointSchema).min(1),
  /** Lowest validation loss, the earliest of equals; the same rule for every method. */
  best: measuredSchema,
  last: measuredSchema,
  /** Why training ended early; null where it did not. */
  diverged: z.string().nullable(),
  seconds: z.number().min(0),
  /** By version formed; empty for baselines. */
  rounds: z.array(roundSchema),
});
export type Training = z.output<typeof trainingSchema>;

const signalResultSchema = z.strictObject({
  kind: z.literal('signal'),
  /** ‖∂L/∂s_t‖ over the batch, t = 1 … T. */
  gradientNorms: z.array(z.number()),
  /** ‖δs_t‖ of the targets that the subproblem is solved for. */
  targetNorms: z.array(z.number()),
});
export type Signal = z.output<typeof signalResultSchema>;

export const resultSchema = z.discriminatedUnion('kind', [trainingSchema, signalResultSchema]);
export type Result = z.output<typeof resultSchema>;

/** Names a trial: equal settings have equal digests, whatever the order in which they are written. */
export function trialDigest(trial: Trial): string {
  return sha256Hex(JSON.stringify([TRIAL_SCHEMA, trialSchema.parse(trial)]));
}
