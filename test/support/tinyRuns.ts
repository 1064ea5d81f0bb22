/** Small trainings with real subproblems and a clock of their own, to be disturbed. */
import { afterEach, beforeAll, beforeEach, vi } from 'vitest';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import type { RunConfigInput } from '../../lib/protocol/config.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import type { Disturbable } from './disturbedRuns.ts';
import { prepareTiny, tinyConfig } from './tinyProblem.ts';
import { realTurn, type WorkerTurn } from './workerTurns.ts';

/** A thousand trainings, on a machine that may do other things besides. */
export const DISTURBED_TIMEOUT_MS = 900_000;

/** For the tests of the file that calls it: gives the run of a config. */
export function tinyRuns(): (changes: Partial<RunConfigInput>) => Disturbable {
  let prepared: PreparedDataset;
  let turn: WorkerTurn;
  beforeAll(async () => {
    prepared = await prepareTiny();
    turn = realTurn(await loadBackend({ threads: 1, prefer: 'cpu' }));
  });
  // Workers say by the clock of the process when they began.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());
  return (changes) => ({ config: tinyConfig(changes), prepared, turn });
}
