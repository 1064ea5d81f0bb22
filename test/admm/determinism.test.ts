import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeOnBackends } from '../support/backends.ts';

const run = promisify(execFile);
const program = new URL('./solveOnce.ts', import.meta.url).pathname;

/** The digest of a solution, made by a process of its own. */
const digestFrom = async (threads: number): Promise<string> =>
  (await run(process.execPath, [program, String(threads)])).stdout.trim();

describeOnBackends('a solution has the same bytes', () => {
  test('from process to process, and with one thread and with two', async () => {
    const [one, again, two, twoAgain] = [
      await digestFrom(1),
      await digestFrom(1),
      await digestFrom(2),
      await digestFrom(2),
    ];
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(again).toBe(one);
    expect(twoAgain).toBe(two);
    // With other batch sizes the number of threads may change the rounding: it is part of the fingerprint.
    expect(two).toBe(one);
  });
}, ['tensorflow']);
