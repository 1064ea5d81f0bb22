/** The commands that CodeBuild runs, run by a shell; Docker and the AWS CLI, which are not here, note what they are told. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileSystem } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { WORKER_CONTEXT, WORKER_FILES } from '../../infra/workerSource.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { templateOf } from './synthesise.ts';

const execute = promisify(execFile);
const ENVIRONMENT = { IMAGE: 'registry.example/worker:cpu-1', REGISTRY: 'registry.example' };

/** Notes its words; `docker build` looks for the Dockerfile. What it is told to fail in, it fails in. */
const DOCKER = `#!/bin/sh
echo "docker $*" >> "$NOTES"
case "$1" in
  login) [ "$(cat)" = token ] || exit 1 ;;
  build) [ -f functions/worker/Dockerfile ] && [ -f package-lock.json ] && [ -d lib ] || exit 1 ;;
esac
case " $FAILS " in *" $1 "*) exit 1 ;; esac
`;
const AWS = `#!/bin/sh
echo "aws $*" >> "$NOTES"
echo token
`;

interface Phases {
  readonly phases: Readonly<Record<string, { readonly commands: readonly string[] }>>;
}

/** Runs the phases as CodeBuild does, each command in a shell, to the first that fails (its "Build spec reference"). */
async function build(variant: 'gpu' | 'cpu', fails: string) {
  const [project] = Object.values(templateOf({ compute: variant }).findResources('AWS::CodeBuild::Project'));
  const { phases } = JSON.parse(project?.Properties.Source.BuildSpec) as Phases;
  const root = await temporaryDirectory();
  const [binaries, source, notes] = ['bin', 'source', 'notes'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(binaries);
  FileSystem.copyDirectory(WORKER_CONTEXT, source, WORKER_FILES);
  for (const [name, script] of Object.entries({ docker: DOCKER, aws: AWS })) {
    await writeFile(join(binaries, name), script);
    await chmod(join(binaries, name), 0o755);
  }
  const env = { ...ENVIRONMENT, PATH: `${binaries}:${process.env.PATH}`, NOTES: notes, FAILS: fails };
  const commands = ['pre_build', 'build'].flatMap((phase) => phases[phase]?.commands ?? []);
  let succeeded = true;
  for (const command of commands) {
    if (!succeeded) break;
    succeeded = await execute('sh', ['-c', command], { cwd: source, env }).then(
      () => true,
      () => false,
    );
  }
  return { succeeded, told: (await readFile(notes, 'utf8')).trim().split('\n') };
}

const LOGIN = ['aws ecr get-login-password', 'docker login --username AWS --password-stdin registry.example'];
const LOOK = `docker manifest inspect ${ENVIRONMENT.IMAGE}`;
const BUILD = (variant: string) =>
  `docker build --target ${variant} --file functions/worker/Dockerfile --tag ${ENVIRONMENT.IMAGE} .`;

test.for(['gpu', 'cpu'] as const)('an image that is not there is built and pushed: %s', async (variant) => {
  const { succeeded, told } = await build(variant, 'manifest');
  expect(succeeded).toBe(true);
  expect(told.toSorted()).toEqual(
    [...LOGIN, LOOK, BUILD(variant), `docker push ${ENVIRONMENT.IMAGE}`].toSorted(),
  );
  expect(told.slice(-3)).toEqual([LOOK, BUILD(variant), `docker push ${ENVIRONMENT.IMAGE}`]);
});

test('one that is there is left as it is', async () => {
  const { succeeded, told } = await build('cpu', 'nothing');
  expect(succeeded).toBe(true);
  expect(told.at(-1)).toBe(LOOK);
});

test('one that cannot be built is not pushed, and the build has failed', async () => {
  const { succeeded, told } = await build('cpu', 'manifest build');
  expect(succeeded).toBe(false);
  expect(told.at(-1)).toBe(BUILD('cpu'));
});

test('a registry that lets nobody in fails the build before anything is built', async () => {
  const { succeeded, told } = await build('cpu', 'login');
  expect(succeeded).toBe(false);
  expect(told.toSorted()).toEqual(LOGIN.toSorted());
});
