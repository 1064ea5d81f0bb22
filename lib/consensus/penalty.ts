import type { GroupPenalties } from '../protocol/figures.ts';

/** When and by how much σ changes. */
export interface Balancing {
  /** A residual has to exceed the other by this factor. */
  readonly ratio: number;
  /** By which σ is multiplied or divided. */
  readonly factor: number;
}

/**
 * Residual balancing (Boyd et al. 2011, section 3.4.1): σ grows where the shards disagree more than z moves, and falls where
 * z moves more than the shards disagree. Scaled duals have to follow: y is multiplied by σ_then / σ_now.
 */
export function balancePenalty(
  penalty: GroupPenalties,
  { primal, dual }: { readonly primal: number; readonly dual: number },
  { ratio, factor }: Balancing,
): GroupPenalties {
  const change = primal > ratio * dual ? factor : dual > ratio * primal ? 1 / factor : 1;
  const { input, recurrent, readout } = penalty;
  return { input: input * change, recurrent: recurrent * change, readout: readout * change };
}
