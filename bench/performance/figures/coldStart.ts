/** How long the coordinator's first event takes in a process that has not loaded it yet. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { submitRun } from '../../../lib/client/submit.ts';
import { toEnvironment } from '../../../lib/cloud/deployment.ts';
import { FOLDS_VARIABLE } from '../../../lib/cloud/foldQueue.ts';
import { type LocalStore, openLocalStore } from '../../../lib/emulator/localStore.ts';
import { runKeys } from '../../../lib/protocol/keys.ts';
import { solvedBy } from '../answers.ts';
import { bundleCoordinator } from '../bundle.ts';
import { emptyConfig, projectFile, SMALL } from '../emptyRuns.ts';
import type { FigureGroup, FigureKind } from '../figure.ts';
import { interleave } from '../repeat.ts';
import { readInitial } from '../storedStart.ts';

const execute = promisify(execFile);

const kind: FigureKind = {
  figure: 'cold-start',
  title: "cold start: import of the coordinator's bundle and its first event, in a process of its own",
  ...{ unit: 'ms', better: 'lower', must: 400, aim: 150 },
};

/** A run of one shard whose answer lies ready: the event that brings it forms a version. */
async function prepareEvent({ connection }: LocalStore): Promise<object> {
  const { store } = connection;
  const config = emptyConfig({ shards: 1, rounds: 2, hiddenUnits: SMALL.hiddenUnits });
  const { run } = await submitRun(connection, { config });
  const { body, digest } = await readInitial(store, run);
  await store.create(runKeys(run).contribution(0, 0, digest), body);
  const answer = solvedBy({ run, version: 0, shard: 0, attempt: 0 }, { digest, sizeBytes: body.length });
  const attributes = { MessageGroupId: run, ApproximateReceiveCount: '1' };
  return { Records: [{ messageId: '0', receiptHandle: '0', body: JSON.stringify(answer), attributes }] };
}

export const coldStart: FigureGroup = {
  kinds: [kind],
  async measure({ directory, repetitions }) {
    const bundle = await bundleCoordinator(directory);
    const local = await openLocalStore({ directory: join(directory, 'cloud') });
    try {
      const env = {
        ...process.env,
        ...toEnvironment(local.deployment),
        // Of runs in blocks, which this one is not.
        [FOLDS_VARIABLE]: local.deployment.resultsQueueUrl,
      };
      const startOnce = async (): Promise<number> => {
        const event = join(directory, 'event.json');
        await writeFile(event, JSON.stringify(await prepareEvent(local)));
        const entry = projectFile('bench/performance/processes/coldStart.ts');
        const { stdout } = await execute(process.execPath, [entry, bundle, event], { env });
        return Number(stdout.trim().split('\n').at(-1));
      };
      const raw = await interleave(repetitions, { firstEventMs: startOnce });
      return [{ ...kind, values: raw.firstEventMs, raw }];
    } finally {
      await local.close();
    }
  },
};
