/**
 * Primal and dual residuals of the consensus constraint θ_i = z; Boyd et al. 2011, §3.3 and §7.1. They are put together
 * from sums over parts of the parameters, always the same parts in the same order, so that they are the same bits whoever
 * formed which of them.
 */
import type { Range } from '../protocol/blocks.ts';
import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/** ‖a‖². */
export function squaredNorm(a: Float32Array): number {
  let sum = 0;
  for (const x of a) sum += x * x;
  return sum;
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

/** Σ_g σ_g² ‖a_g − b_g‖² over the parameter groups g, in elements `start` up to `end`. */
export function squaredMove(
  a: Float32Array,
  b: Float32Array,
  layout: Layout,
  penalty: GroupPenalties,
  { start, end }: Range = { start: 0, end: layout.length },
): number {
  let squared = 0;
  for (const segment of layout.segments) {
    const range = [Math.max(segment.start, start), Math.min(segment.end, end)] as const;
    if (range[0] >= range[1]) continue;
    squared += penaltyOf(segment, penalty) ** 2 * squaredDistance(a.subarray(...range), b.subarray(...range));
  }
  return squared;
}

/** What the residuals need of a part of the parameters. */
export interface ResidualSums {
  /** `fullProgress` or `partialProgress`. */
  readonly progress: number;
  /** ‖z − z̃‖², z̃ of the version before. */
  readonly squaredDistance: number;
  /** Σ_g σ_g² ‖z_g − z_g,previous‖². */
  readonly squaredMove: number;
  /** ‖z‖². */
  readonly squaredNorm: number;
}

/** The sums over all parts, added in their order. */
export function addSums(parts: readonly ResidualSums[]): ResidualSums {
  const sum = (field: keyof ResidualSums) => parts.reduce((total, part) => total + part[field], 0);
  return {
    progress: sum('progress'),
    squaredDistance: sum('squaredDistance'),
    squaredMove: sum('squaredMove'),
    squaredNorm: sum('squaredNorm'),
  };
}

/** What the primal residual is made from, without any θ_i. */
export interface PrimalTerms extends Pick<ResidualSums, 'progress' | 'squaredDistance'> {
  /** Σ n_i/n ‖θ_i − z̃‖² over what arrived, from the workers' reports. */
  readonly meanStepSquaredNorm: number;
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
  const { meanStepSquaredNorm, progress, squaredDistance: distance, relaxation } = terms;
  return Math.sqrt(Math.max(0, meanStepSquaredNorm - (2 * progress) / relaxation + distance));
}

/** The dual residual (Σ_g σ_g² ‖z_g − z_g,previous‖²)^½ over the parameter groups g. */
export const dualResidual = ({ squaredMove: squared }: Pick<ResidualSums, 'squaredMove'>): number =>
  Math.sqrt(squared);
