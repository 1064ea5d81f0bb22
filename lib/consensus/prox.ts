import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/** Whether any λ is above 0. */
export const decays = ({ recurrent, readout, input }: GroupPenalties): boolean =>
  recurrent > 0 || readout > 0 || input > 0;

/**
 * The consensus step z = prox(w̄) for weight decay: argmin_z λ/2 ‖z‖² + σ/2 ‖z − w̄‖², hence z = w̄ · σ / (σ + λ), for each
 * parameter group with its own σ and λ, and for weights only. Boyd et al. 2011, §7.1.1 (regularised global consensus). What decays
 * is w̄ rounded to float32.
 *
 * @param mean w̄ in float64.
 * @param weightDecay λ.
 * @param z is written, all of it.
 */
export function consensusStep(
  mean: Float64Array,
  layout: Layout,
  penalty: GroupPenalties,
  weightDecay: GroupPenalties,
  z: Float32Array,
): void {
  const isDecayed = decays(weightDecay);
  for (const segment of layout.segments) {
    const sigma = penaltyOf(segment, penalty);
    const factor = isDecayed && segment.decays ? sigma / (sigma + penaltyOf(segment, weightDecay)) : 1;
    for (let i = segment.start; i < segment.end; i++) {
      z[i] = Math.fround(mean[i] as number) * factor;
    }
  }
}
