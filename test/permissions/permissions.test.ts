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
import { connect, type Deployment, toEnvironment } from '../../lib/cloud/deployment.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { EventSourcePoller } from '../../lib/emulator/eventSourcePoller.ts';
import { LambdaFunction } from '../../lib/emulator/lambdaFunction.ts';
import { WorkerProcesses } from '../../lib/emulator/workerProcesses.ts';
import { statementsByRole } from '../infra/policies.ts';
import { templateOf } from '../infra/synthesise.ts';
import { projectDirectory } from '../support/commandLine.ts';
import { smallConfig } from '../system/localRun.ts';
import { allows, type Permission, permissionsOf, type Resources } from './evaluate.ts';
import { type RecordedCall, startRecordingProxy } from './recordingProxy.ts';

const ROLES = {
  coordinator: 'TrainingCoordinatorHandlerRole',
  watchdog: 'TrainingWatchdogHandlerRole',
  worker: 'TrainingFleetTaskTaskRole',
} as const;
type Principal = keyof typeof ROLES;
const principals = Object.keys(ROLES) as Principal[];

/** Permissions that an undisturbed run in the embedded emulator does not use, and what does. */
const OTHERWISE_USED: Readonly<Record<Principal, Readonly<Record<string, string>>>> = {
  coordinator: {
    'sqs:ReceiveMessage': 'the event source mapping, in the name of the role',
    'sqs:DeleteMessage': 'the event source mapping, in the name of the role',
    'sqs:GetQueueAttributes': 'the event source mapping, in the name of the role',
    'sqs:ChangeMessageVisibility': 'a batch that failed comes again soon',
    'logs:CreateLogStream': 'the Lambda service',
    'logs:PutLogEvents': 'the Lambda service',
    'events:PutEvents': 'the end of a run, where there is a bus: see test/localstack',
  },
  watchdog: {
    's3:PutObject': 'a commit, where something was lost or a limit is reached',
    's3:DeleteObject': 'garbage after such a commit',
    'sqs:SendMessage': 'what was lost is sent again',
    'ecs:DescribeServices': 'the fleet, which the embedded emulator has not',
    'ecs:UpdateService': 'the fleet, which the embedded emulator has not',
    'logs:CreateLogStream': 'the Lambda service',
    'logs:PutLogEvents': 'the Lambda service',
    'events:PutEvents': 'the end of a run, where there is a bus: see test/localstack',
  },
  worker: {
    'sqs:ChangeMessageVisibility': 'the heartbeat of a long task, and the hand-back of one',
    'ecs:UpdateTaskProtection': 'the ECS agent, in the name of the role',
  },
};

const entry = (name: string): string => join(projectDirectory, 'functions', name, 'index.ts');

/** Runs a small training whose three parties sign with keys of their own; gives what they asked AWS for. */
async function recordRun(
  directory: string,
): Promise<{ calls: readonly RecordedCall[]; deployment: Deployment }> {
  const aws = await startEmbeddedAws({ directory });
  const proxy = await startRecordingProxy(aws.endpoint);
  const { deployment } = aws;
  const proxied = (url: string) => url.replace(aws.endpoint, proxy.endpoint);
  const environmentOf = (principal: Principal): NodeJS.ProcessEnv => ({
    ...process.env,
    ...toEnvironment({
      ...deployment,
      endpoint: proxy.endpoint,
      tasksQueueUrl: proxied(deployment.tasksQueueUrl),
      resultsQueueUrl: proxied(deployment.resultsQueueUrl),
    }),
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
  const poller = new EventSourcePoller({
    sqs: connection.clients.sqs,
    queueUrl: deployment.resultsQueueUrl,
    queueArn: `arn:aws:sqs:us-east-1:000000000000:${basename(deployment.resultsQueueUrl)}`,
    region: deployment.region,
    invoke: (event) => coordinator.invoke(event),
    maxConcurrency: 2,
    log: () => {},
  });
  const workers = new WorkerProcesses({
    count: 2,
    entry: entry('worker'),
    environment: environmentOf('worker'),
    logDirectory: directory,
    graceMs: 10_000,
    log: () => {},
  });
  try {
    const { run } = await submitRun(connection, { config: smallConfig({ stop: { maxRounds: 40 } }) });
    await watchdog.invoke({});
    poller.start();
    workers.start();
    for await (const _state of followRun(connection.store, run, { intervalMs: 50 }));
    return { calls: proxy.calls, deployment };
  } finally {
    await workers.stop();
    await poller.stop();
    await Promise.all([coordinator.close(), watchdog.close()]);
    connection.close();
    await proxy.close();
    await aws.close();
  }
}

describe('permissions', () => {
  let calls: readonly RecordedCall[];
  const permissions = new Map<string, Permission[]>();

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'padmm-permissions-'));
    const recorded = await recordRun(directory).finally(() =>
      rm(directory, { recursive: true, force: true }),
    );
    calls = recorded.calls;
    const { bucket, tasksQueueUrl, resultsQueueUrl } = recorded.deployment;
    const resources: Resources = {
      '<TrainingStorageBucket.Arn>': bucket,
      '<TrainingQueuesTasks.Arn>': basename(tasksQueueUrl),
      '<TrainingQueuesResults.Arn>': basename(resultsQueueUrl),
    };
    const roles = statementsByRole(templateOf({ workerImage: 'public.ecr.aws/some/worker:1' }));
    for (const principal of principals) {
      permissions.set(principal, permissionsOf(roles.get(ROLES[principal]) ?? [], resources));
    }
  }, 300_000);

  const allowed = (call: RecordedCall) =>
    permissions.get(call.principal)?.some((permission) => allows(permission, call)) ?? false;
  const described = ({ principal, action, resource, prefix }: RecordedCall) =>
    `${principal} ${action} ${resource} ${prefix ?? ''}`;

  test('every call of a run is allowed', () => {
    expect(calls.length).toBeGreaterThan(500);
    expect([...new Set(calls.filter((call) => !allowed(call)).map(described))]).toEqual([]);
  });

  test.for(principals)('the %s has no permission that nothing uses', (principal) => {
    const own = calls.filter((call) => call.principal === principal);
    expect(own.length).toBeGreaterThan(0);
    const unused = (permissions.get(principal) ?? []).filter(
      (permission) => !own.some((call) => allows(permission, call)),
    );
    const used = Object.keys(OTHERWISE_USED[principal]);
    expect([...new Set(unused.map(({ action }) => action))].sort()).toEqual(used.sort());
  });

  test('a call that no policy has is not allowed', () => {
    const [bucket = ''] = calls.find(({ action }) => action === 's3:GetObject')?.resource.split('/') ?? [];
    const worker = { principal: 'worker', prefix: null };
    expect(allowed({ ...worker, action: 's3:DeleteObject', resource: `${bucket}/runs/a/state.json` })).toBe(
      false,
    );
    expect(allowed({ ...worker, action: 's3:PutObject', resource: `${bucket}/runs/a/state.json` })).toBe(
      false,
    );
    const listing = { principal: 'watchdog', action: 's3:ListBucket', resource: bucket };
    expect(allowed({ ...listing, prefix: 'runs/' })).toBe(true);
    expect(allowed({ ...listing, prefix: 'datasets/' })).toBe(false);
  });
});
