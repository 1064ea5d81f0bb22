/**
 * Every crash point: the I/O operations of the undisturbed run are recorded, then each of them goes wrong in every way, and
 * the run must end all the same, with the same bytes.
 */
import { describe, expect, test } from 'vitest';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { FaultInjector, faultModes } from '../support/faultInjector.ts';
import { testConfig } from '../support/runs.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';

const synchronous = testConfig({
  shards: 3,
  stop: { maxRounds: 3 },
  evaluation: { everyRounds: 2 },
  consensus: { momentum: 0.5 },
});

/** Far more often than once a minute, so that the watchdog's own operations are in the trace. */
const WATCHED_EVERY_STEPS = 3;
const TIMEOUT_MS = 300_000;

async function finish(config: RunConfig, injector: FaultInjector) {
  const deployment = new VirtualDeployment({ injector });
  const run = await deployment.submit(config);
  let steps = 0;
  const [state] = await deployment.runToEnd([run], async () => {
    steps += 1;
    if (steps % WATCHED_EVERY_STEPS === 0) await deployment.watch();
  });
  const version = state?.model?.version ?? -1;
  return { state, version, digest: state?.versions[version]?.digest };
}

describe('a synchronous run', () => {
  test(
    'gives the same bytes whatever I/O operation fails, kills or loses its answer',
    async () => {
      const recorder = new FaultInjector();
      const undisturbed = await finish(synchronous, recorder);
      expect(undisturbed.state?.status).toBe('done');
      let tried = 0;
      for (const at of recorder.trace.keys()) {
        for (const mode of faultModes) {
          const { state, digest } = await finish(synchronous, new FaultInjector({ at, mode }));
          const what = `${mode} at ${at}: ${recorder.trace[at]}`;
          expect({ what, status: state?.status, version: state?.version, digest }).toEqual({
            what,
            status: 'done',
            version: 3,
            digest: undisturbed.digest,
          });
          tried += 1;
        }
      }
      console.log(`crash points: ${recorder.trace.length} operations, ${tried} disturbed runs`);
      for (const actor of ['coordinator', 'watchdog', 'worker 0', 'worker 1']) {
        expect(recorder.trace.some((operation) => operation.startsWith(actor))).toBe(true);
      }
    },
    TIMEOUT_MS,
  );
});

describe('an asynchronous run', () => {
  const config = testConfig({
    shards: 3,
    stop: { maxRounds: 4 },
    consensus: { mode: 'async', arrivals: 1, maxStaleness: 3 },
  });

  test(
    'ends with all its rounds whatever I/O operation fails, kills or loses its answer',
    async () => {
      const recorder = new FaultInjector();
      await finish(config, recorder);
      for (const at of recorder.trace.keys()) {
        for (const mode of faultModes) {
          const { state } = await finish(config, new FaultInjector({ at, mode }));
          const what = `${mode} at ${at}: ${recorder.trace[at]}`;
          expect({ what, status: state?.status, version: state?.version }).toEqual({
            what,
            status: 'done',
            version: 4,
          });
        }
      }
    },
    TIMEOUT_MS,
  );
});
