/**
 * Primal and dual residuals of the consensus constraint θ_i = z; Boyd et al. 2011, §3.3 and §7.1. They are put together
 * from sums over parts of the parameters, always the same parts in the same order, so that they are the same bits whoever
 * formed which of them.
 */
import type { Range } from '../protocol/blocks.ts';
import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/** What the residuals need of a part of the parameters. */
export interface ResidualSums {
  /** ⟨w̄ − z̃, z − z̃⟩, w̄ rounded to float32, or of a partial update ⟨d, z − z̃⟩ over the share of all samples that arrived. */
  readonly progress: number;
  /** ‖z − z̃‖², z̃ of the version before. */
  readonly squaredDistance: number;
  /** Σ_g σ_g² ‖z_g − z_g,previous‖². */
  readonly squaredMove: number;
  /** ‖z‖². */
  readonly squaredNorm: number;
}

/** The versions that a new one is measured by. */
export interface VersionsBefore {
  /** z. */
  readonly current: Float32Array;
  /** z̃. */
  readonly broadcast: Float32Array;
}

/** What a new version was made from. */
export interface Update {
  /** w̄. */
  readonly mean: Float64Array<ArrayBuffer>;
  /** Of a partial update: d, the mean of w_new − w_old over what arrived, and the share of all samples that arrived. */
  readonly change: { readonly values: Float64Array<ArrayBuffer>; readonly share: number } | null;
}

/** How far the new z is from the versions before, in elements `start` up to `end`: all in one pass through memory. */
export function residualSums(
  z: Float32Array,
  { current, broadcast }: VersionsBefore,
  { mean, change }: Update,
  layout: Layout,
  penalty: GroupPenalties,
  { start, end }: Range = { start: 0, end: layout.length },
): ResidualSums {
  const isFull = change === null;
  const { values, share } = change ?? { values: mean, share: 1 };
  let [progress, squaredDistance, squaredMove, squaredNorm] = [0, 0, 0, 0];
  for (const segment of layout.segments) {
    const last = Math.min(segment.end, end);
    let segmentMove = 0;
    for (let i = Math.max(segment.start, start); i < last; i++) {
      const x = z[i] as number;
      const origin = broadcast[i] as number;
      const distance = x - origin;
      const move = x - (current[i] as number);
      const direction = values[i] as number;
      progress += (isFull ? Math.fround(direction) - origin : direction) * distance;
      squaredDistance += distance * distance;
      segmentMove += move * move;
      squaredNorm += x * x;
    }
    squaredMove += penaltyOf(segment, penalty) ** 2 * segmentMove;
  }
  return { progress: progress / share, squaredDistance, squaredMove, squaredNorm };
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
