import { expect, test } from 'vitest';
import { padmm } from '../support/commandLine.ts';

/** An environment in which the SDK finds no region, whatever this machine has set up. */
const nowhere = {
  AWS_REGION: '',
  AWS_DEFAULT_REGION: '',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

test('without a region it is said how to set one, and nothing is submitted', async () => {
  const { exitCode, stdout, stderr } = await padmm(['submit', 'examples/quickstart.json'], { env: nowhere });
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
  expect(stderr).toContain('AWS region: expected AWS_REGION or a profile with a region, received neither');
  expect(stderr).toContain('aws configure set region REGION');
});

test('a config that is wrong is told before any deployment is looked for', async () => {
  const { exitCode, stderr } = await padmm(['submit', 'no-such.json'], { env: nowhere });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('no-such.json: expected a readable text file in UTF-8, received no such file');
});
