import { describe, expect, test } from 'vitest';
import { type Deployment, deploymentFromEnvironment, toEnvironment } from '../../lib/cloud/deployment.ts';
import { EnvironmentError } from '../../lib/errors.ts';

const deployment: Deployment = {
  region: 'eu-central-1',
  bucket: 'bucket',
  tasksQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/tasks',
  resultsQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/results.fifo',
};

describe('a deployment in the environment', () => {
  test.each([deployment, { ...deployment, endpoint: 'http://127.0.0.1:4566' }])(
    'goes there and back: %o',
    (given) => {
      expect(deploymentFromEnvironment(toEnvironment(given))).toEqual(given);
    },
  );

  test('an empty endpoint is none', () => {
    expect(deploymentFromEnvironment({ ...toEnvironment(deployment), PADMM_ENDPOINT: '' })).toEqual(
      deployment,
    );
  });

  test("the SDK's own variable names an endpoint where this project's does not", () => {
    const environment = { ...toEnvironment(deployment), AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    expect(deploymentFromEnvironment(environment).endpoint).toBe('http://127.0.0.1:1');
    const both = { ...environment, PADMM_ENDPOINT: 'http://127.0.0.1:2' };
    expect(deploymentFromEnvironment(both).endpoint).toBe('http://127.0.0.1:2');
  });

  test('everything missing is named at once', () => {
    const { PADMM_BUCKET: _bucket, AWS_REGION: _region, ...rest } = toEnvironment(deployment);
    expect(() => deploymentFromEnvironment(rest)).toThrow(EnvironmentError);
    expect(() => deploymentFromEnvironment(rest)).toThrow(/AWS_REGION: expected.*\n.*PADMM_BUCKET: expected/);
  });

  test.each(['PADMM_ENDPOINT', 'AWS_ENDPOINT_URL', 'PADMM_TASKS_QUEUE_URL', 'PADMM_RESULTS_QUEUE_URL'])(
    '%s must be a URL',
    (name) => {
      const environment = { ...toEnvironment(deployment), [name]: 'localhost:4566' };
      expect(() => deploymentFromEnvironment(environment)).toThrow(
        `${name}: expected an http or https URL, received "localhost:4566"`,
      );
    },
  );
});
