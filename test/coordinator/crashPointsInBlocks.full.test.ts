/** The crash points of runs whose versions are formed in blocks: plans, jobs, blocks and manifests are among them. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import type { RunConfigInput } from '../../lib/protocol/config.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { type Disturbable, disturb, endOf } from '../support/disturbedRuns.ts';
import { FaultInjector } from '../support/faultInjector.ts';
import { prepareTiny, tinyConfig } from '../support/tinyProblem.ts';
import { realTurn, type WorkerTurn } from '../support/workerTurns.ts';

const TIMEOUT_MS = 900_000;
const ACTORS = ['coordinator', 'watchdog', 'folder 0', 'folder 1', 'worker 0', 'worker 1'];

let prepared: PreparedDataset;
let turn: WorkerTurn;

beforeAll(async () => {
  prepared = await prepareTiny();
  turn = realTurn(await loadBackend({ threads: 1, prefer: 'cpu' }));
});
// Workers say by the clock of the process when they began.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const runOf = (consensus: RunConfigInput['consensus']): Disturbable => ({
  config: tinyConfig({ consensus, stop: { maxRounds: 2 }, shards: 2 }),
  ...{ prepared, turn },
});

describe('a synchronous run in two blocks', () => {
  test(
    'gives the bytes of one in one piece whatever I/O operation fails, kills or loses its answer',
    async () => {
      const consensus = { momentum: 0.5, averagedVersions: 2 };
      const whole = await endOf(runOf(consensus), new FaultInjector());
      expect(whole).toMatchObject({ status: 'done', digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
      await disturb(runOf({ ...consensus, blocks: 2 }), ACTORS, (what, ended) =>
        expect({ what, ...ended }).toEqual({ what, ...whole }),
      );
    },
    TIMEOUT_MS,
  );
});

describe('an asynchronous run in two blocks', () => {
  test(
    'ends with all its rounds whatever I/O operation fails, kills or loses its answer',
    async () => {
      const consensus = {
        mode: 'async',
        arrivals: 1,
        maxStaleness: 3,
        averagedVersions: 0,
        blocks: 2,
      } as const;
      await disturb(runOf(consensus), ACTORS, (what, { status, version }) =>
        expect({ what, status, version }).toEqual({ what, status: 'done', version: 2 }),
      );
    },
    TIMEOUT_MS,
  );
});
