/**
 * AP-ADMMiRNN with a straggler: one of four workers is halted three quarters of the time, and the others do not wait for it.
 * Compares it with the synchronous method after the same seconds. `npm run example examples/stragglers.ts`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunConfigInput, type TrainingProgress, train } from 'padmm';

const SECONDS = 5;
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

async function race(mode: 'sync' | 'async'): Promise<TrainingProgress | undefined> {
  const config: RunConfigInput = {
    name: mode,
    dataset: { kind: 'digits', trainSamples: 2000, testSamples: 400 },
    model: { hiddenUnits: 32 },
    consensus: { mode },
    // A second worker for what is late would hide the straggler from the synchronous method.
    faults: { backupFactor: null },
    stop: { maxRounds: 10_000, maxWallSeconds: SECONDS },
  };
  const training = train(config, { workers: 4 });
  const ended = new AbortController();
  let slow: Promise<void> | undefined;
  let last: TrainingProgress | undefined;
  for await (last of training) {
    const [pid] = training.workerPids;
    if (last.round > 0 && pid !== undefined) slow ??= slowDown(pid, ended.signal);
    if (last.status !== 'running') ended.abort();
  }
  ended.abort();
  await slow;
  return last;
}

for (const mode of ['sync', 'async'] as const) {
  const last = await race(mode);
  console.log(
    `${mode}: ${last?.round} updates, ${last?.samples} samples, validation ${last?.validation?.accuracy}`,
  );
}
