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
  /** Whether the CDK has keys; it has by default. */
  readonly hasCredentials?: boolean;
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

const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined } as const;

async function cdk(words: readonly string[], options: CdkOptions): Promise<void> {
  const { endpoint, directory, hasCredentials = true } = options;
  await execute(process.execPath, [CDK, ...words, '--no-notices', '--ci'], {
    cwd: PROJECT,
    env: { ...emulatorEnvironment(endpoint, directory), ...(hasCredentials ? {} : NO_KEYS) },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT_BYTES,
  });
}

const assemblyOf = ({ directory }: CdkOptions): string => join(directory, 'cdk.out');

/** Synthesises the stack `padmm` once, for any number of deployments. @throws where the CDK fails, as all of these do. */
export async function synthesise(options: CdkOptions): Promise<void> {
  const settings = Object.entries(options.context).flatMap(([name, value]) => [
    ...['--context', `${name}=${value}`],
  ]);
  await cdk(['synth', '--quiet', '--output', assemblyOf(options), ...settings], options);
}

/** Prepares the account for deployments. The CDK synthesises for it, into a place that nobody else writes to at the time. */
export function bootstrap(options: CdkOptions): Promise<void> {
  const output = join(options.directory, 'bootstrap.out');
  return cdk(['bootstrap', `aws://${options.account ?? ACCOUNT}/${REGION}`, '--output', output], options);
}

/** Deploys what was synthesised. */
export const deploy = (options: CdkOptions): Promise<void> =>
  cdk(['deploy', '--require-approval', 'never', '--method', 'direct', '--app', assemblyOf(options)], options);

/** Prepares an account and deploys the stack `padmm` there. */
export async function deployTo(options: CdkOptions): Promise<void> {
  await Promise.all([bootstrap(options), synthesise(options)]);
  await deploy(options);
}
