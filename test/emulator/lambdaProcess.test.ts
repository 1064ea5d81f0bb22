import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LambdaFunction } from '../../lib/emulator/lambdaFunction.ts';
import { FunctionError, type LambdaOptions, LambdaProcess } from '../../lib/emulator/lambdaProcess.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { eventually, fixture, isAlive } from './processes.ts';

interface Echo {
  readonly invocations: number;
  readonly pid: number;
  readonly requestId: string;
}

async function newOptions(entry: string, timeoutMs = 60_000): Promise<LambdaOptions> {
  return {
    entry: fixture(entry),
    functionName: 'under-test',
    timeoutMs,
    environment: { SETTING: 'given' },
    logFile: join(await temporaryDirectory(), 'function.log'),
  };
}

async function newProcess(entry: string, timeoutMs?: number): Promise<LambdaProcess> {
  const lambda = new LambdaProcess(await newOptions(entry, timeoutMs));
  onTestFinished(() => lambda.close());
  return lambda;
}

describe('a function in a process of its own', () => {
  test('is loaded once, and gets event, context and just the environment given', async () => {
    const options = await newOptions('echo');
    process.env.NOT_GIVEN = 'of the parent';
    onTestFinished(() => void delete process.env.NOT_GIVEN);
    const lambda = new LambdaProcess(options);
    onTestFinished(() => lambda.close());

    const first = (await lambda.invoke({ a: [1, 'θ', null] })) as Echo;
    expect(first).toEqual({
      event: { a: [1, 'θ', null] },
      invocations: 1,
      pid: lambda.pid,
      setting: 'given',
      functionName: 'under-test',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      remains: true,
    });
    const second = (await lambda.invoke({})) as Echo;
    expect(second).toMatchObject({ invocations: 2, pid: first.pid });
    expect(second.requestId).not.toBe(first.requestId);
    expect(await readFile(options.logFile, 'utf8')).toBe('loaded\n');
  });

  test('a thrown error fails its invocation and leaves the process', async () => {
    const lambda = await newProcess('echo');
    const invoking = lambda.invoke({ fail: 'throw' });
    await expect(invoking).rejects.toThrow(FunctionError);
    await expect(invoking).rejects.toThrow('function under-test: RangeError: out of range');
    expect(await lambda.invoke({})).toMatchObject({ invocations: 2 });
  });

  test('a crash fails its invocation, and the next one has a fresh process', async () => {
    const lambda = await newProcess('echo');
    const { pid } = (await lambda.invoke({})) as Echo;
    await expect(lambda.invoke({ fail: 'exit' })).rejects.toMatchObject({
      errorType: 'Runtime.ExitError',
      message: expect.stringContaining('runtime exited with exit status 3'),
    });
    expect(lambda.pid).toBeNull();
    const next = (await lambda.invoke({})) as Echo;
    expect(next.invocations).toBe(1);
    expect(next.pid).not.toBe(pid);
  });

  test('a process killed from outside fails the invocation under way', async () => {
    const lambda = await newProcess('echo');
    const { pid } = (await lambda.invoke({})) as Echo;
    const invoking = lambda.invoke({ fail: 'hang' });
    process.kill(pid, 'SIGKILL');
    await expect(invoking).rejects.toThrow('Runtime.ExitError: runtime exited with signal SIGKILL');
    expect(await lambda.invoke({})).toMatchObject({ invocations: 1 });
  });

  test('a process killed between two invocations is replaced', async () => {
    const lambda = await newProcess('echo');
    const { pid } = (await lambda.invoke({})) as Echo;
    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(lambda.pid).toBeNull());
    expect(await lambda.invoke({})).toMatchObject({ invocations: 1 });
  });

  test('the time-out kills the process', async () => {
    const lambda = await newProcess('echo', 1_000);
    const { pid } = (await lambda.invoke({})) as Echo;
    await expect(lambda.invoke({ fail: 'hang' })).rejects.toMatchObject({
      errorType: 'Sandbox.Timedout',
      message: expect.stringContaining('timed out after 1.00 seconds'),
    });
    expect(isAlive(pid)).toBe(false);
    expect(await lambda.invoke({})).toMatchObject({ invocations: 1 });
  });

  test.each([
    ['broken', 'Runtime.InitError: this module cannot be loaded'],
    ['aws.absent', 'Runtime.InitError: Cannot find module'],
    ['handler.none', 'Runtime.InitError'],
  ])('%s cannot be loaded: every invocation says so', async (entry, message) => {
    const lambda = await newProcess(entry);
    await expect(lambda.invoke({})).rejects.toThrow(message);
    await expect(lambda.invoke({})).rejects.toThrow(message);
    expect(lambda.pid).toBeNull();
  });
});

describe('a function with several environments', () => {
  test('starts one only when all others are busy', async () => {
    const lambda = new LambdaFunction(await newOptions('echo'));
    onTestFinished(() => lambda.close());
    const [a, b] = (await Promise.all([lambda.invoke({}), lambda.invoke({})])) as [Echo, Echo];
    expect(a.pid).not.toBe(b.pid);
    const c = (await lambda.invoke({})) as Echo;
    expect([a.pid, b.pid]).toContain(c.pid);
    expect(lambda.pids.sort()).toEqual([a.pid, b.pid].sort());
    await lambda.close();
    expect([a.pid, b.pid].map(isAlive)).toEqual([false, false]);
  });
});
