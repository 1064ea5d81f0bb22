import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ObjectStore } from '../../lib/cloud/objectStore.ts';
import {
  type LocalDeployment,
  type LocalDeploymentOptions,
  openLocalDeployment,
} from '../../lib/emulator/localDeployment.ts';
import { openLocalStore } from '../../lib/emulator/localStore.ts';
import { EnvironmentError } from '../../lib/errors.ts';
import { collect } from '../contract/collect.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { eventually, fixture, isAlive } from './processes.ts';

const options = (directory: string): LocalDeploymentOptions => ({
  directory,
  workers: 2,
  coordinatorEntry: fixture('coordinator'),
  workerEntry: fixture('worker'),
  threads: 3,
  backend: 'cpu',
});

async function open(directory: string): Promise<LocalDeployment> {
  const local = await openLocalDeployment(options(directory));
  onTestFinished(() => local.close());
  return local;
}

const keysOf = async (store: ObjectStore, prefix: string): Promise<string[]> =>
  (await collect(store.list(prefix))).map(({ key }) => key.slice(prefix.length));

describe('a deployment on this machine', () => {
  test('carries tasks to workers and results to the coordinator, whoever is killed', async () => {
    const local = await open(await temporaryDirectory());
    const { store, tasks } = local.connection;
    const bodies = Array.from({ length: 60 }, (_, i) => `${100 + i}`);
    await tasks.send(bodies.slice(0, 20));
    await eventually(async () => expect((await keysOf(store, 'taken/')).length).toBeGreaterThan(0));
    for (const pid of [...local.coordinatorPids, ...local.workerPids.slice(0, 1)])
      process.kill(pid, 'SIGKILL');
    await tasks.send(bodies.slice(20));
    await eventually(async () => expect(await keysOf(store, 'taken/')).toEqual(bodies));
    expect(await keysOf(store, 'done/')).toEqual(bodies);
    expect(Buffer.from((await store.get('done/100'))?.body ?? '').toString()).toBe('3 cpu');
  });

  test('ends everything, and leaves its objects', async () => {
    const directory = await temporaryDirectory();
    const local = await openLocalDeployment(options(directory));
    await local.connection.tasks.send(['one']);
    await eventually(async () => expect(await keysOf(local.connection.store, 'taken/')).toEqual(['one']));
    const pids = [...local.workerPids, ...local.coordinatorPids];
    expect(pids.length).toBeGreaterThanOrEqual(3);
    await local.close();
    await local.close();
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(fetch(`${local.deployment.endpoint}/health`)).rejects.toThrow();
    for (const index of [0, 1]) {
      expect(await readFile(join(directory, 'logs', `worker-${index}.log`), 'utf8')).toBe('left in peace\n');
    }
    await expect(access(join(directory, 'session.json'))).rejects.toThrow('ENOENT');

    const store = await openLocalStore({ directory });
    expect(store.live).toBe(false);
    expect(await keysOf(store.connection.store, 'done/')).toEqual(['one']);
    await store.close();
  });

  test('is one at a time in a directory; others look through it', async () => {
    const directory = await temporaryDirectory();
    const local = await open(directory);
    const second = openLocalDeployment(options(directory));
    await expect(second).rejects.toThrow(EnvironmentError);
    await expect(second).rejects.toThrow(`${directory}: in use by process ${process.pid}`);

    const looking = await openLocalStore({ directory });
    expect(looking).toMatchObject({ live: true, deployment: local.deployment });
    await local.connection.store.create('runs/a', 'seen at once');
    expect(await keysOf(looking.connection.store, 'runs/')).toEqual(['a']);
    await looking.close();
    expect(await keysOf(local.connection.store, 'runs/')).toEqual(['a']);
  });

  test('leaves nothing behind where it cannot start', async () => {
    const first = await open(await temporaryDirectory());
    const directory = await temporaryDirectory();
    const port = Number(new URL(first.deployment.endpoint ?? '').port);
    await expect(openLocalDeployment({ ...options(directory), port })).rejects.toThrow(`port ${port}`);
    const store = await openLocalStore({ directory });
    expect(store.live).toBe(false);
    await store.close();
  });
});
