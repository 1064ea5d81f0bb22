/**
 * No emulator enforces IAM. So every call that coordinator, watchdog and workers make in a run is recorded, each under
 * an access key of its own, and held against the policies of the synthesised stack.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { followRun } from '../../lib/client/follow.ts';
import { submitRun } from '../../lib/client/submit.ts';
import { type Connection, connect, type Deployment, toEnvironment } from '../../lib/cloud/deployment.ts';
import { FOLDS_VARIABLE } from '../../lib/cloud/foldQueue.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { EventSourcePoller } from '../../lib/emulator/eventSourcePoller.ts';
import { LambdaFunction } from '../../lib/emulator/lambdaFunction.ts';
import { WorkerProcesses } from '../../lib/emulator/workerProcesses.ts';
import { newCommitId, newNonce, newRunId } from '../../lib/protocol/ids.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/messages.ts';
import { projectDirectory } from '../support/commandLine.ts';
import { control, digestOf } from '../support/runs.ts';
import { smallConfig } from '../system/localRun.ts';
import {
  deniedCalls,
  type Permissions,
  type Principal,
  permissionsIn,
  principals,
  unusedPermissions,
} from './evaluate.ts';
import { type RecordedCall, startRecordingProxy } from './recordingProxy.ts';

/** Permissions that the runs here do not use, and what does. */
const OTHERWISE_USED: Readonly<Record<Principal, Readonly<Record<string, string>>>> = {
  coordinator: {
    'sqs:ReceiveMessage': 'the event source mapping, in the name of the role',
    'sqs:DeleteMessage': 'the event source mapping, in the name of the role',
    'sqs:GetQueueAttributes': 'the event source mapping, in the name of the role',
    'sqs:ChangeMessageVisibility': 'a block of a fold that failed comes again soon; results do here',
    'logs:CreateLogStream': 'the Lambda service',
    'logs:PutLogEvents': 'the Lambda service',
    'events:PutEvents': 'the end of a run, where there is a bus: see test/localstack',
  },
  watchdog: {
    's3:DeleteObject': 'garbage, where a commit of its own forms a version',
    'sqs:SendMessage': 'a block of a fold that was lost is asked for again; lost tasks are, here',
    'ecs:DescribeServices': 'the fleet, which the embedded emulator has not: see test/moto',
    'ecs:UpdateService': 'the fleet, which the embedded emulator has not: see test/moto',
    'logs:CreateLogStream': 'the Lambda service',
    'logs:PutLogEvents': 'the Lambda service',
    'events:PutEvents': 'the end of a run, where there is a bus: see test/localstack',
  },
  worker: {
    'ecs:UpdateTaskProtection': 'the ECS agent, in the name of the role',
  },
};

const entry = (name: string): string => join(projectDirectory, 'functions', name, 'index.ts');

/** A run whose time is over before it begins: the watchdog ends its rounds. */
const submitOverdue = (connection: Connection) =>
  submitRun(connection, { config: smallConfig({ name: 'overdue', stop: { maxWallSeconds: 0.001 } }) });

/** Messages of a run that cannot be read: coordinator and worker give them back, to be tried again soon. */
async function disturb({ store, results, tasks }: Connection): Promise<void> {
  const run = newRunId('broken');
  await store.create(runKeys(run).config, 'not a config');
  await results.send(run, JSON.stringify(control(run, 'stop')), newNonce());
  const from = { version: 0, commitId: newCommitId(), digest: digestOf('z'), broadcastDigest: null };
  const about = { run, version: 0, shard: 0, attempt: 0 };
  await tasks.send([JSON.stringify({ schema: PROTOCOL_VERSION, kind: 'evaluate', ...about, from })]);
}

