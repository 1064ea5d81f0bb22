/** What keeps a run from going on: shown by `padmm status`, mended by `padmm redrive`. No coordinator and no worker is up. */
import { join } from 'node:path';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { submitRun } from '../../lib/client/submit.ts';
import { DeadLetterQueue } from '../../lib/cloud/deadLetterQueue.ts';
import { blockGroup } from '../../lib/coordinator/outbox.ts';
import { type LocalStore, openLocalStore } from '../../lib/emulator/localStore.ts';
import { newCommitId, newNonce } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import {
  type FoldJob,
  PROTOCOL_VERSION,
  runEventSchema,
  type Task,
  taskSchema,
} from '../../lib/protocol/messages.ts';
import { padmm } from '../support/commandLine.ts';
import { receiveRecords } from '../support/receiveRecords.ts';
import { type RecordedStackOptions, recordStack } from '../support/recordedStack.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { smallConfig } from '../system/localRun.ts';

const config = smallConfig({ shards: 2 });
/** What the queues of the emulator allow, as the stack's do. */
const MAX_RECEIVES = 10;

async function openCloud(options: RecordedStackOptions = {}) {
  const directory = await temporaryDirectory();
  const local = await openLocalStore({ directory: join(directory, 'cloud') });
  onTestFinished(() => local.close());
  const stack = await recordStack(local.deployment, options);
  onTestFinished(() => stack.close());
  const ask = async (...words: string[]) => {
    const outcome = await padmm([...words, '--stack', 'padmm', '--endpoint', stack.endpoint], {
      cwd: directory,
      env: { AWS_REGION: 'us-east-1' },
    });
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    return outcome;
  };
  return { local, ask };
}

/** Leaves one task in the queue, and receives it as often as the queue allows without an answer: it is dead. */
async function killTask({ connection: { tasks, clients }, deployment }: LocalStore): Promise<Task> {
  const [body = ''] = await receiveRecords(clients.sqs, deployment.tasksQueueUrl);
  await tasks.send([body]);
  for (let receive = 0; receive < MAX_RECEIVES; receive += 1) {
    const message = await tasks.receive(1);
    if (message === null) throw new Error('expected a task, received none');
    await tasks.setVisibility(message, 0);
  }
  expect(await tasks.receive(0)).toBeNull();
  return taskSchema.parse(JSON.parse(body));
}

test('dead tasks, refused results and workers that cannot start are told with their reasons', async () => {
  const events = [
    {
      message:
        '(service padmm-service) was unable to place a task. Reason: Capacity is unavailable at this time.',
    },
  ];
  const { local, ask } = await openCloud({ service: { desiredCount: 2, events } });
  const { connection } = local;
  const { run } = await submitRun(connection, { config: { ...config, shards: 1 } });
  const task = await killTask(local);
  const refused = runKeys(run).refused(1, 3, 'abc.safetensors');
  await connection.store.create(refused, 'not a tensor');

  const { stdout } = await ask('status', run, '--json');
  const status = JSON.parse(stdout);
  expect(status.refusedResults).toMatchObject([{ shard: 1, version: 3, key: refused, sizeBytes: 12 }]);
  expect(status.fleet).toMatchObject({
    desired: 2,
    running: 0,
    events: [events[0]?.message],
    diagnosis: expect.stringContaining('no Spot capacity'),
  });
  expect(status.deadLetters.counts).toEqual({ tasks: 1, results: 0, folds: 0 });
  expect(status.deadLetters.letters).toMatchObject([
    {
      source: 'tasks',
      run,
      shard: task.shard,
      version: task.version,
      attempt: 0,
      reason: expect.stringContaining('never answered'),
    },
  ]);
  expect(status.deadLetters.letters[0].receiveCount).toBeGreaterThanOrEqual(MAX_RECEIVES);
  const text = await ask('status', run);
  expect(text.stdout).toMatch(/^fleet +0 running, 0 starting, 2 wanted$/m);
  expect(text.stdout).toMatch(/^why +no Spot capacity/m);
  expect(text.stdout).toMatch(/^dead letters +1 in the deployment, 1 of this run$/m);
  expect(text.stdout).toContain(`shard 1 from version 3, 12 B: ${refused}`);
  expect(text.stderr).toContain(`once the cause is mended: padmm redrive ${run}`);
});

