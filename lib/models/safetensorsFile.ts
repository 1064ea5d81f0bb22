/**
 * A model as one safetensors file. Its metadata, strings as the format wants them, says all that is needed to use the
 * parameters, so that the file alone is the model.
 */
import * as z from 'zod';
import { decodeSafetensors, encodeSafetensors } from '../codec/safetensors.ts';
import { datasetSchema, modelSchema } from '../protocol/config.ts';
import { taskShapeSchema } from '../protocol/dataset.ts';
import { metricsSchema } from '../protocol/figures.ts';
import { digestSchema, runIdSchema } from '../protocol/ids.ts';
import { parseStored } from '../protocol/validate.ts';
import { parameterShapes } from '../rnn/shape.ts';
import { checkParameters } from '../tensors/parameters.ts';
import type { Model } from './model.ts';
import { parseStoredJson } from './storedJson.ts';

const FORMAT = 'padmm-model';
const SCHEMA = '1';

/** Strings, as the format allows no other values; those of `description` hold JSON. */
const metadataSchema = z.object({
  format: z.literal(FORMAT),
  schema: z.literal(SCHEMA),
  description: z.string(),
});

const descriptionSchema = z.strictObject({
  run: runIdSchema,
  version: z.int().min(0),
  digest: digestSchema,
  dataset: z.strictObject({ name: z.string(), digest: digestSchema }),
  source: z
    .strictObject({ dataset: datasetSchema, shards: z.int().min(1), seed: z.int().min(0) })
    .exactOptional(),
  config: modelSchema,
  shape: taskShapeSchema,
  vocabulary: z.array(z.string()).exactOptional(),
  classNames: z.array(z.string()).exactOptional(),
  metrics: z.strictObject({ validation: metricsSchema.nullable(), test: metricsSchema.nullable() }),
});

/** Encodes a model; equal models give equal bytes. */
export function exportSafetensors(model: Model): Uint8Array<ArrayBuffer> {
  const { run, version, digest, dataset, source, config, shape, vocabulary, classNames, metrics } = model;
  const described = { run, version, digest, dataset, source, config, shape, vocabulary, classNames, metrics };
  return encodeSafetensors(model.parameters, {
    format: FORMAT,
    schema: SCHEMA,
    description: JSON.stringify(described),
  });
}

/**
 * Decodes a model file.
 *
 * @param subject the file's path, for the message of an error.
 * @throws IntegrityError where the bytes are damaged, are not a model of this project, or parameters are not of the
 *   shapes that the description says.
 */
export function importSafetensors(bytes: Uint8Array, subject = 'model'): Model {
  const { tensors, metadata } = decodeSafetensors(bytes, subject);
  const { description } = parseStored(metadataSchema, metadata, `${subject}, metadata`);
  const described = parseStoredJson(descriptionSchema, description, `${subject}, metadata.description`);
  const shapes = parameterShapes(described.shape, described.config);
  return { ...described, parameters: checkParameters(tensors, shapes, subject) };
}
