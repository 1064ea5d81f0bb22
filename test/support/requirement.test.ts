import { expect, test } from 'vitest';
import { fate } from './requirement.ts';

test.for([
  [null, '', 'run'],
  [null, 'chromium', 'run'],
  ['not installed', '', 'skip'],
  ['not installed', 'tfjs-node,pypi', 'skip'],
  ['not installed', 'chromium', 'fail'],
  ['not installed', 'tfjs-node, chromium', 'fail'],
] as const)('chromium missing: %j, required: %j: the test must %s', ([reasonMissing, required, decided]) => {
  expect(fate('chromium', reasonMissing, required)).toBe(decided);
});
