/**
 * Every crash point: the I/O operations of the undisturbed run are recorded, then each of them goes wrong in every way, and
 * the run must end all the same, with the same bytes. Coordinator, watchdog and workers are the real ones, the solver
 * included, so that whatever they come to read, write or send is covered here.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { submitPrepared } from '../../lib/client/submit.ts';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import type { RunConfig, RunConfigInput } from '../../lib/protocol/config.ts';
import { loadBackend } from '../../lib/tensors/backend.ts';
import { FaultInjector, faultModes } from '../support/faultInjector.ts';
import { prepareTiny, tinyConfig } from '../support/tinyProblem.ts';
import { VirtualDeployment } from '../support/virtualRun.ts';
import { realTurn, type WorkerTurn } from '../support/workerTurns.ts';

/** Far more often than once a minute, so that the watchdog's own operations are in the trace. */
const WATCHED_EVERY_STEPS = 3;
/** A thousand trainings, on a machine that may do other things besides. */
const TIMEOUT_MS = 900_000;

let prepared: PreparedDataset;
let turn: WorkerTurn;

beforeAll(async () => {
  prepared = await prepareTiny();
  turn = realTurn(await loadBackend({ threads: 1, prefer: 'cpu' }));
});
// Workers say by the clock of the process when they began.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

async function finish(config: RunConfig, injector: FaultInjector) {
  const deployment = new VirtualDeployment({ injector, turn });
  vi.setSystemTime(deployment.clock.nowMs);
  const { run } = await submitPrepared(deployment, config, prepared);
  let steps = 0;
  const [state] = await deployment.runToEnd([run], async () => {
    steps += 1;
    vi.setSystemTime(deployment.clock.nowMs);
    if (steps % WATCHED_EVERY_STEPS === 0) await deployment.watch();
  });
  const version = state?.model?.version ?? -1;
  return {
    status: state?.status,
    version: state?.version,
    model: version,
    digest: state?.versions[version]?.digest,
  };
}

/** Runs once for each operation and each way of going wrong. */
async function disturb(
  config: RunConfig,
  check: (what: string, finished: Awaited<ReturnType<typeof finish>>) => void,
): Promise<void> {
  const recorder = new FaultInjector();
  check('nothing', await finish(config, recorder));
  for (const [at, operation] of recorder.trace.entries()) {
    for (const mode of faultModes) {
      check(`${mode} at ${at}: ${operation}`, await finish(config, new FaultInjector({ at, mode })));
    }
  }
  const { length } = recorder.trace;
  console.log(`crash points: ${length} operations, ${length * faultModes.length} disturbed runs`);
  for (const actor of ['coordinator', 'watchdog', 'worker 0', 'worker 1']) {
    expect(recorder.trace.some((operation) => operation.startsWith(actor))).toBe(true);
  }
}

const configOf = (consensus: RunConfigInput['consensus']): RunConfig => tinyConfig({ consensus });

describe('a synchronous run', () => {
  test(
    'gives the same bytes whatever I/O operation fails, kills or loses its answer',
    async () => {
      let first: Awaited<ReturnType<typeof finish>> | undefined;
      await disturb(configOf({ momentum: 0.5, averagedVersions: 0 }), (what, finished) => {
        first ??= finished;
        expect({ what, ...finished }).toEqual({ what, ...first, status: 'done', version: 3 });
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
      await disturb(configOf(consensus), (what, { status, version }) => {
        expect({ what, status, version }).toEqual({ what, status: 'done', version: 3 });
      });
    },
    TIMEOUT_MS,
  );
});
