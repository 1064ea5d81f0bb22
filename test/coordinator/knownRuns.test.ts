import { expect, test } from 'vitest';
import { KnownRuns } from '../../lib/coordinator/knownRuns.ts';
import { testConfig } from '../support/runs.ts';

test('runs that were met first are forgotten where all of them are too many shards', () => {
  const runs = new KnownRuns();
  for (const run of ['a', 'b', 'c']) runs.meet(run, testConfig({ shards: 400 }));
  expect(['a', 'b', 'c'].filter((run) => runs.get(run) !== undefined)).toEqual(['b', 'c']);
  const large = runs.meet('large', testConfig({ shards: 5000 }));
  expect(['b', 'c'].filter((run) => runs.get(run) !== undefined)).toEqual([]);
  expect(runs.get('large')).toBe(large);
  runs.forget('large');
  expect(runs.get('large')).toBeUndefined();
});
