/** Medians, and how sure they are. */

/** Two-sided level of {@link medianInterval}. */
const LEVEL = 0.95;

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** @throws RangeError where there is no value. */
export function median(values: readonly number[]): number {
  const ordered = sorted(values);
  const [low, high] = [ordered[(ordered.length - 1) >> 1], ordered[ordered.length >> 1]];
  if (low === undefined || high === undefined)
    throw new RangeError('median: expected a value, received none');
  return (low + high) / 2;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The interval of the median between two order statistics, without an assumption on how values are distributed (Hettmansperger
 * and Sheather, Statistics & Probability Letters 4, 1986): at 95 % from 6 values on, and from the least to the greatest, which
 * is less sure, of fewer.
 */
export function medianInterval(values: readonly number[]): Interval {
  const ordered = sorted(values);
  const count = ordered.length;
  // Probability that at most `cut` of the values lie below the median, both sides.
  let [cut, outside, term] = [0, 2 * 0.5 ** count, 0.5 ** count];
  while (true) {
    term *= (count - cut) / (cut + 1);
    if (outside + 2 * term > 1 - LEVEL) break;
    outside += 2 * term;
    cut += 1;
  }
  const [low, high] = [ordered[cut], ordered[count - 1 - cut]];
  if (low === undefined || high === undefined)
    throw new RangeError('interval: expected a value, received none');
  return { low, high };
}

/** Slope of y over x by least squares. @throws RangeError where all x are the same. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (pick: 'x' | 'y') => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [meanX, meanY] = [mean('x'), mean('y')];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) throw new RangeError('slope: expected two different x, received one');
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