/** Runs a small training whose three parties sign with keys of their own; gives what they asked AWS for. */
async function recordRun(directory: string): Promise<{
  readonly calls: readonly RecordedCall[];
  readonly deployment: Deployment;
  readonly foldsQueueUrl: string;
}> {
  const aws = await startEmbeddedAws({ directory });
  const proxy = await startRecordingProxy(() => aws.endpoint);
  const { deployment } = aws;
  const { foldsQueueUrl } = deployment;
  const proxied = (url: string) => url.replace(aws.endpoint, proxy.endpoint);
  const environmentOf = (principal: Principal): NodeJS.ProcessEnv => ({
    ...process.env,
    ...toEnvironment({
      ...deployment,
      endpoint: proxy.endpoint,
      tasksQueueUrl: proxied(deployment.tasksQueueUrl),
      resultsQueueUrl: proxied(deployment.resultsQueueUrl),
    }),
    [FOLDS_VARIABLE]: proxied(foldsQueueUrl),
    AWS_ACCESS_KEY_ID: principal,
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const lambda = (name: 'coordinator' | 'watchdog') =>
    new LambdaFunction({
      entry: entry(name),
      functionName: name,
      timeoutMs: 60_000,
      environment: environmentOf(name),
      logFile: join(directory, `${name}.log`),
    });
  const coordinator = lambda('coordinator');
  const watchdog = lambda('watchdog');
  const connection = connect(deployment);
  const pollerOf = (queueUrl: string, batchRecords: number) =>
    new EventSourcePoller({
      ...{ queue: aws.eventSource(queueUrl), batchRecords },
      invoke: (event) => coordinator.invoke(event),
      maxConcurrency: 2,
      log: () => {},
    });
  const pollers = [pollerOf(deployment.resultsQueueUrl, 10), pollerOf(foldsQueueUrl, 1)];
  const workers = new WorkerProcesses({
    count: 2,
    entry: entry('worker'),
    environment: environmentOf('worker'),
    logDirectory: directory,
    graceMs: 10_000,
    log: () => {},
  });
  try {
    // Whatever is out when the watchdog looks counts as lost.
    const faults = { unstartedSeconds: 0.001 };
    const config = smallConfig({ stop: { maxRounds: 10 }, consensus: { blocks: 2 }, faults });
    const { run } = await submitRun(connection, { config });
    await disturb(connection);
    const overdue = await submitOverdue(connection);
    await watchdog.invoke({});
    for (const poller of pollers) poller.start();
    workers.start();
    for (const each of [run, overdue.run]) {
      for await (const _state of followRun(connection.store, each, { intervalMs: 50 }));
    }
    return { calls: proxy.calls, deployment, foldsQueueUrl };
  } finally {
    await workers.stop();
    await Promise.all(pollers.map((poller) => poller.stop()));
    await Promise.all([coordinator.close(), watchdog.close()]);
    connection.close();
    await proxy.close();
    await aws.close();
  }
}

describe('permissions', () => {
  let calls: readonly RecordedCall[];
  let permissions: Permissions;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'padmm-permissions-'));
    const recorded = await recordRun(directory).finally(() =>
      rm(directory, { recursive: true, force: true }),
    );
    calls = recorded.calls;
    permissions = permissionsIn(recorded.deployment, {
      '<TrainingQueuesFolds.Arn>': basename(recorded.foldsQueueUrl),
    });
  }, 300_000);

  test('every call of a run is allowed', () => {
    expect(calls.length).toBeGreaterThan(300);
    expect(deniedCalls(permissions, calls)).toEqual([]);
  });

  test.for(principals)('the %s has no permission that nothing uses', (principal) => {
    const own = calls.filter((call) => call.principal === principal);
    expect(own.length).toBeGreaterThan(0);
    const unused = unusedPermissions(permissions, calls, principal).map((text) => text.split(' ')[0]);
    const used = Object.keys(OTHERWISE_USED[principal]);
    expect([...new Set(unused)].sort()).toEqual(used.sort());
  });

  test('a call that no policy has is not allowed', () => {
    const [bucket = ''] = calls.find(({ action }) => action === 's3:GetObject')?.resource.split('/') ?? [];
    const worker = { principal: 'worker', resource: `${bucket}/runs/a/state.json`, context: {} };
    const listing = { principal: 'watchdog', action: 's3:ListBucket', resource: bucket };
    const telling = { principal: 'coordinator', action: 'events:PutEvents', resource: 'event-bus/default' };
    const ended = { 'events:source': 'padmm', 'events:detail-type': 'Run ended' };
    const denied = deniedCalls(permissions, [
      { ...worker, action: 's3:DeleteObject' },
      { ...worker, action: 's3:PutObject' },
      { ...listing, context: { 's3:prefix': 'runs/' } },
      { ...listing, context: { 's3:prefix': 'datasets/' } },
      { ...telling, context: ended },
      { ...telling, context: { ...ended, 'events:source': 'aws.health' } },
      { ...telling, resource: 'event-bus/other', context: ended },
    ]);
    expect(denied).toEqual([
      `worker s3:DeleteObject ${bucket}/runs/a/state.json {}`,
      `worker s3:PutObject ${bucket}/runs/a/state.json {}`,
      `watchdog s3:ListBucket ${bucket} {"s3:prefix":"datasets/"}`,
      'coordinator events:PutEvents event-bus/default {"events:source":"aws.health","events:detail-type":"Run ended"}',
      'coordinator events:PutEvents event-bus/other {"events:source":"padmm","events:detail-type":"Run ended"}',
    ]);
  });
});
