/** What an asynchronous run computes does not depend on how many functions form its versions, but on what came in when. */
import { expect, test } from 'vitest';
import { prepareRun } from '../../lib/client/submit.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { replay } from '../support/replay.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, smallConfig } from './localRun.ts';

const ROUNDS = 20;

test('an asynchronous run in four blocks is computed again in one, from its history', async () => {
  const configOf = (blocks: number) =>
    smallConfig({
      stop: { maxRounds: ROUNDS },
      evaluation: { everyRounds: 10 },
      consensus: { mode: 'async', arrivals: 1, momentum: 0.5, weightDecay: 1e-4, blocks },
    });
  const config = configOf(4);
  const { view, digest } = await runSmall({ directory: await temporaryDirectory(), workers: 3, config });
  expect(view.state).toMatchObject({ status: 'done', version: ROUNDS });
  expect(view.evaluations.filter(({ split }) => split === 'validation').length).toBeGreaterThanOrEqual(3);
  const order = view.rounds.map(({ arrivals }) => arrivals);
  const backend = await loadBackend({ threads: 1 });
  const prepared = await prepareRun({ config });
  expect(modelDigest(await replay(backend, configOf(1), prepared, order))).toBe(digest);
});
