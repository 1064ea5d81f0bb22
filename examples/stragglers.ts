/**
 * AP-ADMMiRNN with a straggler: one of four workers is halted three quarters of the time, and the others do not wait for it.
 * Compares how long the two methods take for the same subproblems. `npm run example examples/stragglers.ts`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunConfigInput, type TrainingProgress, train } from 'padmm';

const SHARDS = 4;
/** Consensus updates that SHARDS arrivals each make, or one. */
const UPDATES = { sync: 20, async: 20 * SHARDS } as const;
const TURN_MS = 200;

/** Halts a worker for three turns of four, until the run has ended. */
async function slowDown(pid: number, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    process.kill(pid, 'SIGSTOP');
    await sleep(3 * TURN_MS);
    process.kill(pid, 'SIGCONT');
    await sleep(TURN_MS);
  }
}

async function race(
  mode: 'sync' | 'async',
): Promise<{ seconds: number; last: TrainingProgress | undefined }> {
  const config: RunConfigInput = {
    name: mode,
    dataset: { kind: 'digits', trainSamples: 2000, testSamples: 400 },
    model: { hiddenUnits: 32 },
    consensus: { mode },
    shards: SHARDS,
    // A second worker for what is late would hide the straggler from the synchronous method.
    faults: { backupFactor: null },
    stop: { maxRounds: UPDATES[mode] },
  };
  const training = train(config, { workers: SHARDS });
  const ended = new AbortController();
  let slow: Promise<void> | undefined;
  let last: TrainingProgress | undefined;
  // Workers take their time to start, which says nothing of the methods.
  let beganMs = performance.now();
  for await (last of training) {
    const [pid] = training.workerPids;
    if (last.round > 0 && pid !== undefined && slow === undefined) {
      beganMs = performance.now();
      slow = slowDown(pid, ended.signal);
    }
    if (last.status !== 'running') ended.abort();
  }
  const seconds = (performance.now() - beganMs) / 1000;
  ended.abort();
  await slow;
  return { seconds, last };
}

for (const mode of ['sync', 'async'] as const) {
  const { seconds, last } = await race(mode);
  console.log(
    `${mode}: ${last?.round} updates in ${seconds.toFixed(1)} s, validation ${last?.validation?.accuracy}`,
  );
}
