/** A local deployment whose coordinator works in this process, so that the bytes it moves can be counted. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { followRun } from '../../lib/client/follow.ts';
import { submitRun } from '../../lib/client/submit.ts';
import { connect, toEnvironment } from '../../lib/cloud/deployment.ts';
import { MeteredObjectStore } from '../../lib/cloud/meteredObjectStore.ts';
import { takeBatch } from '../../lib/coordinator/batch.ts';
import { Committer } from '../../lib/coordinator/commit.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { EventSourcePoller } from '../../lib/emulator/eventSourcePoller.ts';
import { WorkerProcesses } from '../../lib/emulator/workerProcesses.ts';
import { isEnded, type RunState } from '../../lib/protocol/state.ts';
import { type EmptyRun, emptyConfig, projectFile } from './emptyRuns.ts';

export interface MeteredDeployment {
  /** Payload bytes that a run's workers and coordinator read and wrote. @throws Error where it fails. */
  payloadBytes(run: EmptyRun): Promise<number>;
  close(): Promise<void>;
}

const GRACE_MS = 10_000;
const POLL_MS = 50;

/** What goes wrong in the coordinator ends the measurement. */
const logger = {
  warn: (message: string) => console.error(message),
  error: (message: string, details: object) => {
    throw new Error(`${message}: ${JSON.stringify(details)}`);
  },
};

export async function openMeteredDeployment(parent: string, workers: number): Promise<MeteredDeployment> {
  const directory = await mkdtemp(join(parent, 'metered-'));
  const logDirectory = join(directory, 'logs');
  await mkdir(logDirectory);
  const aws = await startEmbeddedAws({ directory });
  const { store, tasks, close } = connect(aws.deployment);
  const meter = new MeteredObjectStore(store);
  const committer = new Committer(meter, tasks);
  const poller = new EventSourcePoller({
    ...{ queue: aws.eventSource(aws.deployment.resultsQueueUrl), maxConcurrency: 2 },
    log: (line) => console.error(line),
    invoke: ({ Records }) => takeBatch(committer, Records, logger),
  });
  const processes = new WorkerProcesses({
    count: workers,
    entry: projectFile('bench/performance/processes/waitingWorker.ts'),
    environment: {
      ...{ ...process.env, ...toEnvironment(aws.deployment), BENCH_SOLVE_MS: '0' },
      PADMM_CACHE_DIR: join(directory, 'cache'),
    },
    ...{ logDirectory, graceMs: GRACE_MS, log: (line) => console.error(line) },
  });
  poller.start();
  processes.start();
  const end = async (run: string): Promise<RunState> => {
    for await (const state of followRun(store, run, { intervalMs: POLL_MS })) {
      if (isEnded(state.status)) return state;
    }
    throw new Error(`run ${run}: expected an end, received none`);
  };
  return {
    async payloadBytes(empty) {
      const before = meter.readBytes + meter.writtenBytes;
      const { run } = await submitRun({ store, tasks }, { config: emptyConfig(empty) });
      const failed = processes.failure.then((error) => Promise.reject(error));
      const { status, reason, counters } = await Promise.race([end(run), failed]);
      if (status !== 'done') throw new Error(`run ${run}: ${status}: ${reason}`);
      const byCoordinator = meter.readBytes + meter.writtenBytes - before;
      return byCoordinator + counters.workerReadBytes + counters.workerWrittenBytes;
    },
    async close() {
      await processes.stop();
      await poller.stop();
      close();
      await aws.close();
    },
  };
}
