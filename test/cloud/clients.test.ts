import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createClients, STEPS_FOR_AWS } from '../../lib/cloud/clients.ts';

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
  const stepsOf = ({ middlewareStack }: { readonly middlewareStack: { identify(): string[] } }) =>
    middlewareStack.identify().map((step) => step.split(' ')[0] ?? '');

  test('are all taken on AWS, and on loopback but for those that only AWS needs', () => {
    const plain = stepsOf(new S3Client({ region: 'eu-central-1' }));
    expect(plain).toEqual(expect.arrayContaining(STEPS_FOR_AWS));
    expect(stepsOf(createClients({ region: 'eu-central-1' }).s3)).toEqual(plain);
    const { s3, sqs } = createClients({ region: 'eu-central-1', endpoint: 'http://127.0.0.1:4566' });
    for (const steps of [stepsOf(s3), stepsOf(sqs)]) {
      expect(steps.filter((step) => STEPS_FOR_AWS.includes(step))).toEqual([]);
      expect(steps).toContain('retryMiddleware');
    }
  });
});
