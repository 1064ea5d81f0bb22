/** The CDK against an emulator: bootstrap and deploy of this project's app, as a user would on AWS. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const CDK = join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const TIMEOUT_MS = 600_000;
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

export interface CdkOptions {
  readonly endpoint: string;
  /** Of the emulator's only account. */
  readonly account?: string;
  /** Takes the cloud assembly, and what the CDK remembers of this emulator. */
  readonly directory: string;
  /** Settings of the deployment, as `-c NAME=VALUE`. */
  readonly context: Readonly<Record<string, string>>;
}

/** What makes SDK and CDK go to the emulator and nowhere else, whatever the user has set up. */
export function emulatorEnvironment(endpoint: string, directory: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: directory,
    CDK_HOME: join(directory, 'cdk'),
    CDK_DISABLE_VERSION_CHECK: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_COLOR: '1',
  };
}

async function cdk(words: readonly string[], { endpoint, directory }: CdkOptions): Promise<void> {
  await execute(process.execPath, [CDK, ...words, '--no-notices', '--ci'], {
    cwd: PROJECT,
    env: emulatorEnvironment(endpoint, directory),
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
}

/** Deploys the stack `padmm`. @throws where the CDK fails, with all that it said. */
export async function deployTo(options: CdkOptions): Promise<void> {
  const { account = ACCOUNT, context, directory } = options;
  await cdk(['bootstrap', `aws://${account}/${REGION}`], options);
  const settings = Object.entries(context).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
  const assembly = ['--output', join(directory, 'cdk.out')];
  await cdk(
    ['deploy', '--require-approval', 'never', '--method', 'direct', ...assembly, ...settings],
    options,
  );
}
