/** A shard's contribution to the consensus, and the scaled dual that is made anew from it. */
import * as tf from '@tensorflow/tfjs-core';
import type { SolverConfig } from '../protocol/config.ts';
import type { GroupPenalties } from '../protocol/figures.ts';
import { parameterGroup } from '../rnn/shape.ts';
import { mapParameters, type ParameterSet } from '../tensors/parameters.ts';

/** What a contribution is made of. */
export interface ContributionTerms {
  /** θ_i. */
  readonly solution: ParameterSet;
  /** z̃, from which θ_i was solved. */
  readonly broadcast: ParameterSet;
  /** y_i; null where it is zero. */
  readonly dual: ParameterSet | null;
  /** α; 1 turns over-relaxation off. */
  readonly relaxation: number;
}

/**
 * w_i = α θ_i + (1 − α) z̃ + y_i (Boyd et al., Distributed Optimization by ADMM, 2011, sections 3.4.3 and 7.1).
 * The caller disposes of it.
 */
export function contribution({ solution, broadcast, dual, relaxation }: ContributionTerms): ParameterSet {
  return tf.tidy(() =>
    mapParameters((name) => {
      const relaxed =
        relaxation === 1
          ? tf.clone(solution[name])
          : tf.add(tf.mul(solution[name], relaxation), tf.mul(broadcast[name], 1 - relaxation));
      return dual === null ? relaxed : tf.add(relaxed, dual[name]);
    }),
  );
}

/** What a scaled dual is made of. */
export interface DualTerms {
  /** w_i: the shard's last contribution. */
  readonly contribution: ParameterSet;
  /** a: the consensus variable that took it in. */
  readonly anchor: ParameterSet;
  /** σ of each group at take-in, and now. */
  readonly penaltyThen: GroupPenalties;
  readonly penaltyNow: GroupPenalties;
}

/**
 * y_i = (σ_then / σ_now) (w_i − a): the dual update y_i + θ_i − z, scaled anew where σ has changed
 * (Boyd et al. 2011, section 3.4.1). The caller disposes of it.
 *
 * @param penalty of the solver's config: says whether U has a group of its own.
 */
export function scaledDual(
  { contribution: taken, anchor, penaltyThen, penaltyNow }: DualTerms,
  penalty: Pick<SolverConfig['penalty'], 'input'>,
): ParameterSet {
  return tf.tidy(() =>
    mapParameters((name) => {
      const group = parameterGroup(name, penalty);
      const residual = tf.sub(taken[name], anchor[name]);
      const ratio = penaltyThen[group] / penaltyNow[group];
      return ratio === 1 ? residual : tf.mul(residual, ratio);
    }),
  );
}
