/** Primal and dual residuals of the consensus constraint θ_i = z; Boyd et al. 2011, §3.3 and §7.1. */
import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/** ‖a‖. */
export function norm(a: Float32Array): number {
  let sum = 0;
  for (const x of a) sum += x * x;
  return Math.sqrt(sum);
}

/** ‖a − b‖². */
export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = (a[i] as number) - (b[i] as number);
    sum += d * d;
  }
  return sum;
}

/** ⟨w̄ − z̃, z − z̃⟩ of a full update. */
export function fullProgress(
  average: Float32Array,
  consensus: Float32Array,
  broadcast: Float32Array,
): number {
  let sum = 0;
  for (let i = 0; i < average.length; i++) {
    const origin = broadcast[i] as number;
    sum += ((average[i] as number) - origin) * ((consensus[i] as number) - origin);
  }
  return sum;
}

/** ⟨d, z − z̃⟩ of a partial update, d being the mean of w_new − w_old over what arrived. */
export function partialProgress(
  meanChange: Float64Array,
  consensus: Float32Array,
  broadcast: Float32Array,
): number {
  let sum = 0;
  for (let i = 0; i < meanChange.length; i++) {
    sum += (meanChange[i] as number) * ((consensus[i] as number) - (broadcast[i] as number));
  }
  return sum;
}

/** What the primal residual is made from, without any θ_i. */
export interface PrimalTerms {
  /** Σ n_i/n ‖θ_i − z̃‖² over what arrived, from the workers' reports. */
  readonly meanStepSquaredNorm: number;
  /** `fullProgress` or `partialProgress`. */
  readonly progress: number;
  readonly consensus: Float32Array;
  /** z̃ of the version before. */
  readonly broadcast: Float32Array;
  /** α of over-relaxation. */
  readonly relaxation: number;
}

/**
 * The primal residual (Σ n_i/n ‖θ_i − z‖²)^½ over the shards that arrived, from
 * Σ n_i/n ‖θ_i − z̃‖² − 2⟨mean(θ_i − z̃), z − z̃⟩ + ‖z − z̃‖², which needs no vector but those at hand.
 *
 * In a full update Σ n_i y_i = 0, so that the mean of θ_i − z̃ is (w̄ − z̃)/α: exact without weight decay. In a partial one
 * w_new − w_old = α(θ_i − z̃) where z̃ is the anchor of w_old and σ has not changed: exact for contributions without
 * staleness and momentum. For stale ones it measures from the newest z̃ instead of that which they were solved from.
 */
export function primalResidual(terms: PrimalTerms): number {
  const { meanStepSquaredNorm, progress, consensus, broadcast, relaxation } = terms;
  const squared = meanStepSquaredNorm - (2 * progress) / relaxation + squaredDistance(consensus, broadcast);
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
