/** The term σ/2 ‖θ − (z − y)‖² of the closed-form steps. */
import * as tf from '@tensorflow/tfjs-core';
import type { GroupPenalties } from '../protocol/figures.ts';
import type { ParameterName } from '../protocol/parameters.ts';
import type { ParameterSet } from '../tensors/parameters.ts';

/** What holds the solution near the consensus. */
export interface ConsensusTerm {
  readonly penalty: GroupPenalties;
  readonly dual: ParameterSet | null;
}

/** Rows of several parameters as one matrix; a vector is one row. */
export function stackRows(
  parameters: ParameterSet | null,
  names: readonly ParameterName[],
): tf.Tensor2D | null {
  if (parameters === null) return null;
  const rows = names.map((name) => tf.reshape(parameters[name], [-1, parameters[name].shape.at(-1) ?? 0]));
  return tf.concat(rows as tf.Tensor2D[], 0);
}
