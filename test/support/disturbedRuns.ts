/**
 * Every crash point of a run: the I/O operations of the undisturbed one are recorded, then each of them goes wrong in every
 * way. Coordinator, folders, watchdog and workers are the real ones, the solver included.
 */
import { expect, vi } from 'vitest';
import { submitPrepared } from '../../lib/client/submit.ts';
import type { PreparedDataset } from '../../lib/data/prepare.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import type { RunConfig } from '../../lib/protocol/config.ts';
import { FaultInjector, faultModes } from './faultInjector.ts';
import { VirtualDeployment } from './virtualRun.ts';
import type { WorkerTurn } from './workerTurns.ts';

/** Far more often than once a minute, so that the watchdog's own operations are in the trace. */
const WATCHED_EVERY_STEPS = 3;

/** A run, and who works on it. Dates are to be faked: workers say by the clock of the process when they began. */
export interface Disturbable {
  readonly config: RunConfig;
  readonly prepared: PreparedDataset;
  readonly turn: WorkerTurn;
}

/** What a run came to. */
export interface Ended {
  readonly status: string | undefined;
  readonly version: number | undefined;
  readonly model: number | undefined;
  readonly digest: string | null;
}

export async function endOf(
  { config, prepared, turn }: Disturbable,
  injector: FaultInjector,
): Promise<Ended> {
  const deployment = new VirtualDeployment({ injector, turn });
  vi.setSystemTime(deployment.clock.nowMs);
  const { run } = await submitPrepared(deployment, config, prepared);
  let steps = 0;
  const [state] = await deployment.runToEnd([run], async () => {
    steps += 1;
    vi.setSystemTime(deployment.clock.nowMs);
    if (steps % WATCHED_EVERY_STEPS === 0) await deployment.watch();
  });
  return {
    status: state?.status,
    version: state?.version,
    model: state?.model?.version,
    digest: state === undefined ? null : modelDigest(state),
  };
}

/** Runs once for each operation and each way of going wrong. @param actors whose operations must be among them. */
export async function disturb(
  run: Disturbable,
  actors: readonly string[],
  check: (what: string, ended: Ended) => void,
): Promise<void> {
  const recorder = new FaultInjector();
  check('nothing', await endOf(run, recorder));
  for (const [at, operation] of recorder.trace.entries()) {
    for (const mode of faultModes) {
      check(`${mode} at ${at}: ${operation}`, await endOf(run, new FaultInjector({ at, mode })));
    }
  }
  const { length } = recorder.trace;
  console.log(`crash points: ${length} operations, ${length * faultModes.length} disturbed runs`);
  for (const actor of actors) {
    expect(recorder.trace.some((operation) => operation.startsWith(actor))).toBe(true);
  }
}
