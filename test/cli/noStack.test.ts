/** Deployments that cannot be used: each is told with what mends it, and nothing is written. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLocalStore } from '../../lib/emulator/localStore.ts';
import { PROTOCOL_VERSION } from '../../lib/protocol/messages.ts';
import { padmm } from '../support/commandLine.ts';
import { errorXml, type RecordedStackOptions, recordStack } from '../support/recordedStack.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { smallConfig } from '../system/localRun.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'some', AWS_SECRET_ACCESS_KEY: 'other' };
const NO_FILES = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
const NOWHERE = { AWS_EC2_METADATA_DISABLED: 'true', AWS_PROFILE: undefined };
const NO_KEYS = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
};

/** Submits to a stack in front of an empty store; gives what was said, and every key that was stored. */
async function submitTo(
  options: RecordedStackOptions,
  { words = [], env = {} }: { words?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
) {
  const directory = await temporaryDirectory();
  const local = await openLocalStore({ directory: join(directory, 'cloud') });
  onTestFinished(() => local.close());
  const stack = await recordStack(local.deployment, options);
  onTestFinished(() => stack.close());
  await writeFile(join(directory, 'run.json'), JSON.stringify(smallConfig()));
  const outcome = await padmm(['submit', 'run.json', '--endpoint', stack.endpoint, ...words], {
    cwd: directory,
    env: { AWS_REGION: 'us-east-1', ...NO_FILES, ...NOWHERE, ...KEYS, ...env },
  });
  const keys: string[] = [];
  for await (const { key } of local.connection.store.list('')) keys.push(key);
  return { ...outcome, keys, wanted: stack.wanted };
}

const error = (status: number, code: string, message: string): RecordedStackOptions => ({
  answer: (action) => (action === 'DescribeStacks' ? { status, body: errorXml(code, message) } : undefined),
});

test('what is compared with: a stack that is as it should be takes the run', async () => {
  const { exitCode, keys, wanted } = await submitTo({});
  expect({ exitCode, wanted }).toEqual({ exitCode: 0, wanted: [4] });
  expect(keys.filter((key) => key.endsWith('state.json'))).toHaveLength(1);
});

test.each<[string, RecordedStackOptions, string, readonly string[]]>([
  [
    'of another version',
    { outputs: { PadmmVersion: '999' } },
    `stack padmm: expected protocol version ${PROTOCOL_VERSION}, received 999; bring it up to date with: npx cdk deploy -c stack=padmm`,
    [],
  ],
  [
    'of something else',
    { outputs: { PadmmBucket: undefined } },
    'expected an output PadmmBucket (Name of the bucket), received none; is it a stack of padmm?',
    [],
  ],
  [
    'that is not there',
    {},
    'stack other in us-east-1: expected a deployment, received none; deploy it with: npx cdk deploy -c stack=other',
    ['--stack', 'other'],
  ],
  [
    'under a session that has expired',
    error(403, 'ExpiredToken', 'The security token included in the request is expired'),
    'stack padmm in us-east-1: expected AWS credentials that are valid, received ExpiredToken',
    [],
  ],
  [
    'that one may not look at',
    error(403, 'AccessDenied', 'User: someone is not authorized to perform: cloudformation:DescribeStacks'),
    'is not authorized to perform: cloudformation:DescribeStacks; ask for the action that the message names',
    [],
  ],
])('a stack %s', async (_, options, message, words) => {
  const { exitCode, stdout, stderr, keys, wanted } = await submitTo(options, { words });
  expect({ exitCode, stdout, keys, wanted }).toEqual({ exitCode: 3, stdout: '', keys: [], wanted: [] });
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('unexpected error');
});

test('a profile that is not there', async () => {
  const { exitCode, stdout, stderr, keys } = await submitTo(
    {},
    { words: ['--profile', 'nobody'], env: NO_KEYS },
  );
  expect({ exitCode, stdout, keys }).toEqual({ exitCode: 3, stdout: '', keys: [] });
  expect(stderr).toContain(
    'stack padmm in us-east-1: expected AWS credentials, received CredentialsProviderError',
  );
  expect(stderr).toContain('aws sso login');
});

test('an endpoint that nobody listens on', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'run.json'), JSON.stringify(smallConfig()));
  for (const words of [['submit', 'run.json'], ['list'], ['status', 'latest']]) {
    const { exitCode, stdout, stderr } = await padmm([...words, '--endpoint', 'http://127.0.0.1:1'], {
      cwd: directory,
      env: { AWS_REGION: 'us-east-1', ...NO_FILES },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('stack padmm in us-east-1: expected an answer, received');
  }
});

test('a directory and a stack exclude each other', async () => {
  const { exitCode, stderr } = await padmm(['list', '--dir', '.padmm', '--stack', 'padmm']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("option '--dir <directory>' cannot be used with option '--stack <name>'");
});
