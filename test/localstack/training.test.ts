/** A whole training through the deployed stack: the bundled functions run as Lambdas of LocalStack. */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readRunConfig } from '../../lib/cli/readConfig.ts';
import { followRun } from '../../lib/client/follow.ts';
import { prepareRun, submitRun } from '../../lib/client/submit.ts';
import { getJson } from '../../lib/cloud/json.ts';
import { readRun } from '../../lib/observe/runView.ts';
import { modelDigest } from '../../lib/observe/summary.ts';
import { runConfigSchema } from '../../lib/protocol/config.ts';
import { datasetReferenceSchema } from '../../lib/protocol/dataset.ts';
import { runKeys } from '../../lib/protocol/keys.ts';
import { installLocalStack } from '../../scripts/emulators/localstack.ts';
import { DATA_URI, deniedCalls, permissionsIn, SUBMITTER } from '../permissions/evaluate.ts';
import { padmm } from '../support/commandLine.ts';
import { requirement } from '../support/requirement.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { runSmall, smallConfig } from '../system/localRun.ts';
import { type Deployed, deployToLocalStack } from './deployed.ts';
import { listenForRunEnds } from './runEnds.ts';

const DEPLOYMENT_TIMEOUT_MS = 600_000;
const RUN_TIMEOUT_MS = 600_000;
const MNIST_TIMEOUT_MS = 1_800_000;
const WATCHDOG_TIMEOUT_MS = 150_000;

/** A table of documents, and a run on it that does not end by itself while the tests last. */
const TEXT_TABLE = [
  'text,label',
  ...Array.from({ length: 200 }, (_, i) => `film ${i} was ${i % 2 ? 'good' : 'bad'},${i % 2}`),
].join('\n');
const TEXT_CONFIG = {
  name: 'reviews',
  dataset: { kind: 'text', file: 'films.csv', timeSteps: 4, vocabularySize: 20 },
  model: { hiddenUnits: 4 },
  stop: { maxRounds: 100_000 },
};

const missing = await installLocalStack().then(
  () => null,
  (error: Error) => error.message,
);
const testOnLocalStack = requirement('localstack', missing);

