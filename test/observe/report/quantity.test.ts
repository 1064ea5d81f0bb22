import { expect, test } from 'vitest';
import { formatCount, formatQuantity, type Quantity } from '../../../lib/observe/report/quantity.ts';

test.each<[Quantity, number | null, string]>([
  ['number', null, '–'],
  ['number', 0.0123456, '0.01235'],
  ['percent', 0.9612, '96.12%'],
  ['bytes', 0, '0 byte'],
  ['bytes', 999, '999 byte'],
  ['bytes', 86_056, '86.06 kB'],
  ['bytes', 11_010_000_000, '11.01 GB'],
  ['bytes', 2e18, '2,000,000 TB'],
  ['seconds', 51.53, '51.53s'],
])('%s %d is written %s', (quantity, value, expected) => {
  expect(formatQuantity(quantity, value)).toBe(expected);
});

test('a count is written in full', () => {
  expect(formatCount(16_000_000)).toBe('16,000,000');
});
