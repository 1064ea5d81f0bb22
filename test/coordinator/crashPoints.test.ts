/** Whatever goes wrong at whichever operation, a run ends, and a synchronous one with the same bytes. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import type { RunConfigInput } from '../../lib/protocol/config.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { type Disturbable, disturb, type Ended } from '../support/disturbedRuns.ts';
import { prepareTiny, tinyConfig } from '../support/tinyProblem.ts';
import { realTurn, type WorkerTurn } from '../support/workerTurns.ts';

/** A thousand trainings, on a machine that may do other things besides. */
const TIMEOUT_MS = 900_000;
const ACTORS = ['coordinator', 'watchdog', 'worker 0', 'worker 1'];

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
  ...{ config: tinyConfig({ consensus }), prepared, turn },
});

describe('a synchronous run', () => {
  test(
    'gives the same bytes whatever I/O operation fails, kills or loses its answer',
    async () => {
      let first: Ended | undefined;
      await disturb(runOf({ momentum: 0.5, averagedVersions: 0 }), ACTORS, (what, ended) => {
        first ??= ended;
        expect({ what, ...ended }).toEqual({ what, ...first, status: 'done', version: 3 });
      });
      expect(first?.digest).toMatch(/^[0-9a-f]{64}$/);
    },
    TIMEOUT_MS,
  );
});

describe('an asynchronous run', () => {
  test(
    'ends with all its rounds whatever I/O operation fails, kills or loses its answer',
    async () => {
      const consensus = { mode: 'async', arrivals: 1, maxStaleness: 3, averagedVersions: 0 } as const;
      await disturb(runOf(consensus), ACTORS, (what, { status, version }) => {
        expect({ what, status, version }).toEqual({ what, status: 'done', version: 3 });
      });
    },
    TIMEOUT_MS,
  );
});
