/** A large run beside small ones: the tasks queue is fair to runs, by the group that each task is sent with. */
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../lib/cloud/deployment.ts';
import type { ReceivedMessage } from '../../lib/cloud/queues.ts';
import { batchesOf } from '../../lib/cloud/sendBatches.ts';
import { outboxOf } from '../../lib/coordinator/outbox.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { taskSchema } from '../../lib/protocol/messages.ts';
import { testConfig, testState } from '../support/runs.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const [LARGE_SHARDS, SMALL_SHARDS, SMALL_RUNS, WORKERS] = [1000, 4, 20, 24];

/** The tasks with which a run of so many shards begins. */
const beginning = (shards: number): string[] =>
  outboxOf(testState(testConfig({ shards }))).map((task) => JSON.stringify(task));

async function openQueue() {
  const aws = await startEmbeddedAws({ directory: await temporaryDirectory() });
  const { tasks, close } = connect(aws.deployment);
  onTestFinished(async () => {
    close();
    await aws.close();
  });
  const receive = async (): Promise<{ run: string; message: ReceivedMessage }> => {
    const message = await tasks.receive(0);
    if (message === null) throw new Error('the queue is empty');
    return { message, run: taskSchema.parse(JSON.parse(message.body)).run };
  };
  return { tasks, receive };
}

test('20 small runs beside one of 1,000 shards each get a task within the time of one subproblem', async () => {
  const { tasks, receive } = await openQueue();
  const large = beginning(LARGE_SHARDS);
  const [first = ''] = large;
  const { run: largeRun } = taskSchema.parse(JSON.parse(first));
  await tasks.send(large, largeRun);
  const working = await Promise.all(Array.from({ length: WORKERS }, receive));
  expect(new Set(working.map(({ run }) => run))).toEqual(new Set([largeRun]));

  const small = Array.from({ length: SMALL_RUNS }, () => beginning(SMALL_SHARDS));
  for (const bodies of small) await tasks.send(bodies, taskSchema.parse(JSON.parse(bodies[0] ?? '')).run);
  // Every worker ends the subproblem that it had, one after the other, and takes its next task.
  const next: string[] = [];
  for (const { message } of working) {
    await tasks.acknowledge(message);
    next.push((await receive()).run);
  }
  expect(new Set(next.slice(0, SMALL_RUNS)).size).toBe(SMALL_RUNS);
  expect(next.slice(0, SMALL_RUNS)).not.toContain(largeRun);
});

test('the tasks of 1,000 shards are sent ten a request', () => {
  const tasks = beginning(LARGE_SHARDS);
  // One besides evaluates z_0.
  expect(tasks).toHaveLength(LARGE_SHARDS + 1);
  expect(batchesOf(tasks)).toHaveLength(Math.ceil((LARGE_SHARDS + 1) / 10));
});
