import { expect, test } from 'vitest';
import { spreadOf } from '../../bench/experiments/statistics.ts';

test('the spread of values is their mean and sample standard deviation', () => {
  expect(spreadOf([2, 4, 6])).toEqual({ mean: 4, deviation: 2, count: 3 });
  expect(spreadOf([5])).toEqual({ mean: 5, deviation: 0, count: 1 });
  expect(() => spreadOf([])).toThrow(RangeError);
});
