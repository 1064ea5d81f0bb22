/** Whatever goes wrong at whichever operation, an asynchronous run ends. */
import { describe, expect, test } from 'vitest';
import { disturb } from '../support/disturbedRuns.ts';
import { DISTURBED_TIMEOUT_MS, tinyRuns } from '../support/tinyRuns.ts';

const ACTORS = ['coordinator', 'watchdog', 'worker 0', 'worker 1'];

const runOf = tinyRuns();

describe('an asynchronous run', () => {
  test(
    'ends with all its rounds whatever I/O operation fails, kills or loses its answer',
    async () => {
      const consensus = { mode: 'async', arrivals: 1, maxStaleness: 3, averagedVersions: 0 } as const;
      await disturb(runOf({ consensus }), ACTORS, (what, { status, version }) => {
        expect({ what, status, version }).toEqual({ what, status: 'done', version: 3 });
      });
    },
    DISTURBED_TIMEOUT_MS,
  );
});
