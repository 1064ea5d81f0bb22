import { readdirSync, readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { SubproblemOptions } from '../../lib/admm/subproblem.ts';
import { type ArrayTensor, decodeSafetensors, type NamedArrays } from '../../lib/codec/safetensors.ts';
import { solverSchema } from '../../lib/protocol/config.ts';
import { taskShapeSchema } from '../../lib/protocol/dataset.ts';
import { groupPenaltiesSchema } from '../../lib/protocol/figures.ts';
import { parameterNames } from '../../lib/protocol/parameters.ts';
import type { Batch } from '../../lib/rnn/batch.ts';

const caseSchema = z.object({
  shape: taskShapeSchema,
  cell: z.enum(['tanh', 'relu']),
  hiddenUnits: z.int(),
  options: solverSchema.unwrap().omit({ batchSize: true }),
  penalty: groupPenaltiesSchema,
});

/** One stored subproblem and the step that solves it; see scripts/reference_vectors.py. */
export interface ReferenceVector extends z.output<typeof caseSchema> {
  readonly name: string;
  readonly options: SubproblemOptions;
  readonly broadcast: NamedArrays;
  readonly dual: NamedArrays;
  readonly step: NamedArrays;
  readonly inputs: ArrayTensor;
  readonly targets: ArrayTensor;
}

const directory = new URL('./vectors/', import.meta.url);

function readVector(file: string): ReferenceVector {
  const { tensors, metadata } = decodeSafetensors(
    Uint8Array.from(readFileSync(new URL(file, directory))),
    file,
  );
  const tensor = (name: string): ArrayTensor => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`${file} has no ${name}`);
    return found;
  };
  const set = (prefix: string): NamedArrays =>
    new Map(parameterNames.map((name) => [name, tensor(`${prefix}.${name}`)]));
  return {
    ...caseSchema.parse(JSON.parse(metadata.case ?? '')),
    name: file.replace('.safetensors', ''),
    broadcast: set('z'),
    dual: set('dual'),
    step: set('delta'),
    inputs: tensor('inputs'),
    targets: tensor('targets'),
  };
}

/** All stored vectors. */
export const referenceVectors = (): ReferenceVector[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith('.safetensors'))
    .map(readVector);

const upload = ({ data, shape }: ArrayTensor): tf.Tensor =>
  data instanceof Int32Array
    ? tf.tensor(data.slice(), [...shape], 'int32')
    : tf.tensor(Float32Array.from(data), [...shape]);

/** The batch of a vector, on the backend in use. */
export const uploadBatch = ({ inputs, targets }: ReferenceVector): Batch => ({
  inputs: upload(inputs),
  targets: upload(targets),
});
