import { ConfigError } from '../errors.ts';
import type { ModelConfig, SolverConfig } from '../protocol/config.ts';
import type { TaskShape } from '../protocol/dataset.ts';
import type { ParameterGroup } from '../protocol/figures.ts';
import type { ParameterName } from '../protocol/parameters.ts';
import type { ParameterShapes } from '../tensors/parameters.ts';

/** n: features of a dense input, or the vocabulary of a one-hot one. */
export const inputSize = ({ input }: TaskShape): number =>
  input.kind === 'dense' ? input.features : input.vocabulary;

/** K: outputs of the network. */
export const outputSize = ({ target }: TaskShape): number =>
  target.kind === 'classes' ? target.classes : target.size;

/**
 * Shapes of U (n, H), W (H, H), b (H), V (H, K) and c (K), in the order in which they are stored.
 *
 * @throws ConfigError where inputs are padded and the output is read at every step: what a padded step should
 *   be read out against is not defined.
 */
export function parameterShapes(shape: TaskShape, model: Pick<ModelConfig, 'hiddenUnits'>): ParameterShapes {
  if (isPadded(shape) && shape.readout === 'every') {
    const mismatch = { field: 'readout', expected: '"last" where inputs are padded', received: '"every"' };
    throw new ConfigError('network', [mismatch]);
  }
  const [n, H, K] = [inputSize(shape), model.hiddenUnits, outputSize(shape)];
  return { U: [n, H], W: [H, H], b: [H], V: [H, K], c: [K] };
}

/** Whether id 0 stands for no step at all. */
export const isPadded = ({ input }: TaskShape): boolean => input.kind === 'oneHot' && input.padded;

/**
 * The group whose penalty σ a parameter has. U is a group of its own where it is solved alone, with the word
 * counts as its Gram matrix.
 */
export function parameterGroup(
  name: ParameterName,
  penalty: Pick<SolverConfig['penalty'], 'input'>,
): ParameterGroup {
  if (name === 'U') return (penalty.input ?? null) === null ? 'recurrent' : 'input';
  return name === 'V' || name === 'c' ? 'readout' : 'recurrent';
}
