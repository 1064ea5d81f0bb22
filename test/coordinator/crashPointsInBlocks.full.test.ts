/** The crash points of runs whose versions are formed in blocks: plans, jobs, blocks and manifests are among them. */
import { describe, expect, test } from 'vitest';
import type { RunConfigInput } from '../../lib/protocol/config.ts';
import { disturb, endOf } from '../support/disturbedRuns.ts';
import { FaultInjector } from '../support/faultInjector.ts';
import { DISTURBED_TIMEOUT_MS, tinyRuns } from '../support/tinyRuns.ts';

const ACTORS = ['coordinator', 'watchdog', 'folder 0', 'folder 1', 'worker 0', 'worker 1'];

const make = tinyRuns();
const runOf = (consensus: RunConfigInput['consensus']) =>
  make({ consensus, stop: { maxRounds: 2 }, shards: 2 });

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
    DISTURBED_TIMEOUT_MS,
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
    DISTURBED_TIMEOUT_MS,
  );
});
