/**
 * The shipped template, with its fleet, deployed by the CDK to moto. What moto's CloudFormation does not know, it leaves
 * out unseen: alarms, dashboard, budget, policies of roles. It does not know CodeBuild either, whose project the template
 * refers to, so the image is one that is built already.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { submitRun } from '../../lib/client/submit.ts';
import { connect, toEnvironment } from '../../lib/cloud/deployment.ts';
import { createEcsClient, Fleet } from '../../lib/cloud/fleet.ts';
import { FOLDS_VARIABLE } from '../../lib/cloud/foldQueue.ts';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import { findStack, type StackDeployment } from '../../lib/cloud/stack.ts';
import { loadState } from '../../lib/coordinator/stateObject.ts';
import { LambdaFunction } from '../../lib/emulator/lambdaFunction.ts';
import { EnvironmentError } from '../../lib/errors.ts';
import { RUNS_PREFIX, runKeys } from '../../lib/protocol/keys.ts';
import {
  bootstrap,
  type CdkOptions,
  deploy,
  emulatorEnvironment,
  synthesise,
} from '../../scripts/emulators/cdk.ts';
import type { Emulator } from '../../scripts/emulators/emulatorProcess.ts';
import { installMoto, MOTO_ACCOUNT, startMoto } from '../../scripts/emulators/moto.ts';
import { runApp } from '../infra/runApp.ts';
import { deniedCalls, fleetNames, permissionsIn } from '../permissions/evaluate.ts';
import { startRecordingProxy } from '../permissions/recordingProxy.ts';
import { padmm } from '../support/commandLine.ts';
import { requirement } from '../support/requirement.ts';
import { functionEntry, smallConfig } from '../system/localRun.ts';

const REGION = 'us-east-1';
const TIMEOUT_MS = 600_000;
const SETTINGS = { workerImage: 'public.ecr.aws/some/worker:1', maxWorkers: '3' };

const outcomeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'done',
    ({ message }: Error) => message,
  );

/** Writes that a run was stopped. */
async function endRun(store: ObjectStore, run: string): Promise<void> {
  const { state, etag } = await loadState(store, run);
  await store.replace(runKeys(run).state, JSON.stringify({ ...state, status: 'stopped' }), etag);
}

const missing = await installMoto().then(
  () => null,
  (error: Error) => error.message,
);
const testOnMoto = requirement('moto', missing);

