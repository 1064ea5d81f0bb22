import type { Range } from '../protocol/blocks.ts';
import type { GroupPenalties, ParameterGroup } from '../protocol/figures.ts';

/** One parameter tensor in a flat vector: elements `start` up to `end`. */
export interface Segment {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
  readonly group: ParameterGroup;
  /** Whether weight decay holds for it: for weights, not for biases. */
  readonly decays: boolean;
}

/** How the parameters lie in a flat vector of `length` elements. */
export interface Layout {
  readonly segments: readonly Segment[];
  readonly length: number;
}

/** σ of a segment. */
export const penaltyOf = (segment: Segment, penalty: GroupPenalties): number => penalty[segment.group];

/** How the parameters lie in elements `start` up to `end` of a vector, counted from there. Shapes stay those of the whole. */
export function sliceLayout({ segments }: Layout, { start, end }: Range): Layout {
  const within = (at: number): number => Math.min(Math.max(at, start), end) - start;
  const cut = segments.map((segment) => ({
    ...segment,
    start: within(segment.start),
    end: within(segment.end),
  }));
  return { segments: cut.filter((segment) => segment.start < segment.end), length: end - start };
}
