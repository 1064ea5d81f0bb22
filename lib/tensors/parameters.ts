/** Network parameters on the backend: U (n, H), W (H, H), b (H), V (H, K), c (K). */
import * as tf from '@tensorflow/tfjs-core';
import type { ArrayTensor, NamedArrays } from '../codec/safetensors.ts';
import { IntegrityError } from '../errors.ts';
import { type ParameterName, parameterNames } from '../protocol/parameters.ts';
import { sumOfSquares } from './arithmetic.ts';

/** Parameters by value, in the order in which they are stored. */
export type ParameterArrays = NamedArrays<Float32Array<ArrayBuffer>>;

/** One tensor a parameter. Whoever holds a set disposes of it. */
export type ParameterSet = Readonly<Record<ParameterName, tf.Tensor>>;

/** The shape that each parameter must have. */
export type ParameterShapes = Readonly<Record<ParameterName, readonly number[]>>;

/** Builds a set from one tensor a name. */
export function mapParameters(make: (name: ParameterName) => tf.Tensor): ParameterSet {
  return { U: make('U'), W: make('W'), b: make('b'), V: make('V'), c: make('c') };
}

function checkParameter(
  subject: string,
  name: ParameterName,
  tensor: ArrayTensor | undefined,
  shape: readonly number[],
): ArrayTensor<Float32Array<ArrayBuffer>> {
  const expected = `float32 of shape [${shape}]`;
  if (tensor === undefined) throw new IntegrityError(subject, { field: name, expected, received: 'nothing' });
  const { data } = tensor;
  const matches = tensor.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
  if (!(data instanceof Float32Array) || !matches) {
    const received = `${data.constructor.name} of shape [${tensor.shape}]`;
    throw new IntegrityError(subject, { field: name, expected, received });
  }
  return { shape: tensor.shape, data };
}

/**
 * Stored tensors as the parameters of a network; the arrays stay the same.
 *
 * @param shapes what the network expects.
 * @param subject where they come from (a file's path, an object's key), for the message of an error.
 * @throws IntegrityError naming the first tensor that is missing, unknown, or of another type or shape.
 */
export function checkParameters(
  arrays: NamedArrays,
  shapes: ParameterShapes,
  subject = 'parameters',
): ParameterArrays {
  const checked = new Map(
    parameterNames.map((name) => [name, checkParameter(subject, name, arrays.get(name), shapes[name])]),
  );
  for (const name of arrays.keys()) {
    if (name in shapes) continue;
    throw new IntegrityError(subject, { field: name, expected: parameterNames.join(', '), received: name });
  }
  return checked;
}

/**
 * Copies stored parameters to the backend.
 *
 * @param shapes what the network expects.
 * @throws IntegrityError as {@link checkParameters}.
 */
export function uploadParameters(arrays: NamedArrays, shapes: ParameterShapes): ParameterSet {
  const copies = [...arrays].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const);
  return handOver(new Map(copies), shapes);
}

/**
 * The same, without a copy that nobody needs: a tensor of tfjs-node shares its array's memory until a kernel asks for it, so
 * nobody else may change the arrays from here on.
 */
export function handOver(arrays: NamedArrays, shapes: ParameterShapes): ParameterSet {
  const checked = checkParameters(arrays, shapes);
  return mapParameters((name) => tf.tensor(checked.get(name)?.data ?? [], [...shapes[name]], 'float32'));
}

/** Parameters in the order in which they are stored. The arrays may be the tensors' own: nobody may change them. */
export function viewParameters(parameters: ParameterSet): ParameterArrays {
  return new Map(
    parameterNames.map((name) => {
      const tensor = parameters[name];
      return [
        name,
        { shape: [...tensor.shape], data: tensor.dataSync<'float32'>() as Float32Array<ArrayBuffer> },
      ];
    }),
  );
}

/** Copies parameters off the backend, in the order in which they are stored. */
export function downloadParameters(parameters: ParameterSet): ParameterArrays {
  const views = [...viewParameters(parameters)];
  return new Map(views.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
}

/** Frees the tensors of a set. */
export function disposeParameters(parameters: ParameterSet): void {
  for (const name of parameterNames) parameters[name].dispose();
}

/** ‖p‖², over all parameters. */
export function squaredNorm(parameters: ParameterSet): number {
  return tf.tidy(() => parameterNames.reduce((total, name) => total + sumOfSquares(parameters[name]), 0));
}
