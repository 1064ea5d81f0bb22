/** Mean and spread over seeds. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation; 0 of one value. */
  readonly deviation: number;
  readonly count: number;
}

/** @throws RangeError where there is no value. */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  if (count === 0) throw new RangeError('spread: expected at least one value, received none');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count === 1 ? 0 : Math.sqrt(squares / (count - 1)), count };
}