describe('a training on LocalStack', () => {
  let deployed: Deployed;
  let nextRunEnd: Awaited<ReturnType<typeof listenForRunEnds>>;
  beforeAll(async () => {
    if (missing !== null) return;
    deployed = await deployToLocalStack();
    nextRunEnd = await listenForRunEnds(deployed.connection.clients.sqs, deployed.deployment);
  }, DEPLOYMENT_TIMEOUT_MS);
  afterAll(() => deployed?.close());

  testOnLocalStack(
    'gives the embedded run’s bytes, with a worker and a coordinator killed in the middle',
    async () => {
      const config = smallConfig();
      const { store } = deployed.connection;
      const workers = deployed.startWorkers(2);
      const { run } = await submitRun(deployed.connection, { config });
      const killed = { worker: 0, coordinator: 0 };
      for await (const { version } of followRun(store, run, { intervalMs: 50 })) {
        if (version >= 3 && killed.worker === 0) {
          killed.worker = workers.pids[0] ?? 0;
          process.kill(killed.worker, 'SIGKILL');
        }
        if (version >= 6 && killed.coordinator === 0) {
          [killed.coordinator = 0] = await deployed.functionPids('Coordinator');
          process.kill(killed.coordinator, 'SIGKILL');
        }
      }
      const { state } = await readRun(store, run);
      expect(state).toMatchObject({ status: 'done', version: config.stop.maxRounds });
      expect(killed).toEqual({ worker: expect.any(Number), coordinator: expect.any(Number) });
      const embedded = await runSmall({ directory: await temporaryDirectory(), workers: 2, config });
      expect(modelDigest(state)).toBe(embedded.digest);
      const { bucket } = deployed.deployment;
      const { version, validation, test } = state.model ?? {};
      expect(await nextRunEnd()).toMatchObject({
        ...{ run, bucket, status: 'done', rounds: config.stop.maxRounds },
        best: { version, validation, test },
      });
      const calls = deployed.calls();
      expect(calls.length).toBeGreaterThan(200);
      expect(deniedCalls(permissionsIn(deployed.deployment), calls)).toEqual([]);
      const told = calls.filter(({ action }) => action === 'events:PutEvents');
      expect(told.map(({ principal }) => principal)).toContain('coordinator');
    },
    RUN_TIMEOUT_MS,
  );

  if (process.env.PADMM_TESTS === 'full') {
    testOnLocalStack(
      'in four blocks gives the bytes of the embedded run in one, each block formed by an invocation of its own',
      async () => {
        const { connection, deployment } = deployed;
        deployed.startWorkers(2);
        const config = smallConfig({ stop: { maxRounds: 4 }, consensus: { blocks: 4 } });
        const { run } = await submitRun(connection, { config });
        for await (const _state of followRun(connection.store, run, { intervalMs: 100 }));
        const { state } = await readRun(connection.store, run);
        const whole = smallConfig({ stop: { maxRounds: 4 } });
        const embedded = await runSmall({ directory: await temporaryDirectory(), workers: 2, config: whole });
        expect(state).toMatchObject({ status: 'done', counters: { resent: 0 } });
        expect(modelDigest(state)).toBe(embedded.digest);
        const folds = basename(deployment.resultsQueueUrl).replace('results', 'folds');
        const permissions = permissionsIn(deployment, { '<TrainingQueuesFolds.Arn>': folds });
        const calls = deployed.calls();
        const asked = calls.filter(
          ({ action, resource }) => action === 'sqs:SendMessage' && resource === folds,
        );
        expect(asked.length).toBeGreaterThanOrEqual(4 * config.stop.maxRounds);
        expect(deniedCalls(permissions, calls)).toEqual([]);
      },
      RUN_TIMEOUT_MS,
    );
  }

  if (process.env.PADMM_MNIST_DIRECTORY !== undefined) {
    const dataDirectory = process.env.PADMM_MNIST_DIRECTORY;
    testOnLocalStack(
      'trains on MNIST to the embedded run’s bytes',
      async () => {
        const config = await readRunConfig(
          fileURLToPath(new URL('../../examples/mnist.json', import.meta.url)),
        );
        const { store } = deployed.connection;
        const workers = deployed.startWorkers(2);
        const startedAtMs = performance.now();
        const { run } = await submitRun(deployed.connection, { config, dataDirectory });
        for await (const _state of followRun(store, run, { intervalMs: 200 }));
        const { state } = await readRun(store, run);
        const seconds = (performance.now() - startedAtMs) / 1000;
        const figures = { seconds, rounds: state.version, ...state.model?.test, digest: modelDigest(state) };
        process.stderr.write(`MNIST on LocalStack: ${JSON.stringify(figures)}\n`);
        expect(state).toMatchObject({ status: 'done' });
        expect(state.model?.test?.accuracy).toBeGreaterThanOrEqual(0.955);
        await workers.stop();
        const directory = await temporaryDirectory();
        const embedded = await runSmall({ directory, workers: 2, config, dataDirectory });
        expect(modelDigest(state)).toBe(embedded.digest);
      },
      MNIST_TIMEOUT_MS,
    );
  }

  testOnLocalStack(
    'padmm submit finds the stack by its name, and takes data from a folder of S3',
    async () => {
      const { deployment, connection } = deployed;
      const directory = await temporaryDirectory();
      const file = join(directory, 'config.json');
      await writeFile(file, JSON.stringify(TEXT_CONFIG));
      await writeFile(join(directory, 'films.csv'), TEXT_TABLE);
      const { s3 } = connection.clients;
      await s3.send(new CreateBucketCommand({ Bucket: 'corpora' }));
      await s3.send(
        new PutObjectCommand({ Bucket: 'corpora', Key: 'reviews/films.csv', Body: Buffer.from(TEXT_TABLE) }),
      );
      const { exitCode, stdout, stderr } = await padmm(
        [...['submit', file, '--data', DATA_URI], ...['--endpoint', deployed.recordedEndpoint, '--json']],
        {
          env: {
            ...{ AWS_REGION: deployment.region, AWS_ACCESS_KEY_ID: SUBMITTER },
            AWS_SECRET_ACCESS_KEY: 'secret',
          },
        },
      );
      expect(stderr).toContain('the deployment has no workers of its own');
      expect(exitCode).toBe(0);
      const { run, stack } = JSON.parse(stdout) as { run: string; stack: string };
      expect(stack).toBe('padmm');
      expect((await readRun(connection.store, run)).state.status).toBe('running');
      const config = runConfigSchema.parse(TEXT_CONFIG);
      const { manifest } = await prepareRun({ config, dataDirectory: directory });
      const stored = await getJson(connection.store, runKeys(run).dataset, datasetReferenceSchema);
      expect(stored?.value.digest).toBe(manifest.digest);
      const calls = deployed.calls().filter(({ principal }) => principal === SUBMITTER);
      expect(new Set(calls.map(({ action }) => action))).toEqual(
        new Set([
          ...['cloudformation:DescribeStacks', 's3:GetObject', 's3:ListBucket', 's3:PutObject'],
          'sqs:SendMessage',
        ]),
      );
      expect(deniedCalls(permissionsIn(deployment), calls)).toEqual([]);
    },
    RUN_TIMEOUT_MS,
  );

  testOnLocalStack(
    'the watchdog is fired by its rule',
    async () => {
      const fired = async () => (await deployed.functionPids('Watchdog')).length > 0;
      const deadlineMs = performance.now() + WATCHDOG_TIMEOUT_MS;
      while (!(await fired()) && performance.now() < deadlineMs) await delay(500);
      expect(await fired()).toBe(true);
    },
    WATCHDOG_TIMEOUT_MS + 30_000,
  );
});
