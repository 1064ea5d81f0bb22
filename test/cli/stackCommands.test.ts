/**
 * The commands against a deployment: the stack's outputs were recorded, S3, SQS, coordinator and workers are there. What
 * the commands ask AWS for is held against the policy of those who submit runs.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalDeployment, openLocalDeployment } from '../../lib/emulator/localDeployment.ts';
import { newCommitId, newNonce, newRunId } from '../../lib/protocol/ids.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/messages.ts';
import {
  deniedCalls,
  fleetNames,
  permissionsIn,
  SUBMITTER,
  unusedPermissions,
} from '../permissions/evaluate.ts';
import { type RecordingProxy, startRecordingProxy } from '../permissions/recordingProxy.ts';
import { padmm, startPadmm } from '../support/commandLine.ts';
import { type RecordedStack, recordStack } from '../support/recordedStack.ts';
import { control, digestOf } from '../support/runs.ts';
import { makeDirectory, removeDirectory } from '../support/temporaryDirectory.ts';
import { functionEntry, smallConfig } from '../system/localRun.ts';

const PATIENCE_MS = 240_000;
const config = smallConfig({ stop: { maxRounds: 6 }, evaluation: { everyRounds: 2 } });
const endless = smallConfig({ name: 'endless', stop: { maxRounds: 100_000 }, shards: 2 });

let directory: string;
let local: LocalDeployment;
let stack: RecordedStack;
let proxy: RecordingProxy;

const place = () => ['--stack', 'padmm', '--endpoint', proxy.endpoint];
/** A directory of its own, a region, and the keys of one who submits runs. */
const settings = () => {
  return {
    cwd: directory,
    env: {
      ...{ AWS_REGION: 'us-east-1', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
      ...{ AWS_ACCESS_KEY_ID: SUBMITTER, AWS_SECRET_ACCESS_KEY: 'secret' },
    },
  };
};
/** Runs a command against the stack. */
const ask = (...words: string[]) => padmm([...words, ...place()], settings());
const json = async (...words: string[]) => {
  const { exitCode, stdout, stderr } = await ask(...words, '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.anything() });
  return JSON.parse(stdout);
};

beforeAll(async () => {
  directory = await makeDirectory();
  local = await openLocalDeployment({
    directory: join(directory, 'cloud'),
    workers: 1,
    threads: 1,
    coordinatorEntry: functionEntry('coordinator'),
    watchdogEntry: functionEntry('watchdog'),
    workerEntry: functionEntry('worker'),
  });
  stack = await recordStack(local.deployment, {
    stoppedTasks: [{ stoppedReason: 'Essential container in task exited', containers: [] }],
  });
  proxy = await startRecordingProxy(() => stack.endpoint);
  await writeFile(join(directory, 'run.json'), JSON.stringify(config));
  await writeFile(join(directory, 'endless.json'), JSON.stringify(endless));
});

afterAll(async () => {
  await proxy?.close();
  await stack?.close();
  await local?.close();
  await removeDirectory(directory);
});

test('no runs yet are told of the stack, not of a directory', async () => {
  const { exitCode, stdout, stderr } = await ask('list', '--json');
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 0,
    stdout: '[]\n',
    stderr: 'stack padmm in us-east-1: no runs yet\n',
  });
});

test(
  'a run is submitted, watched to its end, seen, reported, measured and downloaded',
  async () => {
    const trained = await json('train', 'run.json');
    const { run } = trained;
    expect(trained).toMatchObject({ status: 'done', rounds: 6 });
    expect(stack.wanted.at(-1)).toBe(4);
    expect(await json('list')).toMatchObject([{ run, status: 'done' }]);
    expect(await json('watch', run)).toEqual(trained);
    expect(await json('status', 'latest')).toMatchObject({
      run,
      session: true,
      deadLetters: { counts: { tasks: 0, results: 0 }, letters: [] },
      refusedResults: [],
      fleet: { desired: 4, running: 0 },
    });
    const [report, downloaded] = [await ask('report', run), await ask('download', run)];
    expect(report).toMatchObject({ exitCode: 0, stdout: 'report.html\n' });
    expect(downloaded).toMatchObject({ exitCode: 0, stdout: `${run}/model.safetensors\n` });
    expect(await json('evaluate', run)).toMatchObject({ run, digest: trained.digest });
    expect(await json('budget', run)).toMatchObject({ run, limits: { maxRounds: 6 } });
    const late = await ask('stop', run);
    expect(late).toMatchObject({ exitCode: 2, stdout: '' });
    expect(late.stderr).toContain('expected one that has not ended');
  },
  PATIENCE_MS,
);

