import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/** Whether any λ is above 0. */
export const decays = ({ recurrent, readout, input }: GroupPenalties): boolean =>
  recurrent > 0 || readout > 0 || input > 0;

/** What an update makes of w̄. */
export interface ConsensusStep {
  /** w̄ in float32. */
  readonly average: Float32Array<ArrayBuffer>;
  /** The same array where no λ is above 0. */
  readonly z: Float32Array<ArrayBuffer>;
}

/**
 * The consensus step z = prox(w̄) for weight decay: argmin_z λ/2 ‖z‖² + σ/2 ‖z − w̄‖², hence z = w̄ · σ / (σ + λ), for each
 * parameter group with its own σ and λ, and for weights only. Boyd et al. 2011, §7.1.1 (regularised global consensus). One pass
 * rounds w̄ and forms z.
 *
 * @param mean w̄ in float64.
 * @param weightDecay λ.
 */
export function consensusStep(
  mean: Float64Array,
  layout: Layout,
  penalty: GroupPenalties,
  weightDecay: GroupPenalties,
): ConsensusStep {
  const average = new Float32Array(mean.length);
  const isDecayed = decays(weightDecay);
  const z = isDecayed ? new Float32Array(mean.length) : average;
  for (const segment of layout.segments) {
    const sigma = penaltyOf(segment, penalty);
    const factor = isDecayed && segment.decays ? sigma / (sigma + penaltyOf(segment, weightDecay)) : 1;
    for (let i = segment.start; i < segment.end; i++) {
      average[i] = mean[i] as number;
      z[i] = (average[i] as number) * factor;
    }
  }
  return { average, z };
}
