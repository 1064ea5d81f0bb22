import { expect, test } from 'vitest';
import { bytes, duration, figure, percent } from '../../lib/cli/format.ts';

test.each([
  [0.9612, '96.1 %'],
  [0, '0.0 %'],
  [null, '–'],
  [undefined, '–'],
])('a share of %s is %s', (share, text) => {
  expect(percent(share)).toBe(text);
});

test.each([
  [-1, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
  [356_400, '4 d 3 h'],
])('%s seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [0, '0'],
  [0.35249, '0.352'],
  [90, '90'],
  [1234.5, '1230'],
  [12_345, '1.23e+4'],
  [-0.000_017, '-1.70e-5'],
  [null, '–'],
])('the figure %s is %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [85_300, '85.3 kB'],
  [1.2e9, '1.2 GB'],
  [3e15, '3000 TB'],
])('%s bytes are %s', (sizeBytes, text) => {
  expect(bytes(sizeBytes)).toBe(text);
});
