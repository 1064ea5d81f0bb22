/**
 * What a stored dataset is: `datasets/{digest}/manifest.json`, written last, and one safetensors object for each
 * part, holding the tensors `inputs` and `targets`, sample-major.
 */
import * as z from 'zod';

/** Shapes of a learning task; T time steps, n inputs, K outputs. */
export const taskShapeSchema = z.strictObject({
  /** T. */
  timeSteps: z.int().min(1),
  input: z.discriminatedUnion('kind', [
    /** `inputs` is (samples, T, n) of U8 or F32; the network sees `scale` times the stored value. */
    z.strictObject({ kind: z.literal('dense'), features: z.int().min(1), scale: z.number() }),
    /** `inputs` is (samples, T) of I32 ids below `vocabulary`; with `padded`, id 0 is no step at all. */
    z.strictObject({ kind: z.literal('oneHot'), vocabulary: z.int().min(1), padded: z.boolean() }),
  ]),
  target: z.discriminatedUnion('kind', [
    /** `targets` is (samples) or, with readout at every step, (samples, T) of I32 class ids. */
    z.strictObject({ kind: z.literal('classes'), classes: z.int().min(2) }),
    /** `targets` is (samples, K) or (samples, T, K) of F32. */
    z.strictObject({ kind: z.literal('values'), size: z.int().min(1) }),
  ]),
  /** Whether the output is read at the last step or at every one. */
  readout: z.enum(['last', 'every']),
});
export type TaskShape = z.output<typeof taskShapeSchema>;

export const partSchema = z.strictObject({
  samples: z.int().min(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().min(1),
});
export type Part = z.output<typeof partSchema>;

export const manifestSchema = z.strictObject({
  schema: z.literal(1),
  /** SHA-256 of the recipe and of every part: equal datasets are stored once. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  shape: taskShapeSchema,
  /** One entry a shard. */
  train: z.array(partSchema).min(1),
  validation: partSchema,
  test: partSchema,
  /** Names of the classes, tokens or characters, where the data has them: what `predict` prints. */
  vocabulary: z.array(z.string()).optional(),
  classNames: z.array(z.string()).optional(),
});
export type DatasetManifest = z.output<typeof manifestSchema>;

/** `runs/{run}/dataset.json`: which stored dataset a run trains on. */
export const datasetReferenceSchema = z.strictObject({
  schema: z.literal(1),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});
export type DatasetReference = z.output<typeof datasetReferenceSchema>;
