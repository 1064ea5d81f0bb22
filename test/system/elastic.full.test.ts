/** Real worker processes that come and go in one run: none, eight, two. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toEnvironment } from '../../lib/cloud/deployment.ts';
import type { LocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { WorkerProcesses } from '../../lib/emulator/workerProcesses.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { functionEntry, runSmall } from './localRun.ts';

const TIMEOUT_MS = 600_000;
/** Looks at the state before anybody comes. */
const ALONE_STATES = 1;
const LEAVE_AT_VERSION = 4;

const start = ({ deployment }: LocalDeployment, logDirectory: string, count: number): WorkerProcesses => {
  mkdirSync(logDirectory, { recursive: true });
  const workers = new WorkerProcesses({
    ...{ count, logDirectory, entry: functionEntry('worker'), graceMs: 10_000, log: () => undefined },
    environment: {
      ...process.env,
      ...toEnvironment(deployment),
      PADMM_THREADS: '1',
      PADMM_TASK_VISIBILITY_SECONDS: '15',
    },
  });
  workers.start();
  return workers;
};

test(
  'no worker, then eight, then two: the bytes are those of a run with two from the beginning',
  async () => {
    const undisturbed = await runSmall({ directory: await temporaryDirectory(), workers: 2 });
    const directory = await temporaryDirectory();
    const groups: WorkerProcesses[] = [];
    const counts: number[] = [];
    let [states, left] = [0, Promise.resolve()];
    const elastic = await runSmall({
      ...{ directory, workers: 0 },
      onState: ({ version, workers }, local) => {
        states += 1;
        counts.push(groups.reduce((sum, group) => sum + group.pids.length, 0));
        const logs = (name: string) => join(directory, 'logs', name);
        if (states === ALONE_STATES) {
          expect(workers).toEqual([]);
          for (const [name, count] of [
            ['stay', 2],
            ['leave', 6],
          ] as const)
            groups.push(start(local, logs(name), count));
        }
        if (version === LEAVE_AT_VERSION && counts.at(-1) === 8) left = groups[1]?.stop() ?? left;
      },
    }).finally(() => Promise.all(groups.map((group) => group.stop())));
    await left;
    expect(Math.max(...counts)).toBe(8);
    expect(counts.at(-1)).toBe(2);
    expect(elastic.view.state.status).toBe('done');
    expect(elastic.digest).toBe(undisturbed.digest);
  },
  TIMEOUT_MS,
);