test('an image that cannot be pulled is told from the workers that ended', async () => {
  const { local, ask } = await openCloud({
    service: { desiredCount: 1 },
    stoppedTasks: [{ stoppedReason: 'CannotPullContainerError: manifest unknown', containers: [] }],
  });
  const { run } = await submitRun(local.connection, { config });
  const { fleet } = JSON.parse((await ask('status', run, '--json')).stdout);
  expect(fleet).toMatchObject({
    stopped: ['CannotPullContainerError: manifest unknown'],
    diagnosis: expect.stringContaining('image cannot be pulled'),
  });
});

/** A block of a fold that no invocation could form. */
async function sendDeadBlock({ connection: { clients }, deployment }: LocalStore, run: string) {
  const job: FoldJob = {
    ...{ schema: PROTOCOL_VERSION, kind: 'fold', run, version: 7, block: 2 },
    ...{ commitId: newCommitId(), digest: '0'.repeat(64), nonce: newNonce() },
  };
  const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'padmm-folds-dead.fifo' }));
  const group = { MessageGroupId: blockGroup(job), MessageDeduplicationId: job.nonce };
  await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(job), ...group }));
  return DeadLetterQueue.of(clients.sqs, deployment.foldsQueueUrl ?? '');
}

test('a redrive asks every run, delivers dead results again, and drops what is over', async () => {
  const { local, ask } = await openCloud();
  const { connection, deployment } = local;
  const { run } = await submitRun(connection, { config });
  const { run: over } = await submitRun(connection, { config });
  const state = await connection.store.get(runKeys(over).state);
  const ended = JSON.stringify({ ...JSON.parse(new TextDecoder().decode(state?.body)), status: 'stopped' });
  await connection.store.replace(runKeys(over).state, ended, state?.etag ?? '');

  const { sqs } = connection.clients;
  const block = await sendDeadBlock(local, run);
  const { deadLetters } = JSON.parse((await ask('status', run, '--json')).stdout);
  expect(deadLetters.letters).toMatchObject([
    { source: 'folds', run, version: 7, block: 2, reason: expect.stringContaining('"fold failed"') },
  ]);
  const dead = await sqs.send(new GetQueueUrlCommand({ QueueName: 'padmm-results-dead.fifo' }));
  const asked = (name: string) =>
    JSON.stringify({
      schema: PROTOCOL_VERSION,
      kind: 'control',
      run: name,
      nonce: newNonce(),
      action: 'pause',
    });
  for (const body of [asked(run), asked(over), 'no JSON']) {
    const group = body.startsWith('{') ? JSON.parse(body).run : 'none';
    const message = { MessageBody: body, MessageGroupId: group, MessageDeduplicationId: newNonce() };
    await sqs.send(new SendMessageCommand({ QueueUrl: dead.QueueUrl, ...message }));
  }
  const queue = await DeadLetterQueue.of(sqs, deployment.resultsQueueUrl);
  expect(await queue.count()).toBe(3);
  const { stdout } = await ask('redrive', '--json');
  expect(JSON.parse(stdout)).toEqual({ runs: [run], results: 1, tasks: 0, folds: 1, dropped: 1 });
  expect(await block.count()).toBe(0);
  const events = (await receiveRecords(sqs, deployment.resultsQueueUrl)).map((body) =>
    runEventSchema.parse(JSON.parse(body)),
  );
  expect(events).toMatchObject([
    { run, kind: 'control', action: 'redrive' },
    { run, kind: 'control', action: 'pause' },
  ]);
  // What is no message of this program stays to be looked at.
  expect(await queue.count()).toBe(1);
});