test(
  'a run is paused, given another limit, redriven, resumed, forked, stopped and deleted',
  async () => {
    const { run } = await json('submit', 'endless.json');
    const paused = await json('pause', run);
    expect(paused).toMatchObject({ run, status: 'paused' });
    const maxRounds = paused.rounds + 4;
    expect(await json('budget', run, '--max-rounds', String(maxRounds), '--max-cost-usd', '7')).toEqual({
      run,
      limits: { maxRounds, maxWallSeconds: null, maxWorkerSeconds: null, maxCostUsd: 7 },
      set: { maxRounds, maxWallSeconds: null, maxWorkerSeconds: null, maxCostUsd: 7 },
    });
    const back = await json('budget', run, '--max-cost-usd', 'config');
    expect(back).toMatchObject({ limits: { maxCostUsd: null }, set: { maxCostUsd: null } });
    expect(await json('redrive', run)).toEqual({ runs: [run], results: 0, tasks: 0, folds: 0, dropped: 0 });
    const refused = await ask('delete', run, '--yes');
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('expected one that has ended, received one that is paused');
    const resumed = await json('resume', run);
    expect(resumed).toMatchObject({ run, status: 'done', rounds: maxRounds });

    const fork = await json('fork', run, '--version', String(maxRounds), '--set', 'name=fork');
    expect(fork).toMatchObject({ run: expect.stringMatching(/^fork-/), from: run });
    const stopped = await json('stop', fork.run);
    expect(stopped).toMatchObject({ run: fork.run, status: 'stopped' });

    const unasked = await ask('delete', fork.run);
    expect(unasked).toMatchObject({ exitCode: 2, stdout: '' });
    expect(unasked.stderr).toContain('expected --yes where there is no terminal to ask on');
    const deleted = await json('delete', fork.run, '--yes');
    expect(deleted.run).toBe(fork.run);
    expect(deleted.objects).toBeGreaterThan(3);
    const gone = await ask('status', fork.run);
    expect(gone).toMatchObject({ exitCode: 2, stdout: '' });
    expect((await json('list')).map((row: { run: string }) => row.run)).not.toContain(fork.run);
  },
  PATIENCE_MS,
);

describe('a fork that cannot be', () => {
  test.each([
    ['with a field that is not there', ['--set', 'momentum=1'], 2, 'expected no field named "momentum"'],
    ['with a value that is wrong', ['--set', 'shards=0'], 2, '>=1, received 0'],
    ['with a path through a value', ['--set', 'shards.of=1'], 2, 'shards: expected a field that has fields'],
    ['from a version that is not kept', ['--version', '99999'], 2, 'expected one that is kept'],
    ['for another network', ['--set', 'model.hiddenUnits=17'], 3, 'parameters of the fork: U'],
    ['with no value', ['--set', 'shards'], 2, 'Expected KEY=VALUE'],
  ])('%s is refused, and nothing is stored', async (_, words, exitCode, message) => {
    const before = await json('list');
    const [{ run }] = before;
    const refused = await ask('fork', run, ...words);
    expect(refused).toMatchObject({ exitCode, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(await json('list')).toEqual(before);
  });
});

/** Puts a message among the dead letters of a queue. */
async function addDeadLetter(queue: string, message: object, fifo: object = {}): Promise<void> {
  const { sqs } = local.connection.clients;
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message), ...fifo }));
}

test('dead letters of a run that is over are shown, and dropped', async () => {
  const gone = newRunId('gone');
  const from = { version: 7, commitId: newCommitId(), digest: digestOf('z'), broadcastDigest: null };
  const about = { run: gone, version: 7, shard: 0, attempt: 9 };
  await addDeadLetter('padmm-tasks-dead', { schema: PROTOCOL_VERSION, kind: 'evaluate', ...about, from });
  const group = { MessageGroupId: gone, MessageDeduplicationId: 'a' };
  await addDeadLetter('padmm-results-dead.fifo', control(gone, 'pause'), group);
  const job = { schema: PROTOCOL_VERSION, kind: 'fold', run: gone, version: 7, block: 2, nonce: newNonce() };
  await addDeadLetter(
    'padmm-folds-dead.fifo',
    { ...job, ...{ commitId: newCommitId(), digest: from.digest } },
    group,
  );
  const { deadLetters } = await json('status', 'latest');
  expect(deadLetters.counts).toEqual({ tasks: 1, results: 1, folds: 1 });
  expect(await json('redrive')).toEqual({ runs: [], results: 0, tasks: 0, folds: 0, dropped: 3 });
});

test('data are uploaded without a run, and the dashboard looks at the queues', async () => {
  const { digest } = await json('upload', 'run.json');
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  const dashboard = startPadmm(['dashboard', ...place()], settings());
  const [printed] = await once(dashboard.child.stdout as NodeJS.EventEmitter, 'data');
  const { origin } = new URL(String(printed).trim());
  const { run } = await json('status', 'latest');
  const aborter = new AbortController();
  const { body } = await fetch(`${origin}/api/events/run/${run}`, { signal: aborter.signal });
  let told = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    told += chunk;
    if (told.includes('event: queues')) break;
  }
  aborter.abort();
  expect(told).toContain('event: queues');
  dashboard.child.kill('SIGINT');
  expect((await dashboard.outcome).exitCode).toBe(0);
});

test('whoever submits runs may do all of this, and nothing that no command needs', () => {
  const permissions = permissionsIn(local.deployment, {
    ...fleetNames({ cluster: 'padmm-cluster', service: 'padmm-service' }),
    '<TrainingQueuesDeadTasks.Arn>': 'padmm-tasks-dead',
    '<TrainingQueuesDeadResults.Arn>': 'padmm-results-dead.fifo',
    '<TrainingQueuesDeadFolds.Arn>': 'padmm-folds-dead.fifo',
    '<TrainingQueuesFolds.Arn>': basename(local.deployment.foldsQueueUrl ?? ''),
  });
  const calls = proxy.calls.filter(({ principal }) => principal === SUBMITTER);
  expect(calls.length).toBeGreaterThan(300);
  expect(deniedCalls(permissions, calls)).toEqual([]);
  // The folder of the data, which test/localstack submits from.
  expect(unusedPermissions(permissions, calls, SUBMITTER)).toEqual([
    's3:GetObject corpora/reviews/*',
    's3:ListBucket corpora',
  ]);
});
