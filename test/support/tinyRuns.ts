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

/** What trainings are made of. */
interface Tiny {
  readonly prepared: PreparedDataset;
  readonly turn: WorkerTurn;
}

/** For the tests of the file that calls it: data and worker, there once the tests run, and a clock that they set. */
export function tinyParts(): Tiny {
  const parts = {} as { -readonly [K in keyof Tiny]: Tiny[K] };
  beforeAll(async () => {
    parts.prepared = await prepareTiny();
    parts.turn = realTurn(await loadBackend({ threads: 1, prefer: 'cpu' }));
  });
  // Workers say by the clock of the process when they began.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());
  return parts;
}

/** The same as the run of a config. */
export function tinyRuns(): (changes: Partial<RunConfigInput>) => Disturbable {
  const parts = tinyParts();
  return (changes) => ({ config: tinyConfig(changes), ...parts });
}
