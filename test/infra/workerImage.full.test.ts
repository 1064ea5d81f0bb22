/** The worker's image without Docker: the steps of its Dockerfile for the CPU, run in a directory, then its worker. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { FileSystem } from 'aws-cdk-lib';
import { expect, onTestFinished, test } from 'vitest';
import { WORKER_CONTEXT, WORKER_DOCKERFILE, WORKER_FILES } from '../../infra/workerSource.ts';
import { toEnvironment } from '../../lib/cloud/deployment.ts';
import { startEmbeddedAws } from '../../lib/emulator/embeddedAws.ts';
import { instructionsOf, runStage } from '../../scripts/emulators/dockerfile.ts';
import { pythonWith } from '../support/pypi.ts';
import { requirement } from '../support/requirement.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const execute = promisify(execFile);
const PATIENCE_MS = 900_000;
const NETWORK_SETTINGS =
  /^(PATH|HOME|TMPDIR|PIP_\w+|SSL_\w+|NODE_EXTRA_CA_CERTS|\w+_proxy|npm_config_(registry|cafile|userconfig|globalconfig))$/i;
/** What npm and pip are set up with here, such as a mirror, is the user's; the rest is the Dockerfile's. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK_SETTINGS.test(name))),
  // As in the image, `node` is the Node that runs the worker.
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
};
const { missing } = await pythonWith('six==1.17.0');
const testWithPypi = requirement('pypi', missing);
const dockerfile = await readFile(join(WORKER_CONTEXT, WORKER_DOCKERFILE), 'utf8');

test('both variants end as another user than root, with a health check and the worker', () => {
  for (const stage of ['cpu', 'gpu']) {
    const instructions = instructionsOf(dockerfile, stage);
    expect(instructions.find(({ name }) => name === 'USER')?.rest).toBe('node');
    expect(instructions.find(({ name }) => name === 'HEALTHCHECK')?.rest).toContain(
      'functions/worker/health.ts',
    );
    expect(instructions.find(({ name }) => name === 'ENTRYPOINT')?.rest).toBe(
      '["node", "functions/worker/index.ts"]',
    );
  }
});

testWithPypi(
  'every CUDA library that the GPU variant names is in the index',
  async () => {
    const file = await readFile(join(WORKER_CONTEXT, 'functions/worker/cuda-requirements.txt'), 'utf8');
    const requirements = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(requirements.length).toBeGreaterThan(5);
    for (const requirement of requirements) {
      const [name = '', version = ''] = requirement.split('==');
      const index = ['-m', 'pip', '--disable-pip-version-check', 'index', 'versions', name];
      const platform = ['--platform', 'manylinux2014_x86_64', '--only-binary=:all:'];
      const { stdout } = await execute('python3', [...index, ...platform], { env: environment });
      const versions = /Available versions: (.*)/.exec(stdout)?.[1]?.split(', ');
      expect(versions, requirement).toContain(version);
    }
  },
  PATIENCE_MS,
);

test('the GPU variant looks for every CUDA library that it installs', async () => {
  const file = await readFile(join(WORKER_CONTEXT, 'functions/worker/cuda-requirements.txt'), 'utf8');
  const installed = [...file.matchAll(/^nvidia-([\w-]+)-cu12==/gm)].map(([, name = '']) =>
    name.replaceAll('-', '_'),
  );
  const path = instructionsOf(dockerfile, 'gpu').find(({ rest }) =>
    rest.startsWith('LD_LIBRARY_PATH='),
  )?.rest;
  const searched = [...(path ?? '').matchAll(/\/opt\/cuda\/nvidia\/(\w+)\/lib/g)].map(([, name]) => name);
  expect(searched.sort()).toEqual(installed.sort());
});

testWithPypi(
  'the CPU variant builds; its worker runs on tfjs-node, is healthy, and ends on SIGTERM',
  async () => {
    const root = await temporaryDirectory();
    // What CodeBuild and Docker are given, and no more.
    const context = await temporaryDirectory();
    FileSystem.copyDirectory(WORKER_CONTEXT, context, WORKER_FILES);
    const shared = { dockerfile, context, root, environment };
    await runStage({ ...shared, stage: 'build-cpu' });
    const { env, cwd } = await runStage({ ...shared, stage: 'cpu' });
    const alive = join(root, 'alive');
    const aws = await startEmbeddedAws({ directory: join(root, 'aws') });
    onTestFinished(() => aws.close());
    const worker = spawn(process.execPath, ['functions/worker/index.ts'], {
      cwd,
      env: {
        ...{ ...env, ...toEnvironment(aws.deployment) },
        ...{ PADMM_ALIVE_FILE: alive, PADMM_TASK_WAIT_SECONDS: '1' },
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void worker.kill('SIGKILL'));
    const ended = once(worker, 'exit');
    const [line] = await once(createInterface({ input: worker.stdout }), 'line');
    const started = JSON.parse(line) as Record<string, unknown>;
    expect(started).toMatchObject({ message: 'worker starts', fallback: false });
    expect(started.fingerprint).toMatch(/^tensorflow\//);
    const health = (file: string) =>
      execute(process.execPath, ['functions/worker/health.ts'], {
        cwd,
        env: { ...env, PADMM_ALIVE_FILE: file },
      });
    await health(alive);
    await expect(health(join(root, 'nothing'))).rejects.toThrow(/ENOENT/);
    worker.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
  PATIENCE_MS,
);
