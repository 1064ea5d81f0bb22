import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';

/**
 * The consensus step z = prox(w̄) for weight decay: argmin_z λ/2 ‖z‖² + σ/2 ‖z − w̄‖², hence z = w̄ · σ / (σ + λ), for each
 * parameter group with its own σ and for weights only. Boyd et al. 2011, §7.1.1 (regularised global consensus).
 *
 * @returns `average` itself where λ = 0.
 */
export function decayWeights(
  average: Float32Array<ArrayBuffer>,
  layout: Layout,
  penalty: GroupPenalties,
  weightDecay: number,
): Float32Array<ArrayBuffer> {
  if (weightDecay === 0) return average;
  const z = average.slice();
  for (const segment of layout.segments.filter((s) => s.decays)) {
    const sigma = penaltyOf(segment, penalty);
    const factor = sigma / (sigma + weightDecay);
    for (let i = segment.start; i < segment.end; i++) z[i] = (z[i] as number) * factor;
  }
  return z;
}
