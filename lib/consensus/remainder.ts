/**
 * The average w̄ in two float32 vectors: z, which is stored anyway, and what is left of w̄ besides it. Together they hold
 * about 48 bits, so that a partial update goes on from w̄ without the contributions that did not change, at the cost of
 * one parameter set read and one written instead of two each.
 */
import type { GroupPenalties } from '../protocol/figures.ts';
import { type Layout, penaltyOf } from './layout.ts';
import { decays } from './prox.ts';

/** What z and the remainder have to be put together by. */
export interface RemainderTerms {
  readonly consensus: Float32Array;
  readonly layout: Layout;
  /** σ under which z was formed. */
  readonly penalty: GroupPenalties;
  /** λ of the consensus prox, which z = w̄ σ / (σ + λ) is undone of. */
  readonly weightDecay: GroupPenalties;
}

/** z without weight decay, in float64, where w̄ lies but for a remainder. */
function undecayed({ consensus, layout, penalty, weightDecay }: RemainderTerms): Float64Array<ArrayBuffer> {
  const base = new Float64Array(consensus);
  if (!decays(weightDecay)) return base;
  for (const segment of layout.segments.filter((s) => s.decays)) {
    const sigma = penaltyOf(segment, penalty);
    const factor = (sigma + penaltyOf(segment, weightDecay)) / sigma;
    for (let i = segment.start; i < segment.end; i++) base[i] = (base[i] as number) * factor;
  }
  return base;
}

/** What float32 leaves of w̄ beside z. @param remainder is written, all of it. */
export function remainderOf(mean: Float64Array, terms: RemainderTerms, remainder: Float32Array): void {
  const base = undecayed(terms);
  for (let i = 0; i < mean.length; i++) remainder[i] = (mean[i] as number) - (base[i] as number);
}

/** w̄ from z and its remainder, in float64. */
export function meanOf(remainder: Float32Array, terms: RemainderTerms): Float64Array<ArrayBuffer> {
  const mean = undecayed(terms);
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (remainder[i] as number);
  return mean;
}
