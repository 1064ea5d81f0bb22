import type { Network } from '../rnn/network.ts';
import { parameterShapes } from '../rnn/shape.ts';
import type { Backend } from '../tensors/backend.ts';
import { disposeParameters, type ParameterSet, uploadParameters } from '../tensors/parameters.ts';
import type { Model } from './model.ts';

/**
 * Does something with a model whose parameters are on the backend, and frees them.
 *
 * @throws IntegrityError where parameters are not of the model's shape.
 */
export function withParameters<R>(
  { shape, config, parameters }: Model,
  backend: Backend,
  use: (network: Network, parameters: ParameterSet) => R,
): R {
  const uploaded = uploadParameters(parameters, parameterShapes(shape, config));
  try {
    return use({ backend, shape, model: config }, uploaded);
  } finally {
    disposeParameters(uploaded);
  }
}
