/** The CDK app as the CDK starts it. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { projectDirectory } from '../support/commandLine.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';

const execute = promisify(execFile);

export interface AppOutcome {
  readonly code: number;
  readonly stderr: string;
  /** Names of the templates that it wrote. */
  readonly templates: readonly string[];
}

/** Starts the app with settings as context, and with what the CDK tells it by the environment. */
export async function runApp(
  settings: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv = {},
): Promise<AppOutcome> {
  const directory = await temporaryDirectory();
  const outcome = await execute(process.execPath, ['infra/app.ts'], {
    cwd: projectDirectory,
    env: {
      ...{ PATH: process.env.PATH, CDK_OUTDIR: directory, ...environment },
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...settings }),
    },
  }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );
  const templates = (await readdir(directory)).filter((name) => name.endsWith('.template.json'));
  return { ...outcome, templates };
}
