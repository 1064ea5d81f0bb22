/** The construct in a CDK app of somebody else, in a directory of its own, its functions bundled. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectDirectory } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const execute = promisify(execFile);
/** Bundling takes seconds; on a machine that is busy with other tests, many. */
const PATIENCE_MS = 300_000;
const MEGABYTE = 1e6;
/** What a user's package.json would have, found where npm puts it. */
const INSTALLED = ['aws-cdk-lib', 'constructs', 'esbuild'];

const APP = `
import { App, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { PadmmTraining } from ${JSON.stringify(join(projectDirectory, 'infra', 'index.ts'))};

const app = new App();
const stack = new Stack(app, 'Speech');
const training = new PadmmTraining(stack, 'Training', { compute: 'cpu', workerImage: 'public.ecr.aws/some/worker:1' });
new events.CfnArchive(stack, 'Other', { sourceArn: training.topic.topicArn });
app.synth();
`;

test(
  'it synthesises with bundled functions beside resources of the app’s own',
  async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'node_modules'));
    for (const name of INSTALLED) {
      await symlink(join(projectDirectory, 'node_modules', name), join(directory, 'node_modules', name));
    }
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    await writeFile(join(directory, 'package-lock.json'), '{}');
    await writeFile(join(directory, 'app.ts'), APP);
    const outdir = join(directory, 'cdk.out');
    await execute(process.execPath, ['app.ts'], {
      cwd: directory,
      env: { PATH: process.env.PATH, CDK_OUTDIR: outdir },
    });
    const template = JSON.parse(await readFile(join(outdir, 'Speech.template.json'), 'utf8'));
    const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(2);
    expect(types).toContain('AWS::ECS::Service');
    expect(Object.keys(template.Outputs)).toContain('PadmmBucket');
    const assets = (await readdir(outdir)).filter((name) => name.startsWith('asset.'));
    const bundles = await Promise.all(assets.map((name) => stat(join(outdir, name, 'index.mjs'))));
    expect(bundles).toHaveLength(2);
    for (const { size } of bundles) expect(size).toBeLessThan(MEGABYTE);
  },
  PATIENCE_MS,
);
