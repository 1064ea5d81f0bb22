import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/** Whether any λ is above 0. */
export const decays = ({ recurrent, readout, input }: GroupPenalties): boolean =>
  recurrent > 0 || readout > 0 || input > 0;

/**
 * The consensus step z = prox(w̄) for weight decay: argmin_z λ/2 ‖z‖² + σ/2 ‖z − w̄‖², hence z = w̄ · σ / (σ + λ), for each
 * parameter group with its own σ and λ, and for weights only. Boyd et al. 2011, §7.1.1 (regularised global consensus).
 *
 * @param weightDecay λ.
 * @returns `average` itself where no λ is above 0.
 */
export function decayWeights(
  average: Float32Array<ArrayBuffer>,
  layout: Layout,
  penalty: GroupPenalties,
  weightDecay: GroupPenalties,
): Float32Array<ArrayBuffer> {
  if (!decays(weightDecay)) return average;
  const z = average.slice();
  for (const segment of layout.segments.filter((s) => s.decays)) {
    const sigma = penaltyOf(segment, penalty);
    const factor = sigma / (sigma + penaltyOf(segment, weightDecay));
    for (let i = segment.start; i < segment.end; i++) z[i] = (z[i] as number) * factor;
  }
  return z;
}
