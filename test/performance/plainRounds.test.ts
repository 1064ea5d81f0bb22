import { expect, test } from 'vitest';
import { movePlainRounds } from '../../bench/performance/plainRounds.ts';

test('plain rounds move one z a worker, and a contribution to the store and on to the coordinator', async () => {
  const [workers, rounds, bodyBytes] = [3, 4, 1000];
  const { bytes, seconds } = await movePlainRounds({ workers, rounds, bodyBytes });
  // W reads of z, N = W contributions written and read, and z written.
  expect(bytes).toBe(rounds * (3 * workers + 1) * bodyBytes);
  expect(seconds).toBeGreaterThan(0);
});
