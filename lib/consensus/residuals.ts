/** Primal and dual residuals of the consensus constraint θ_i = z; Boyd et al. 2011, §3.3 and §7.1. */
import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/** ‖a − b‖². */
export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = (a[i] as number) - (b[i] as number);
    sum += d * d;
  }
  return sum;
}

/** ⟨a − o, b − o⟩. */
function innerProductAround(a: Float32Array, b: Float32Array, origin: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const o = origin[i] as number;
    sum += ((a[i] as number) - o) * ((b[i] as number) - o);
  }
  return sum;
}

/** What the primal residual is made from, without any θ_i. */
export interface PrimalTerms {
  /** Σ n_i/n ‖θ_i − z̃‖², from the workers' reports. */
  readonly meanStepSquaredNorm: number;
  /** w̄, the average before the consensus prox. */
  readonly average: Float32Array;
  readonly consensus: Float32Array;
  /** z̃ from which the subproblems were solved. */
  readonly broadcast: Float32Array;
  /** α of over-relaxation. */
  readonly relaxation: number;
}

/**
 * The primal residual (Σ n_i/n ‖θ_i − z‖²)^½. With Σ n_i y_i = 0, the mean of θ_i − z̃ is (w̄ − z̃)/α, so that
 * Σ n_i/n ‖θ_i − z‖² = Σ n_i/n ‖θ_i − z̃‖² − 2⟨(w̄ − z̃)/α, z − z̃⟩ + ‖z − z̃‖² needs no vector but those at hand. It is exact
 * for full updates without weight decay, and leaves out the duals' mean elsewhere.
 */
export function primalResidual(terms: PrimalTerms): number {
  const { meanStepSquaredNorm, average, consensus, broadcast, relaxation } = terms;
  const cross = innerProductAround(average, consensus, broadcast) / relaxation;
  const squared = meanStepSquaredNorm - 2 * cross + squaredDistance(consensus, broadcast);
  return Math.sqrt(Math.max(0, squared));
}

/** The dual residual (Σ_g σ_g² ‖z_g − z_g,previous‖²)^½ over the parameter groups g. */
export function dualResidual(
  consensus: Float32Array,
  previous: Float32Array,
  layout: Layout,
  penalty: GroupPenalties,
): number {
  let squared = 0;
  for (const segment of layout.segments) {
    const range = [segment.start, segment.end] as const;
    const distance = squaredDistance(consensus.subarray(...range), previous.subarray(...range));
    squared += penaltyOf(segment, penalty) ** 2 * distance;
  }
  return Math.sqrt(squared);
}
