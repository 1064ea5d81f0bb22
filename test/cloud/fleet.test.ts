import { expect, test } from 'vitest';
import { createEcsClient, Fleet, fleetFromEnvironment } from '../../lib/cloud/fleet.ts';
import { EnvironmentError } from '../../lib/errors.ts';

const options = { region: 'us-east-1', endpoint: 'http://127.0.0.1:1' };
const location = { cluster: 'cluster', service: 'service', maxWorkers: 4 };

/** A client of a service with so many tasks wanted; what is sent to it is kept. */
function answeringEcs(desiredCount: number | null) {
  const sent: object[] = [];
  const client = createEcsClient(options);
  const answer = async ({ input }: { input: object }) => {
    sent.push(input);
    const services =
      desiredCount === null ? [] : [{ desiredCount, runningCount: 1, events: [{ message: 'no capacity' }] }];
    return { response: {}, output: { services } };
  };
  const stack = client.middlewareStack as { add(middleware: () => typeof answer, where: object): void };
  stack.add(() => answer, { step: 'initialize', priority: 'high' });
  return { fleet: new Fleet(client, location), sent };
}

test('as many workers are wanted as there are tasks, but no more than the deployment allows', async () => {
  const { fleet, sent } = answeringEcs(0);
  expect(await fleet.want(3)).toBe(3);
  expect(await fleet.want(40)).toBe(4);
  const updates = sent.filter((input) => 'desiredCount' in input);
  expect(updates).toEqual([
    { cluster: 'cluster', service: 'service', desiredCount: 3 },
    { cluster: 'cluster', service: 'service', desiredCount: 4 },
  ]);
});

test('what is wanted already is not asked for again', async () => {
  const { fleet, sent } = answeringEcs(4);
  await fleet.want(9);
  expect(sent).toEqual([{ cluster: 'cluster', services: ['service'] }]);
});

test('the status tells why no worker runs', async () => {
  const { fleet } = answeringEcs(2);
  expect(await fleet.status()).toEqual({ desired: 2, running: 1, pending: 0, events: ['no capacity'] });
  await expect(answeringEcs(null).fleet.status()).rejects.toThrow(
    'cluster cluster: expected a service service, received none',
  );
});

test('an environment describes a fleet, none, or is refused by name', () => {
  const environment = { PADMM_CLUSTER: 'cluster', PADMM_SERVICE: 'service', PADMM_MAX_WORKERS: '4' };
  expect(fleetFromEnvironment(environment, options)).toBeInstanceOf(Fleet);
  expect(fleetFromEnvironment({}, options)).toBeNull();
  const wrong = () => fleetFromEnvironment({ ...environment, PADMM_MAX_WORKERS: 'many' }, options);
  expect(wrong).toThrow(EnvironmentError);
  expect(wrong).toThrow(/PADMM_MAX_WORKERS: expected number, received "many"/);
});
