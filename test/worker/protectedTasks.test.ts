import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { EcsTaskProtection } from '../../lib/cloud/taskProtection.ts';
import { ProtectedTasks } from '../../lib/worker/protectedTasks.ts';
import { MemoryTaskQueue } from '../support/memoryCloud.ts';

const MINUTE_MS = 60_000;

function protectedQueue(set: (minutes: number) => Promise<void>) {
  const queue = new MemoryTaskQueue();
  const clock = { nowMs: 0 };
  const errors: unknown[] = [];
  const tasks = new ProtectedTasks(queue, {
    protection: { set },
    onError: (error) => errors.push(error),
    clockMs: () => clock.nowMs,
  });
  const work = async () => {
    await queue.send(['task']);
    const message = await tasks.receive(0);
    if (message !== null) await tasks.acknowledge(message);
  };
  return { tasks, clock, errors, work };
}

test('protection is taken with the first task, kept between tasks, and dropped after an idle minute', async () => {
  const calls: number[] = [];
  const { tasks, clock, work } = protectedQueue(async (minutes) => {
    calls.push(minutes);
  });
  await tasks.receive(0);
  expect(calls).toEqual([]);
  await work();
  await work();
  expect(calls).toEqual([30]);
  clock.nowMs += MINUTE_MS - 1;
  await tasks.receive(0);
  expect(calls).toEqual([30]);
  clock.nowMs += 1;
  await tasks.receive(0);
  await tasks.receive(0);
  expect(calls).toEqual([30, 0]);
  await work();
  expect(calls).toEqual([30, 0, 30]);
});

test('protection is renewed before it ends', async () => {
  const calls: number[] = [];
  const { clock, work } = protectedQueue(async (minutes) => {
    calls.push(minutes);
  });
  for (let minute = 0; minute <= 30; minute++) {
    await work();
    clock.nowMs += MINUTE_MS;
  }
  expect(calls).toEqual([30, 30, 30]);
});

test('a worker without protection works on, and asks again', async () => {
  const { errors, work } = protectedQueue(() => Promise.reject(new Error('no agent')));
  await work();
  await work();
  expect(errors).toHaveLength(2);
});

test('the agent is asked as ECS documents it, and its refusal is told', async () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${body}`);
      response.statusCode = requests.length < 3 ? 200 : 400;
      response.end('{"error":{"Code":"TASK_NOT_VALID"}}');
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => void server.close());
  const agent = new EcsTaskProtection(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/1`);
  await agent.set(30);
  await agent.set(0);
  expect(requests).toEqual([
    'PUT /api/1/task-protection/v1/state {"ProtectionEnabled":true,"ExpiresInMinutes":30}',
    'PUT /api/1/task-protection/v1/state {"ProtectionEnabled":false}',
  ]);
  await expect(agent.set(30)).rejects.toThrow(/expected status 200, received 400 .*TASK_NOT_VALID/);
});
