import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WorkerProcesses } from '../../lib/emulator/workerProcesses.ts';
import { EnvironmentError } from '../../lib/errors.ts';
import { temporaryDirectory } from '../support/temporaryDirectory.ts';
import { eventually, fixture, isAlive, killHard, startFixture } from './processes.ts';

async function startWorkers(entry: string, count: number) {
  const logDirectory = await temporaryDirectory();
  const lines: string[] = [];
  const workers = new WorkerProcesses({
    count,
    entry: fixture(entry),
    environment: process.env,
    logDirectory,
    graceMs: 500,
    log: (line) => lines.push(line),
  });
  workers.start();
  onTestFinished(() => workers.stop());
  return {
    workers,
    lines,
    logOf: (index: number) => readFile(join(logDirectory, `worker-${index}.log`), 'utf8'),
  };
}

describe('worker processes', () => {
  test('one that was killed is started again', async () => {
    const { workers, lines, logOf } = await startWorkers('stubborn', 2);
    await eventually(async () => expect(await logOf(0)).toBe('up\n'));
    const [first = 0, second = 0] = workers.pids;
    process.kill(first, 'SIGKILL');
    await eventually(async () => expect(await logOf(0)).toBe('up\nup\n'));
    expect(workers.pids).toHaveLength(2);
    expect(workers.pids).toContain(second);
    expect(workers.pids).not.toContain(first);
    expect(lines).toEqual(['worker 0 ended with signal SIGKILL']);
  });

  test('those that do not leave are killed, and none is started again', async () => {
    const { workers, lines, logOf } = await startWorkers('stubborn', 2);
    await eventually(async () => expect((await logOf(0)) + (await logOf(1))).toBe('up\nup\n'));
    const { pids } = workers;
    await workers.stop();
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(workers.pids).toEqual([]);
    expect(await logOf(1)).toBe('up\nno\n');
    expect(lines).toEqual([]);
  });

  test('those that cannot start are reported with their log', async () => {
    const { workers, logOf } = await startWorkers('hopeless', 1);
    const failure = await workers.failure;
    expect(failure).toBeInstanceOf(EnvironmentError);
    expect(failure.message).toMatch(
      /worker 0: ended 5 times right after its start, last with exit status 1; see .*worker-0\.log/,
    );
    expect(await logOf(0)).toContain('a module is missing');
  });

  test.each(['stubborn', 'endless'])('end when their parent is killed, as %s as they are', async (entry) => {
    const logDirectory = await temporaryDirectory();
    const { child, said } = await startFixture('parent', fixture(entry), logDirectory);
    const { pids } = said as { pids: number[] };
    for (const index of [0, 1]) {
      await eventually(async () =>
        expect(await readFile(join(logDirectory, `worker-${index}.log`), 'utf8')).toBe('up\n'),
      );
    }
    expect(pids.map(isAlive)).toEqual([true, true]);
    await killHard(child);
    await eventually(() => expect(pids.map(isAlive)).toEqual([false, false]));
  });
});
