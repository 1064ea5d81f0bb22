/** Real processes, killed, frozen and told to end, again and again: the bytes stay the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LocalDeployment } from '../../lib/emulator/localDeployment.ts';
import type { RunState } from '../../lib/protocol/state.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, type SmallRun } from './localRun.ts';

const TIMEOUT_MS = 1_200_000;

const run = async (options: Omit<SmallRun, 'directory'>) =>
  runSmall({ directory: await temporaryDirectory(), ...options });

/** Does harm once at every one of some versions. */
function atVersions(versions: readonly number[], harm: (local: LocalDeployment, version: number) => void) {
  const left = new Set(versions);
  return (state: RunState, local: LocalDeployment) => {
    for (const version of left) {
      if (state.version < version) continue;
      left.delete(version);
      harm(local, version);
    }
  };
}

/** A process that has ended meanwhile needs no signal. */
function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

test(
  '10 runs in which a worker or the coordinator is killed at another point each give the same bytes',
  async () => {
    const { digest } = await run({ workers: 2 });
    for (let turn = 0; turn < 10; turn++) {
      const victims = (local: LocalDeployment) => (turn % 2 === 0 ? local.workerPids : local.coordinatorPids);
      const onState = atVersions([1 + turn, 2 + turn], (local) => kill(victims(local)[0], 'SIGKILL'));
      const disturbed = await run({ workers: 2, onState });
      expect(disturbed.view.state.status).toBe('done');
      expect(disturbed.digest).toBe(digest);
    }
  },
  TIMEOUT_MS,
);

test(
  'a worker that is frozen while others do its work, and wakes up late, does no harm',
  async () => {
    const { digest } = await run({ workers: 2 });
    const onState = atVersions([3], (local) => {
      const [pid] = local.workerPids;
      kill(pid, 'SIGSTOP');
      void sleep(20_000).then(() => kill(pid, 'SIGCONT'));
    });
    expect((await run({ workers: 2, onState })).digest).toBe(digest);
  },
  TIMEOUT_MS,
);

test(
  'workers that are told to end again and again hand their tasks back',
  async () => {
    const { digest } = await run({ workers: 2 });
    const onState = atVersions([2, 4, 6, 8], (local, version) =>
      kill(local.workerPids[version % 2], 'SIGTERM'),
    );
    expect((await run({ workers: 2, onState })).digest).toBe(digest);
  },
  TIMEOUT_MS,
);