describe('the stack on moto', () => {
  let directory: string;
  let emulator: Emulator;
  let deployment: StackDeployment;
  /** What came of a deployment before the account was prepared. */
  let tooEarly: { readonly unknown: string; readonly deployed: string; readonly found: string };

  beforeAll(async () => {
    if (missing !== null) return;
    directory = await mkdtemp(join(tmpdir(), 'padmm-moto-'));
    emulator = await startMoto(directory);
    const { endpoint } = emulator;
    const options: CdkOptions = { endpoint, directory, account: MOTO_ACCOUNT, context: SETTINGS };
    await synthesise(options);
    tooEarly = {
      unknown: await outcomeOf(deploy({ ...options, hasCredentials: false })),
      deployed: await outcomeOf(deploy(options)),
      found: await outcomeOf(findStack('padmm', { region: REGION, endpoint })),
    };
    await bootstrap(options);
    await deploy(options);
    deployment = await findStack('padmm', { region: REGION, endpoint });
  }, TIMEOUT_MS);
  afterAll(async () => {
    await emulator?.close();
    if (directory) await rm(directory, { recursive: true });
  });

  testOnMoto('an account that is not prepared is told, with what mends it, and nothing is created', () => {
    expect(tooEarly.deployed).toMatch(/Has the environment been bootstrapped\? Please run 'cdk bootstrap'/);
    expect(tooEarly.found).toContain('stack padmm in us-east-1: expected a deployment, received none');
  });

  testOnMoto('whoever has no credentials is told, and nothing is created', () => {
    expect(tooEarly.unknown).toContain('Unable to resolve AWS account to use');
  });

  testOnMoto(
    'instances that the region does not offer are refused before anything is deployed',
    async () => {
      const { code, stderr, templates } = await runApp(
        { ...SETTINGS, instanceTypes: 'g4dn.xlarge,g99.xlarge' },
        {
          ...emulatorEnvironment(emulator.endpoint, directory),
          ...{ CDK_DEFAULT_ACCOUNT: MOTO_ACCOUNT, CDK_DEFAULT_REGION: REGION },
        },
      );
      expect(stderr).toContain(
        'deployment: instanceTypes: expected GPU instances that us-east-1 offers (-c instanceTypes=g4dn.xlarge), received g99.xlarge',
      );
      expect(code).toBe(2);
      expect(templates).toEqual([]);
    },
    TIMEOUT_MS,
  );

  testOnMoto('is found by its name, with its fleet', () => {
    expect(deployment).toMatchObject({
      stack: 'padmm',
      bucket: expect.stringMatching(/^padmm-/),
      tasksQueueUrl: expect.stringContaining('Tasks'),
      resultsQueueUrl: expect.stringMatching(/padmm-results\.fifo$/),
      fleet: { cluster: expect.any(String), service: expect.any(String), maxWorkers: 3 },
    });
  });

  testOnMoto('begins at zero workers, and wants as many as it is told, up to its maximum', async () => {
    const ecs = createEcsClient({ region: REGION, endpoint: emulator.endpoint });
    try {
      const fleet = new Fleet(ecs, deployment.fleet ?? { cluster: '', service: '', maxWorkers: 0 });
      expect(await fleet.status()).toMatchObject({ desired: 0 });
      expect(await fleet.want(8)).toBe(3);
      expect(await fleet.status()).toMatchObject({ desired: 3 });
      expect(await fleet.want(0)).toBe(0);
      expect(await fleet.status()).toMatchObject({ desired: 0 });
    } finally {
      ecs.destroy();
    }
  });

  testOnMoto(
    'takes a run from the command line, shows it, and says what it lacks',
    async () => {
      const file = join(directory, 'run.json');
      await writeFile(file, JSON.stringify(smallConfig({ shards: 2 })));
      const ask = (...words: string[]) =>
        padmm([...words, '--stack', 'padmm', '--endpoint', emulator.endpoint, '--json'], {
          env: emulatorEnvironment(emulator.endpoint, directory),
        });
      const submitted = await ask('submit', file);
      expect(submitted.exitCode, submitted.stderr).toBe(0);
      const { run } = JSON.parse(submitted.stdout);
      expect(JSON.parse((await ask('list')).stdout)).toMatchObject([{ run, status: 'running' }]);
      expect(JSON.parse((await ask('status', run)).stdout)).toMatchObject({
        run,
        session: true,
        deadLetters: { counts: { tasks: 0, results: 0 }, letters: [] },
        fleet: { desired: 2, stopped: [] },
      });
      const { checks } = JSON.parse((await ask('doctor')).stdout);
      const statuses = Object.fromEntries(
        checks.map(({ name, status }: { name: string; status: string }) => [name, status]),
      );
      // moto knows neither the quotas of EC2 nor the value of the bootstrap's version.
      expect(statuses).toMatchObject({
        'stack padmm': 'ok',
        'worker image': 'ok',
        workers: 'ok',
        'instance types': 'ok',
        'dead letters': 'ok',
      });
    },
    TIMEOUT_MS,
  );

  testOnMoto(
    'the watchdog wants as many workers as there are tasks out, and none when the last run has ended',
    async () => {
      const proxy = await startRecordingProxy(() => emulator.endpoint);
      // moto knows itself by this name alone.
      const endpoint = proxy.endpoint.replace('127.0.0.1', 'localhost');
      const { fleet = null } = deployment;
      if (fleet === null) throw new Error('expected a fleet');
      const watchdog = new LambdaFunction({
        entry: functionEntry('watchdog'),
        functionName: 'watchdog',
        timeoutMs: 60_000,
        environment: {
          ...emulatorEnvironment(endpoint, directory),
          ...toEnvironment({ ...deployment, endpoint }),
          [FOLDS_VARIABLE]: deployment.foldsQueueUrl,
          ...{ PADMM_CLUSTER: fleet.cluster, PADMM_SERVICE: fleet.service, PADMM_MAX_WORKERS: '3' },
          AWS_ACCESS_KEY_ID: 'watchdog',
        },
        logFile: join(directory, 'watchdog.log'),
      });
      const connection = connect(deployment);
      const ecs = createEcsClient({ region: REGION, endpoint: emulator.endpoint });
      try {
        const { store } = connection;
        await submitRun(connection, { config: smallConfig({ shards: 2 }) });
        await watchdog.invoke({});
        // Two shards and the first evaluation, of this run and of the one before; three are allowed.
        expect(await new Fleet(ecs, fleet).status()).toMatchObject({ desired: 3 });
        for await (const prefix of store.listPrefixes(RUNS_PREFIX)) {
          await endRun(store, prefix.slice(RUNS_PREFIX.length, -1));
        }
        await watchdog.invoke({});
        expect(await new Fleet(ecs, fleet).status()).toMatchObject({ desired: 0 });
        const permissions = permissionsIn(deployment, fleetNames(fleet));
        expect(deniedCalls(permissions, proxy.calls)).toEqual([]);
        const actions = new Set(proxy.calls.map(({ action }) => action));
        for (const action of ['ecs:DescribeServices', 'ecs:UpdateService']) {
          expect(actions).toContain(action);
        }
      } finally {
        ecs.destroy();
        connection.close();
        await watchdog.close();
        await proxy.close();
      }
    },
    TIMEOUT_MS,
  );

  testOnMoto('a name that is not there is told, with what mends it', async () => {
    const finding = findStack('other', { region: REGION, endpoint: emulator.endpoint });
    await expect(finding).rejects.toThrow(EnvironmentError);
    await expect(finding).rejects.toThrow(
      'stack other in us-east-1: expected a deployment, received none; deploy it with: npx cdk deploy -c stack=other',
    );
  });
});
