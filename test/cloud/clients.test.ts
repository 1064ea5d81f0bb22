import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClients, IDLE_STEPS, STEPS_FOR_AWS } from '../../lib/cloud/clients.ts';

describe('credentials', () => {
  afterEach(() => vi.unstubAllEnvs());

  test.each(['http://127.0.0.1:4566', 'http://localhost:4566', 'http://[::1]:4566'])(
    'an emulator at %s needs none of the user’s',
    async (endpoint) => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
      const { sqs } = createClients({ region: 'us-east-1', endpoint });
      expect((await sqs.config.credentials()).accessKeyId).toBe('emulator');
    },
  );

  test.each([undefined, 'http://127.0.0.1:4566', 'https://emulator.example.org'])(
    'keys of the environment are used with endpoint %s',
    async (endpoint) => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
      const { s3 } = createClients({ region: 'us-east-1', ...(endpoint === undefined ? {} : { endpoint }) });
      expect((await s3.config.credentials()).accessKeyId).toBe('AKIAEXAMPLE');
    },
  );

  test('a host elsewhere never gets the made-up ones', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_PROFILE', 'a-profile-that-is-not-there');
    const { s3 } = createClients({ region: 'us-east-1', endpoint: 'https://127.0.0.1.example.org' });
    await expect(s3.config.credentials()).rejects.toThrow('Could not load credentials');
  });
});

test('buckets are in the path on an emulator and in the host name on AWS', () => {
  expect(
    createClients({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' }).s3.config.forcePathStyle,
  ).toBe(true);
  expect(createClients({ region: 'us-east-1' }).s3.config.forcePathStyle).toBe(false);
});

describe('steps of a request', () => {
  const stepsOf = ({ middlewareStack }: S3Client) =>
    middlewareStack.identify().map((step) => step.split(' ')[0] ?? '');
  const sharedBy = (client: S3Client, steps: readonly string[]) =>
    steps.filter((step) => stepsOf(client).includes(step));

  test('that are left out are those that the SDK has', () => {
    const steps = [...IDLE_STEPS, ...STEPS_FOR_AWS];
    expect(sharedBy(new S3Client({ region: 'eu-central-1' }), steps)).toEqual(steps);
  });

  test('that tell AWS who asks are left out on loopback alone', () => {
    const aws = createClients({ region: 'eu-central-1' });
    expect(sharedBy(aws.s3, [...IDLE_STEPS, ...STEPS_FOR_AWS])).toEqual(STEPS_FOR_AWS);
    const local = createClients({ region: 'eu-central-1', endpoint: 'http://127.0.0.1:4566' });
    expect(sharedBy(local.s3, [...IDLE_STEPS, ...STEPS_FOR_AWS])).toEqual([]);
    expect(stepsOf(local.s3)).toContain('retryMiddleware');
  });
});
