/** 1,000 shards of about 1 MB through the real coordinator process: what it holds at a time does not grow with N·P. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { followRun } from '../../lib/client/follow.ts';
import { submitRun } from '../../lib/client/submit.ts';
import { openLocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const TIMEOUT_MS = 900_000;
const ROUNDS = 1;
/** U, W, b, V and c of rows of 28 pixels and ten digits in float32. */
const HIDDEN_UNITS = 480;
const PARAMETER_BYTES = 4 * ((28 + HIDDEN_UNITS + 1) * HIDDEN_UNITS + (HIDDEN_UNITS + 1) * 10);
const MIB = 2 ** 20;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Largest resident set of a process so far (proc(5), VmHWM). */
async function peakBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

async function runWith(shards: number) {
  const local = await openLocalDeployment({
    ...{ directory: await temporaryDirectory(), workers: 2, threads: 1 },
    coordinatorEntry: path('../../functions/coordinator/index.ts'),
    // 1 GB through a server and a function that share this machine with the workers.
    coordinatorTimeoutSeconds: 300,
    workerEntry: path('fixtures/cheapWorker.ts'),
  });
  try {
    const config = runConfigSchema.parse({
      ...{ name: 'shards', shards, stop: { maxRounds: ROUNDS }, evaluation: { everyRounds: ROUNDS } },
      dataset: { kind: 'digits', trainSamples: 1500, testSamples: 10 },
      model: { hiddenUnits: HIDDEN_UNITS },
      consensus: { momentum: 0, averagedVersions: 0 },
      faults: { backupFactor: null },
    });
    const { store } = local.connection;
    const { run } = await submitRun(local.connection, { config });
    let [stateBytes, status, version] = [0, '', 0];
    for await (const state of followRun(store, run, { intervalMs: 200 })) {
      stateBytes = Math.max(stateBytes, JSON.stringify(state).length);
      [status, version] = [state.status, state.version];
    }
    const peaks = await Promise.all(local.coordinatorPids.map(peakBytes));
    return { status, version, stateBytes, peakBytes: Math.max(...peaks) };
  } finally {
    await local.close();
  }
}

test.runIf(process.platform === 'linux')(
  'a coordinator of 1,000 shards does not hold their parameters',
  async () => {
    const few = await runWith(10);
    const many = await runWith(1000);
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    console.log(
      `P ${megabytes(PARAMETER_BYTES)} MB; peak ${megabytes(few.peakBytes)} MB with 10 shards, ${megabytes(many.peakBytes)} MB with 1,000; state ${megabytes(few.stateBytes)} MB and ${megabytes(many.stateBytes)} MB`,
    );
    for (const each of [few, many]) expect(each).toMatchObject({ status: 'done', version: ROUNDS });
    // 990 more parameter sets would be 990 MB. What grows is the state, read, copied and written a hundred times a round, and
    // what of it is not collected yet: some 90 kB a shard (lib/client/commitSize.ts), more where the machine is busy.
    expect(many.peakBytes - few.peakBytes).toBeLessThan(256 * MIB);
    expect(many.stateBytes).toBeLessThan(1.2e6);
  },
  TIMEOUT_MS,
);
