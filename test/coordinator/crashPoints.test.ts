/** Whatever goes wrong at whichever operation, a synchronous run ends with the same bytes. */
import { describe, expect, test } from 'vitest';
import { disturb, type Ended } from '../support/disturbedRuns.ts';
import { DISTURBED_TIMEOUT_MS, tinyRuns } from '../support/tinyRuns.ts';

const ACTORS = ['coordinator', 'watchdog', 'worker 0', 'worker 1'];

const runOf = tinyRuns();

describe('a synchronous run', () => {
  test(
    'gives the same bytes whatever I/O operation fails, kills or loses its answer',
    async () => {
      let first: Ended | undefined;
      await disturb(runOf({ consensus: { momentum: 0.5, averagedVersions: 0 } }), ACTORS, (what, ended) => {
        first ??= ended;
        expect({ what, ...ended }).toEqual({ what, ...first, status: 'done', version: 3 });
      });
      expect(first?.digest).toMatch(/^[0-9a-f]{64}$/);
    },
    DISTURBED_TIMEOUT_MS,
  );
});
