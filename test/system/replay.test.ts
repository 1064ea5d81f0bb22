/** What an asynchronous run computes depends on what came in when, which its history records: with that it is computed again. */
import { expect, test } from 'vitest';
import { prepareRun } from '../../lib/client/submit.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { replay } from '../support/replay.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, smallConfig } from './localRun.ts';

const ROUNDS = 30;
const SHARDS = 4;

test('an asynchronous run of real processes gives the same bytes when its history is replayed', async () => {
  const config = smallConfig({
    shards: SHARDS,
    stop: { maxRounds: ROUNDS },
    evaluation: { everyRounds: 10 },
    consensus: { mode: 'async', arrivals: 1, momentum: 0.5, weightDecay: 1e-4 },
  });
  const { view, digest } = await runSmall({ directory: await temporaryDirectory(), workers: 3, config });
  const order = view.rounds.map(({ arrivals }) => arrivals);
  expect(order).toHaveLength(ROUNDS);
  expect(order.flat().some(({ staleness }) => staleness > 0)).toBe(true);
  const backend = await loadBackend({ threads: 1 });
  expect(view.state.fingerprints).toEqual([backend.fingerprint]);

  const prepared = await prepareRun({ config });
  const replayed = await replay(backend, config, prepared, order);
  expect(replayed.versions[ROUNDS]?.digest).toBe(view.state.versions[ROUNDS]?.digest);
  expect(modelDigest(replayed)).toBe(digest);

  // The order is what does it: one shard after the other gives something else.
  const inTurn = order.map((_, k) => [{ shard: k % SHARDS, version: Math.max(0, k - SHARDS + 1) }]);
  expect(modelDigest(await replay(backend, config, prepared, inTurn))).not.toBe(digest);
});
